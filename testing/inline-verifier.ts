import type { Refusal } from "../protocol/refusal.ts";
import { compileGame, type GameModule, ModuleError } from "../server/module/game-module.ts";
import type { Room } from "../server/room/room.ts";
import {
	type FreshTrial,
	runFreshTrial,
	runTrial,
	type TrialRefusal,
	type TrialResult,
} from "../server/swap/trial.ts";
import { type Candidate, trialRoomOf, type Verifier } from "../server/swap/verifier.ts";

/** Tries candidates at once in this thread, and answers after `wait`: for virtual time. */
export class InlineVerifier implements Verifier {
	private readonly wait: () => Promise<void>;

	constructor(wait: () => Promise<void>) {
		this.wait = wait;
	}

	async compile({ bytes, origin, sourceMap }: Candidate): Promise<GameModule | Refusal> {
		await this.wait();
		try {
			return compileGame(bytes, origin, sourceMap);
		} catch (thrown) {
			if (!(thrown instanceof ModuleError)) throw thrown;
			return { error: thrown.name, detail: thrown.message };
		}
	}

	/** The past is that of the moment of the question; the rooms go on until the answer. */
	async tryOn(room: Room, candidate: GameModule): Promise<TrialResult | Refusal | null> {
		const trial = trialRoomOf(room);
		if (trial === null) return null;
		const { module } = room.game;
		await this.wait();
		return shown(runTrial(module, candidate.module, trial, () => 0));
	}

	async tryFresh(trial: FreshTrial, candidate: GameModule): Promise<TrialResult | Refusal> {
		await this.wait();
		return shown(runFreshTrial(candidate.module, trial, () => 0));
	}

	/** A thread takes its time to end. */
	async end(): Promise<void> {
		await this.wait();
	}
}

function shown(result: TrialResult | TrialRefusal): TrialResult | Refusal {
	if (!("error" in result)) return result;
	return { error: result.error, detail: result.detail };
}
