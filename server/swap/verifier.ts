import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ErrorName } from "../../protocol/errors.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { builtModule } from "../installation.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { assembleGame, type GameModule, type GameParts } from "../module/game-module.ts";
import type { Room } from "../room/room.ts";
import type { FreshTrial, TrialRefusal, TrialResult, TrialRoom } from "./trial.ts";

export type WorkerRequest =
	| {
			readonly type: "compile";
			readonly bytes: Uint8Array<ArrayBuffer>;
			readonly origin: string;
			readonly sourceMap: string | Uint8Array | null;
	  }
	| { readonly type: "trial"; readonly current: WebAssembly.Module; readonly room: TrialRoom }
	| { readonly type: "fresh"; readonly trial: FreshTrial };

export type WorkerReply =
	| { readonly type: "compiled"; readonly parts: GameParts }
	| { readonly type: "tried"; readonly result: TrialResult }
	| { readonly type: "refused"; readonly refusal: TrialRefusal };

export interface Candidate {
	readonly bytes: Uint8Array<ArrayBuffer>;
	/** Where the bytes come from, for messages. */
	readonly origin: string;
	readonly sourceMap: string | Uint8Array | null;
}

/** A room's recent past, copied so that it may leave the thread. */
export function trialRoomOf(room: Room): TrialRoom | null {
	const past = room.history.whole(room.tick);
	return past && { id: room.id, seed: room.seed, version: room.game.version, ...past };
}

/** Compiles one candidate and tries it, away from the rooms. */
export interface Verifier {
	/** Seals and compiles the candidate. */
	compile(candidate: Candidate): Promise<GameModule | Refusal>;
	/** Tries the compiled candidate on a copy of the room. A room that has no past yet passes. */
	tryOn(room: Room, candidate: GameModule): Promise<TrialResult | Refusal | null>;
	/** Tries it in a room of its own, as new rooms will run it. */
	tryFresh(trial: FreshTrial, candidate: GameModule): Promise<TrialResult | Refusal>;
	end(): Promise<void>;
}

/** One disposable worker for one candidate. */
export class ThreadVerifier implements Verifier {
	private readonly worker: Worker;

	constructor() {
		this.worker = new Worker(builtModule("server/swap/trial-worker"), {
			resourceLimits: { maxOldGenerationSizeMb: SERVER_LIMITS.trialHeapMb },
		});
	}

	async compile({ bytes, origin, sourceMap }: Candidate): Promise<GameModule | Refusal> {
		const reply = await this.ask({ type: "compile", bytes, origin, sourceMap });
		if (reply.type === "refused") return reply.refusal;
		if (reply.type !== "compiled") throw new Error("the worker answered something else");
		return assembleGame(reply.parts);
	}

	async tryOn(room: Room, candidate: GameModule): Promise<TrialResult | Refusal | null> {
		const trial = trialRoomOf(room);
		if (trial === null) return null;
		return this.try({ type: "trial", current: room.game.module, room: trial }, candidate);
	}

	async tryFresh(trial: FreshTrial, candidate: GameModule): Promise<TrialResult | Refusal> {
		return this.try({ type: "fresh", trial }, candidate);
	}

	private async try(request: WorkerRequest, candidate: GameModule): Promise<TrialResult | Refusal> {
		const reply = await this.ask(request);
		if (reply.type === "tried") return reply.result;
		if (reply.type !== "refused") throw new Error("the worker answered something else");
		const { error, detail, stack, message = "" } = reply.refusal;
		const frames = stack ? candidate.locate(stack, message) : [];
		return { error, detail: [detail, ...frames.map((frame) => `at ${frame}`)].join("\n    ") };
	}

	async end(): Promise<void> {
		await this.worker.terminate();
	}

	private async ask(request: WorkerRequest): Promise<WorkerReply> {
		const refused = (error: ErrorName, detail: string): WorkerReply => ({
			type: "refused",
			refusal: { error, detail },
		});
		const stop = new AbortController();
		const timer = setTimeout(() => stop.abort(), SERVER_LIMITS.verifyMs);
		try {
			this.worker.postMessage(request);
			const [reply] = await once(this.worker, "message", { signal: stop.signal });
			return reply as WorkerReply;
		} catch (thrown) {
			if (stop.signal.aborted) {
				return refused("ERR_TRIAL_TIMEOUT", `no result within ${SERVER_LIMITS.verifyMs} ms`);
			}
			return refused("ERR_TRIAL_CRASH", String((thrown as Error).message));
		} finally {
			clearTimeout(timer);
		}
	}
}
