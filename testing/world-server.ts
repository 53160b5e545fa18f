import { SeededRandom } from "../protocol/seeded-random.ts";
import { Core, type RoomsOptions } from "../server/core.ts";
import { type Log, silentLog } from "../server/log.ts";
import type { GameModule } from "../server/module/game-module.ts";
import type { Clock } from "../server/room/clock.ts";
import type { RoomScheduler } from "../server/room/scheduler.ts";
import type { ConnectionsOptions, DeployingOptions } from "../server/server-options.ts";
import { InlineVerifier } from "./inline-verifier.ts";
import type { Timeline } from "./timeline.ts";

/** How the server of a world differs from one with its defaults: as `createServer` takes it. */
export interface WorldServerOptions {
	rooms?: RoomsOptions;
	connections?: Pick<ConnectionsOptions, "heartbeatMs" | "silenceMs">;
	deployments?: Omit<DeployingOptions, "dataFolder">;
	log?: Log;
}

/** Virtual time that compiling a candidate, or a trial, takes, ms. */
const VERIFYING_MS = 40;
/** And between the changes of two rooms, ms: others tick meanwhile. */
const TURN_MS = 3;

/** The server itself, on virtual time and with all its chances drawn from `seed`. */
export function createWorldCore(
	games: readonly GameModule[],
	timeline: Timeline,
	clock: Clock,
	scheduler: RoomScheduler,
	seed: number,
	{ rooms = {}, deployments = {}, log = silentLog }: WorldServerOptions,
): Core {
	const random = new SeededRandom(seed);
	const pass = (ms: number): Promise<void> =>
		new Promise((resolve) => {
			timeline.after(ms, resolve);
		});
	return new Core({
		games,
		clock,
		scheduler,
		log,
		rooms,
		randomBytes: (count) => Buffer.from(random.bytes(count)),
		deployments: {
			...deployments,
			now: clock.now,
			wallClock: timeline.now,
			openVerifier: () => new InlineVerifier(() => pass(VERIFYING_MS)),
			turn: () => pass(TURN_MS),
		},
	});
}
