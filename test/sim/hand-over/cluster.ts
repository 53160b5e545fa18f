import type { SeededRandom } from "../../../protocol/seeded-random.ts";
import type { decideGiver } from "../../../server/worker/hand-over/giver.ts";
import type { HandOverLimits } from "../../../server/worker/hand-over/hand-over-limits.ts";
import type { WorkerId } from "../../../server/worker/hand-over/messages.ts";
import type { decideRegister } from "../../../server/worker/hand-over/register.ts";
import type { rebuildRegister } from "../../../server/worker/hand-over/register-rebuild.ts";
import type { decideTaker } from "../../../server/worker/hand-over/taker.ts";
import type { Timeline } from "../../../testing/timeline.ts";
import type { Faults } from "./faults.ts";
import type { ModelLog } from "./model-log.ts";
import type { ModelImage } from "./model-room.ts";
import type { Network } from "./network.ts";
import type { SimLine } from "./sim-line.ts";

/** The decisions that a run is made with, and what those who carry them out leave out: a broken variant has others. */
export interface Cores {
	readonly giver: typeof decideGiver;
	readonly taker: typeof decideTaker;
	readonly register: typeof decideRegister;
	readonly rebuild: typeof rebuildRegister;
	readonly dropsCarried?: boolean;
	readonly neverSeals?: boolean;
	/** A recovery reads no log of a worker that lives. */
	readonly readsTheDeadOnly?: boolean;
}

/** What the processes of a run share: the world around them. */
export interface Cluster {
	readonly timeline: Timeline;
	readonly random: SeededRandom;
	readonly log: ModelLog;
	readonly network: Network;
	readonly cores: Cores;
	readonly limits: HandOverLimits;
	readonly players: number;
	faults: Faults;
	/** The worker process ends here and now. */
	kill(worker: WorkerId): void;
	/** It stands still from now on. */
	stall(worker: WorkerId): void;
	/** The supervisor's process ends; the next one `knows` what it knew. */
	killRegister(knows: boolean): void;
	close(line: SimLine): void;
	show(line: SimLine, image: ModelImage): void;
	count(what: string): void;
}

export const TICK_MS = 8;

/** As the real ones, for a room that is built in milliseconds. */
export const SIM_LIMITS: HandOverLimits = {
	behindTicks: 2,
	prepareMs: 120,
	frozenMs: 20,
	resendMs: 10,
	socketTries: 8,
	settleMs: 160,
	doubtMs: 40,
	askMs: 25,
	asks: 12,
};
