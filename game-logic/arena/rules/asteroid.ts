import { ctx, random, randomAt, randomBetween } from "hotstep/assembly";
import { ASTEROID_RADIUS_PER_SIZE, SIGHT, WORLD } from "../constants";
import { asteroid, emit } from "../generated/layout";
import { onLattice, wayPerTick } from "./lattice";
import { distanceToShips } from "./place";

const TAU: f32 = 6.2831855;
const LARGE: u8 = 3;
/**
 * Asteroids are counted by the small ones they can become: 4, 2 or 1. The table has 128 rows:
 * while the sum stays within them, a split always finds its row.
 */
const PIECES_AT_START: i32 = 96;
const PIECES_PER_LARGE: i32 = 4;
const REFILL_TICKS: i32 = 60;
/** A new one may not appear so close to a ship. */
const REFILL_DISTANCE: f32 = 320;
const TOP_SPEED: f32 = 130;

export function asteroidRadius(i: i32): f32 {
	return <f32>(<i32>asteroid.size[i] * ASTEROID_RADIUS_PER_SIZE);
}

function place(size: u8, x: f32, y: f32, vx: f32, vy: f32): void {
	const i = asteroid.spawn();
	if (i < 0) return;
	asteroid.size[i] = size;
	asteroid.x[i] = onLattice(x);
	asteroid.y[i] = onLattice(y);
	asteroid.dx[i] = wayPerTick(min(max(vx, -TOP_SPEED), TOP_SPEED));
	asteroid.dy[i] = wayPerTick(min(max(vy, -TOP_SPEED), TOP_SPEED));
}

function placeLarge(x: f32, y: f32): void {
	const direction = random() * TAU;
	const speed = randomBetween(20, 55);
	place(LARGE, x, y, Mathf.cos(direction) * speed, Mathf.sin(direction) * speed);
}

export function scatterAsteroids(): void {
	for (let n = 0; n < PIECES_AT_START; n += PIECES_PER_LARGE) {
		placeLarge(randomBetween(0, <f32>WORLD), randomBetween(0, <f32>WORLD));
	}
}

/** Straight on, and back from the walls. */
export function driftAsteroids(): void {
	for (let i = 0; i < asteroid.used; i++) {
		if (!asteroid.alive(i)) continue;
		const radius = asteroidRadius(i);
		const far = <f32>WORLD - radius;
		const x = asteroid.x[i] + asteroid.dx[i];
		const y = asteroid.y[i] + asteroid.dy[i];
		if (x < radius) asteroid.dx[i] = abs(asteroid.dx[i]);
		if (x > far) asteroid.dx[i] = -abs(asteroid.dx[i]);
		if (y < radius) asteroid.dy[i] = abs(asteroid.dy[i]);
		if (y > far) asteroid.dy[i] = -abs(asteroid.dy[i]);
		asteroid.x[i] = min(max(x, radius), far);
		asteroid.y[i] = min(max(y, radius), far);
	}
}

/** Breaks an asteroid in two of the next size that fly apart; a small one is gone. */
export function splitAsteroid(i: i32): void {
	const size = asteroid.size[i];
	const x = asteroid.x[i];
	const y = asteroid.y[i];
	const vx = asteroid.dx[i] / ctx.dt;
	const vy = asteroid.dy[i] / ctx.dt;
	asteroid.free(i);
	emit.explosionNear(x, y, <f32>SIGHT, x, y, size);
	if (size <= 1) return;
	// a client that predicts breaks it in the same pieces
	const direction = randomAt(<u32>i * 2) * TAU;
	const speed = <f32>30 + randomAt(<u32>i * 2 + 1) * <f32>40;
	const apartX = Mathf.cos(direction) * speed;
	const apartY = Mathf.sin(direction) * speed;
	place(size - 1, x, y, vx + apartX, vy + apartY);
	place(size - 1, x, y, vx - apartX, vy - apartY);
}

/** Sends a new large asteroid from a wall when there are too few. */
export function refillAsteroids(): void {
	// far from every ship: soon enough when the server shows it
	if (ctx.predicting || ctx.tick % REFILL_TICKS != 0) return;
	let pieces = 0;
	for (let i = 0; i < asteroid.used; i++) {
		if (asteroid.alive(i)) pieces += 1 << (asteroid.size[i] - 1);
	}
	if (pieces + PIECES_PER_LARGE > PIECES_AT_START) return;
	const along = randomBetween(0, <f32>WORLD);
	const wall: f32 = random() < <f32>0.5 ? 0 : <f32>WORLD;
	const upright = random() < <f32>0.5;
	const x = upright ? wall : along;
	const y = upright ? along : wall;
	if (distanceToShips(x, y, -1) > REFILL_DISTANCE) placeLarge(x, y);
}
