import type { Behaviour, BotView } from "../../bots/behaviour.ts";
import type { Random } from "../../protocol/seeded-random.ts";
import {
	ASTEROID_RADIUS_PER_SIZE,
	BULLET_SPEED,
	BULLET_TICKS,
	FLAG_DEAD,
	FLAG_PROTECTED,
	LASER_RANGE,
	SHIP_RADIUS,
	SHIP_TURN,
	WORLD,
} from "./constants.ts";
import type arena from "./schema.ts";

type View = BotView<typeof arena>;
type Ships = View["state"]["ship"];
type Asteroids = View["state"]["asteroid"];

const THINKS_PER_SECOND = 5;
const TAU = 2 * Math.PI;
/** How far a bullet flies, a little less so that a hit is likely. */
const RANGE = (BULLET_SPEED * BULLET_TICKS * 0.8) / 60;
/** Fires when it aims this close, in radians. */
const AIM = 0.2;
/** The laser only when it is nearly sure to hit. */
const LASER_AIM = 0.03;
/** Nearer than this it stops to push on. */
const CLOSE = 140;
/** Flees with less shield than this, from anybody so near. */
const WEAK = 40;
const FEAR = 420;
/** A wall nearer than this comes first. */
const WALL_MARGIN = 150;
/** An asteroid this near to its hull is steered around, and shot at when it lies ahead. */
const ROCK_MARGIN = 90;

function rowOf(ships: Ships, player: number): number {
	for (let i = 0; i < ships.used; i++) {
		if (ships.gen[i] !== 0 && ships.player[i] === player) return i;
	}
	return -1;
}

function isDead(ships: Ships, i: number): boolean {
	return (ships.flags[i] & FLAG_DEAD) !== 0;
}

function canBeHit(ships: Ships, i: number): boolean {
	return (ships.flags[i] & (FLAG_DEAD | FLAG_PROTECTED)) === 0;
}

/** Row of the asteroid whose hull is nearest to a place and too near, or -1. */
function rockAt(asteroids: Asteroids, x: number, y: number): number {
	let best = -1;
	let least = ROCK_MARGIN;
	for (let i = 0; i < asteroids.used; i++) {
		if (asteroids.gen[i] === 0) continue;
		const radius = asteroids.size[i] * ASTEROID_RADIUS_PER_SIZE + SHIP_RADIUS;
		const distance = Math.hypot(asteroids.x[i] - x, asteroids.y[i] - y) - radius;
		if (distance >= least) continue;
		least = distance;
		best = i;
	}
	return best;
}

/** Row of the ship nearest to ship `self` that can be hit, or -1. */
function nearest(ships: Ships, self: number): number {
	let best = -1;
	let least = Number.POSITIVE_INFINITY;
	for (let i = 0; i < ships.used; i++) {
		if (i === self || ships.gen[i] === 0 || !canBeHit(ships, i)) continue;
		const distance = Math.hypot(ships.x[i] - ships.x[self], ships.y[i] - ships.y[self]);
		if (distance >= least) continue;
		least = distance;
		best = i;
	}
	return best;
}

/** The way from one angle to another, -π to π. */
function between(from: number, to: number): number {
	const turn = (to - from) % TAU;
	if (turn > Math.PI) return turn - TAU;
	return turn < -Math.PI ? turn + TAU : turn;
}

/** A pilot who hunts the nearest, leads the target, flees when hurt, and now and then just flies. */
class Pilot {
	private readonly random: Random;
	/** Where the target was, to see how it moves. */
	private target = -1;
	private targetX = 0;
	private targetY = 0;
	private seenMs = 0;
	private roamUntilMs = 0;
	private roamAngle = 0;

	constructor(random: Random) {
		this.random = random;
	}

	readonly think = ({ state, player, input, nowMs }: View): void => {
		const { ship } = state;
		const self = ship ? rowOf(ship, player) : -1;
		input.fire = false;
		input.laser = false;
		input.thrust = false;
		input.turn = 0;
		if (self < 0 || isDead(ship, self)) return;
		const heading =
			this.aroundRocks(state.asteroid, ship, self, input) ??
			this.chooseHeading(ship, self, input, nowMs);
		const turn = between(ship.angle[self], heading);
		// just so hard that the nose is there when it thinks again
		const share = (turn * THINKS_PER_SECOND) / SHIP_TURN;
		input.turn = Math.round(127 * Math.max(-1, Math.min(1, share)));
	};

	/** The way past an asteroid that is too near, or null; shoots at one that lies ahead. */
	private aroundRocks(
		asteroids: Asteroids,
		ship: Ships,
		self: number,
		input: View["input"],
	): number | null {
		const x = ship.x[self];
		const y = ship.y[self];
		const rock = rockAt(asteroids, x, y);
		if (rock < 0) return null;
		const toRock = Math.atan2(asteroids.y[rock] - y, asteroids.x[rock] - x);
		const off = between(ship.angle[self], toRock);
		input.fire = Math.abs(off) < AIM;
		input.thrust = Math.abs(off) > 1;
		// the shorter way around
		return toRock + (off > 0 ? -Math.PI / 2 : Math.PI / 2);
	}

	private chooseHeading(ship: Ships, self: number, input: View["input"], nowMs: number): number {
		const x = ship.x[self];
		const y = ship.y[self];
		const edge = Math.min(x, y, WORLD - x, WORLD - y);
		const other = nearest(ship, self);
		const distance = other < 0 ? WORLD : Math.hypot(ship.x[other] - x, ship.y[other] - y);
		if (edge < WALL_MARGIN) {
			input.thrust = true;
			return Math.atan2(WORLD / 2 - y, WORLD / 2 - x);
		}
		if (other >= 0 && ship.shield[self] < WEAK && distance < FEAR) {
			input.thrust = true;
			return Math.atan2(y - ship.y[other], x - ship.x[other]);
		}
		if (other < 0 || this.isRoaming(nowMs)) {
			input.thrust = this.random() < 0.7;
			input.fire = this.random() < 0.2;
			return this.roamAngle;
		}
		const aim = this.aimAt(ship, other, x, y, distance, nowMs);
		const off = Math.abs(between(ship.angle[self], aim));
		input.fire = distance < RANGE && off < AIM;
		input.laser = distance < LASER_RANGE && off < LASER_AIM;
		input.thrust = distance > CLOSE && off < 1;
		return aim;
	}

	private isRoaming(nowMs: number): boolean {
		if (nowMs < this.roamUntilMs) return true;
		if (this.random() > 0.04) return false;
		this.roamUntilMs = nowMs + 400 + this.random() * 1200;
		this.roamAngle = this.random() * TAU;
		return true;
	}

	/** The direction in which a bullet meets the target, if that flies on as it did. */
	private aimAt(
		ship: Ships,
		other: number,
		x: number,
		y: number,
		distance: number,
		nowMs: number,
	): number {
		const seconds = (nowMs - this.seenMs) / 1000;
		const isKnown = this.target === other && seconds > 0 && seconds < 1;
		const vx = isKnown ? (ship.x[other] - this.targetX) / seconds : 0;
		const vy = isKnown ? (ship.y[other] - this.targetY) / seconds : 0;
		this.target = other;
		this.targetX = ship.x[other];
		this.targetY = ship.y[other];
		this.seenMs = nowMs;
		const flight = distance / BULLET_SPEED;
		return Math.atan2(ship.y[other] + vy * flight - y, ship.x[other] + vx * flight - x);
	}
}

/** How bots play the arena. */
export const behaviour: Behaviour<typeof arena> = {
	thinksPerSecond: THINKS_PER_SECOND,
	looks: true,
	create: (random) => new Pilot(random).think,
};
