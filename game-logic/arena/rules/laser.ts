import {
	FLAG_PROTECTED,
	LASER_CHARGE,
	LASER_DAMAGE,
	LASER_RANGE,
	SHIP_RADIUS,
	SIGHT,
} from "../constants";
import { asteroid, emit, input, ship } from "../generated/layout";
import { asteroidRadius } from "./asteroid";
import { hurt } from "./damage";
import { isDead, setFlag } from "./flags";

const RADIUS: f32 = <f32>SHIP_RADIUS;

/** The lasers of this tick, once everything has moved. */
export function shootLasers(): void {
	for (let i = 0; i < ship.used; i++) {
		if (!ship.alive(i) || isDead(i) || !input.laser[ship.player[i]]) continue;
		if (ship.charge[i] >= <u8>LASER_CHARGE) shoot(i);
	}
}

/**
 * A beam from the nose: it ends in the first ship or asteroid on its way, each taken to be where the
 * shooter saw it.
 */
function shoot(i: i32): void {
	const age = input.viewAge[ship.player[i]];
	const cos = Mathf.cos(ship.angle[i]);
	const sin = Mathf.sin(ship.angle[i]);
	const x = ship.x[i] + cos * RADIUS;
	const y = ship.y[i] + sin * RADIUS;
	let length: f32 = <f32>LASER_RANGE;
	for (let j = 0; j < asteroid.used; j++) {
		if (!asteroid.alive(j)) continue;
		const dx = asteroid.xAt(j, age) - x;
		const dy = asteroid.yAt(j, age) - y;
		length = min(length, meets(dx, dy, cos, sin, asteroidRadius(j)));
	}
	let target = -1;
	for (let j = 0; j < ship.used; j++) {
		if (j == i || !ship.alive(j) || isDead(j)) continue;
		const way = meets(ship.xAt(j, age) - x, ship.yAt(j, age) - y, cos, sin, RADIUS);
		if (way >= length) continue;
		length = way;
		target = j;
	}
	ship.charge[i] = 0;
	setFlag(i, FLAG_PROTECTED, false);
	const endX = x + cos * length;
	const endY = y + sin * length;
	emit.beamNear(x, y, <f32>SIGHT, <u8>ship.player[i], x, y, endX, endY);
	if (target < 0) return;
	emit.hitNear(endX, endY, <f32>SIGHT, endX, endY);
	hurt(target, LASER_DAMAGE, ship.player[i]);
}

/** Way along a beam to a circle at (dx, dy) from its start, or more than any beam's when it misses. */
function meets(dx: f32, dy: f32, cos: f32, sin: f32, radius: f32): f32 {
	const along = dx * cos + dy * sin;
	const beside = dx * sin - dy * cos;
	const half = radius * radius - beside * beside;
	if (half < 0) return f32.MAX_VALUE;
	const depth = Mathf.sqrt(half);
	if (along + depth < 0) return f32.MAX_VALUE;
	return max<f32>(0, along - depth);
}
