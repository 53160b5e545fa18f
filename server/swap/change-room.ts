import type { Refusal } from "../../protocol/refusal.ts";
import { type GameModule, ModuleError } from "../module/game-module.ts";
import type { Room } from "../room/room.ts";
import { rollBack } from "../room/rules.ts";
import type { MigrationPlans } from "./migration-plans.ts";
import { swapRoom } from "./swap-room.ts";

/**
 * Returns to exactly the state that the previous rules would have by now, if that is still available.
 */
export function goBack(room: Room, game: GameModule): Refusal | { report: readonly string[] } {
	if (room.probation?.previous.game.hash === game.hash) {
		rollBack(room);
		return { report: [] };
	}
	return guarded(() => swapRoom(room, game, { counts: "rollbacks" }));
}

/** Puts a room on other rules, by the plan for the ones that it has. */
export function changeRoom(
	room: Room,
	game: GameModule,
	plans: MigrationPlans,
	probationMs: number | undefined,
): Refusal | { report: readonly string[] } {
	const compared = plans.from(room.game);
	if ("error" in compared) return compared;
	return guarded(() =>
		swapRoom(room, game, {
			plan: compared.plan,
			...(probationMs === undefined ? {} : { probationMs }),
		}),
	);
}

function guarded(run: () => ReturnType<typeof swapRoom>): ReturnType<typeof swapRoom> {
	try {
		return run();
	} catch (thrown) {
		if (!(thrown instanceof ModuleError)) throw thrown;
		return { error: thrown.name, detail: thrown.message };
	}
}
