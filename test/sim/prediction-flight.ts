import type { Room } from "../../client/room.ts";
import type arena from "../../game-logic/arena/schema.ts";
import { SeededRandom, type World } from "../../testing/index.ts";

/** What a flight showed, frame by frame at 60 Hz. */
export interface Flight {
	corrections: number;
	rerunTicks: number;
	/** Distances of the corrections that moved the ship, units. */
	sizes: number[];
	/** Greatest way that a snapshot alone moved what is shown, units. */
	snap: number;
	/** Greatest way in a frame beyond what the ship's top speed explains, units. */
	jerk: number;
	/** Greatest input delay, ticks. */
	delayTicks: number;
	frames: number;
	/** Way of the ship as shown, units. */
	way: number;
}

type ArenaRoom = Room<typeof arena>;
const FRAME_MS = 1000 / 60;

/** Presses random keys for a while. */
export function flyAtRandom(world: World, room: ArenaRoom, seed: number, fire = true): () => void {
	const random = new SeededRandom(seed);
	return world.every(100, () => {
		if (random.next() > 0.4) return;
		room.input.turn = Math.floor(random.next() * 255) - 127;
		room.input.thrust = random.next() < 0.7;
		room.input.fire = fire && random.next() < 0.5;
		room.input.laser = fire && random.next() < 0.3;
	});
}

function place({ state, player }: ArenaRoom): { x: number; y: number; dead: boolean } | null {
	const { ship } = state;
	if (!ship) return null;
	for (let i = 0; i < ship.used; i++) {
		if (ship.gen[i] === 0 || ship.player[i] !== player) continue;
		return {
			x: ship.x[i],
			y: ship.y[i],
			dead: (ship.flags[i] & 2) !== 0,
		};
	}
	return null;
}

/** Watches one client's screen. `topSpeed` in units per second. */
export function watch(
	world: World,
	room: ArenaRoom,
	topSpeed: number,
): { flight: Flight; x: () => number; stop(): void } {
	const flight: Flight = {
		corrections: 0,
		rerunTicks: 0,
		sizes: [],
		snap: 0,
		jerk: 0,
		delayTicks: 0,
		frames: 0,
		way: 0,
	};
	const before = room.stats.prediction;
	let last = place(room);
	let known = before.corrections;
	const far = (a: { x: number; y: number }, b: { x: number; y: number }): number =>
		Math.hypot(a.x - b.x, a.y - b.y);
	const stopFrames = world.every(FRAME_MS, () => {
		room.update();
		const now = place(room);
		if (now && last && !now.dead && !last.dead) {
			flight.way += far(now, last);
			flight.jerk = Math.max(flight.jerk, far(now, last) - topSpeed / 60);
		}
		last = now;
		flight.frames++;
		const { prediction } = room.stats;
		flight.delayTicks = Math.max(flight.delayTicks, prediction.delayTicks);
		flight.corrections = prediction.corrections - before.corrections;
		flight.rerunTicks = prediction.rerunTicks - before.rerunTicks;
	});
	const copy = Reflect.get(room, "copy") as { apply(...given: unknown[]): string | null };
	const apply = copy.apply.bind(copy);
	copy.apply = (...given) => {
		// the same moment before and after the snapshot is taken in
		room.update();
		const was = place(room);
		const problem = apply(...given);
		room.update();
		const now = place(room);
		const { prediction } = room.stats;
		if (prediction.corrections > known) {
			known = prediction.corrections;
			if (prediction.lastCorrection > 0) flight.sizes.push(prediction.lastCorrection);
		}
		if (was && now && !was.dead && !now.dead) flight.snap = Math.max(flight.snap, far(was, now));
		last = now;
		return problem;
	};
	return {
		flight,
		x: () => last?.x ?? Number.NaN,
		stop() {
			stopFrames();
			copy.apply = apply;
		},
	};
}
