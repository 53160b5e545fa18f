import { bytesArena } from "./measurements/bytes-arena.ts";
import { bytesCircle } from "./measurements/bytes-circle.ts";
import { cubes } from "./measurements/cubes.ts";
import { encodeCircle } from "./measurements/encode-circle.ts";
import { encodeEntity } from "./measurements/encode-entity.ts";
import { engines } from "./measurements/engines.ts";
import { fanoutCrowd, fanoutRooms, interest } from "./measurements/fanout.ts";
import { fuelArena, fuelSwarm } from "./measurements/fuel.ts";
import { idleMemory } from "./measurements/idle-memory.ts";
import { imageCopy } from "./measurements/image-copy.ts";
import { killAll } from "./measurements/kill-all.ts";
import { killWorker } from "./measurements/kill-worker.ts";
import { languages } from "./measurements/languages.ts";
import { logCost } from "./measurements/log-cost.ts";
import { moveRoom } from "./measurements/move-room.ts";
import { queueCycle } from "./measurements/queue-cycle.ts";
import { replaySpeed } from "./measurements/replay-speed.ts";
import { roomList } from "./measurements/room-list.ts";
import { soak } from "./measurements/soak.ts";
import { stalledClient } from "./measurements/stalled-client.ts";
import { swapPause } from "./measurements/swap-pause.ts";
import { tickArena } from "./measurements/tick-arena.ts";
import { tickLateness } from "./measurements/tick-lateness.ts";
import { tickSwarm } from "./measurements/tick-swarm.ts";
import { twoWorkers } from "./measurements/two-workers.ts";
import { upgrade } from "./measurements/upgrade.ts";
import type { Measurement } from "./result.ts";

/** Every measurement, in the order in which they run. */
export const MEASUREMENTS: readonly Measurement[] = [
	tickArena,
	tickSwarm,
	languages,
	encodeCircle,
	encodeEntity,
	bytesCircle,
	cubes,
	bytesArena,
	fuelArena,
	fuelSwarm,
	imageCopy,
	replaySpeed,
	engines,
	logCost,
	killWorker,
	killAll,
	moveRoom,
	upgrade,
	twoWorkers,
	fanoutCrowd,
	fanoutRooms,
	tickLateness,
	interest,
	swapPause,
	stalledClient,
	queueCycle,
	roomList,
	idleMemory,
	soak,
];
