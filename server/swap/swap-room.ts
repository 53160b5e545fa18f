import type { Simulation } from "../../protocol/abi/simulation.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { oddValues } from "../history/odd-values.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { compareSchemas, type MigrationPlan } from "../migration/compare-schemas.ts";
import { migrate } from "../migration/migrate.ts";
import type { GameModule } from "../module/game-module.ts";
import type { Room } from "../room/room.ts";
import { type FormerRules, installRules, instantiateRules } from "../room/rules.ts";

interface SwapOptions {
	/** Whether it counts as a swap to the new rules, or as a rollback of the old ones. */
	readonly counts?: "swaps" | "rollbacks";
	/** For how long a fault brings the rules from before back, ms. */
	readonly probationMs?: number;
	/** The plan for the columns, if it has already been computed for these two rules. */
	readonly plan?: MigrationPlan;
}

/**
 * Replaces a room's rules between two ticks: the next tick runs on `next` with the state carried over.
 * The old rules stay ready during probation. A refusal changes nothing.
 */
export function swapRoom(
	room: Room,
	next: GameModule,
	{ counts = "swaps", probationMs = SERVER_LIMITS.probationMs, plan }: SwapOptions = {},
): Refusal | { report: readonly string[] } {
	if (room.fault) return { error: "ERR_SWAP_ROOM", detail: `room ${room.id} has failed` };
	const compared = plan ? { plan } : compareSchemas(room.game.descriptor, next.descriptor);
	if ("error" in compared) return compared;
	const rules = instantiateRules(room, next, probationMs);
	const refusal = startFrom(room, rules.simulation, compared.plan);
	if (refusal) return refusal;
	const { encoder: _, ...previous }: FormerRules & { encoder: unknown } = room.rules;
	const swapTick = room.tick;
	previous.history.saveImage(previous.simulation, swapTick);
	if (counts === "rollbacks") room.counters.rollbacks++;
	installRules(room, rules, counts === "rollbacks" ? "rollback" : "swap");
	room.recorder?.swap(room, previous.game.hash);
	if (counts === "swaps") room.counters.swaps++;
	const untilTick = swapTick + Math.ceil((probationMs * next.descriptor.tickRate) / 1000);
	const wasSick = oddValues(previous.simulation).size > 0;
	room.probation = { previous, swapTick, untilTick, wasSick };
	return { report: compared.plan.report };
}

function startFrom(room: Room, simulation: Simulation, plan: MigrationPlan): Refusal | null {
	const fault = simulation.init(room.seed);
	if (fault) return { error: "ERR_SWAP_START", detail: fault.detail };
	const refusal = migrate(room.simulation, simulation, plan);
	if (refusal) return refusal;
	const unhappy = simulation.migrated(room.game.version, room.tick);
	return unhappy ? { error: "ERR_SWAP_MIGRATED", detail: unhappy.detail } : null;
}
