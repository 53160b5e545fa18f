import type { Refusal } from "../../protocol/refusal.ts";
import { sameInput } from "../migration/compare-schemas.ts";
import type { GameModule } from "../module/game-module.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { DeployOptions, SwapPolicy } from "./deployment.ts";
import type { TrialResult } from "./trial.ts";
import type { Verifier } from "./verifier.ts";

interface TrialsOutcome {
	/** Rooms that may change. */
	readonly rooms: readonly Room[];
	readonly trials: readonly TrialResult[];
	/** Rooms that do not change, and why. */
	readonly refused: readonly (Refusal & { room: string })[];
}

interface TrialsOptions extends DeployOptions {
	readonly isCancelled: () => boolean;
}

/** Rules that only a canary has are for it alone; all others are for new rooms too. */
function roomsFor(
	{ rooms }: RoomDirectory,
	game: GameModule,
	policy: SwapPolicy | "promote",
	{ canaries = 1, skip = [] }: DeployOptions,
): Room[] {
	if (policy === "pin") return [];
	const all = [...rooms.values()].filter(
		(room) =>
			room.game.name === game.name && room.game.hash !== game.hash && !skip.includes(room.id),
	);
	// the fullest rooms first: a canary should meet as much as possible
	all.sort((a, b) => b.population - a.population);
	return policy === "canary" ? all.slice(0, canaries) : all;
}

/** The inputs of the fullest room, if the new rules take the same inputs. */
function recordedInboxes({ rooms }: RoomDirectory, game: GameModule): Uint8Array[] {
	const all = [...rooms.values()].filter(({ game: { name } }) => name === game.name);
	const fullest = all.sort((a, b) => b.population - a.population)[0];
	if (!fullest || !sameInput(fullest.game.descriptor, game.descriptor)) return [];
	const past = fullest.history.whole(fullest.tick);
	return (past?.inboxes ?? []).filter((inbox) => inbox !== null);
}

const CANCELLED: Refusal = {
	error: "ERR_SWAP_CANCELLED",
	detail: "it was taken back while it was under way",
};

/**
 * Tries compiled rules in a room of their own and on a copy of each room that will get them, including
 * rooms that open in the meantime. A room whose trial fails keeps its rules; with all-or-none, or if
 * there is no other room, the whole deployment is refused.
 */
export async function runTrials(
	directory: RoomDirectory,
	verifier: Verifier,
	game: GameModule,
	policy: SwapPolicy | "promote",
	options: TrialsOptions,
): Promise<TrialsOutcome | Refusal> {
	const trials: TrialResult[] = [];
	const passed: Room[] = [];
	const refused: (Refusal & { room: string })[] = [];
	const seen = new Set<Room>();
	const fresh = { seed: 1, recorded: recordedInboxes(directory, game) };
	if (policy !== "canary") {
		const result = await verifier.tryFresh(fresh, game);
		if ("error" in result) return result;
		trials.push(result);
	}
	for (;;) {
		if (options.isCancelled()) return CANCELLED;
		const room = roomsFor(directory, game, policy, options).find((one) => !seen.has(one));
		if (!room || (policy === "canary" && seen.size >= (options.canaries ?? 1))) break;
		seen.add(room);
		const result = await verifier.tryOn(room, game);
		if (result && "error" in result) {
			if (options.allOrNone) return result;
			refused.push({ ...result, room: room.id });
		} else {
			if (result) trials.push(result);
			passed.push(room);
		}
	}
	const first = refused[0];
	if (first && passed.length === 0) return { error: first.error, detail: first.detail };
	return { rooms: passed, trials, refused };
}
