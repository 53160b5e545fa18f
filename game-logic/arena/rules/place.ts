import { randomAt } from "hotstep/assembly";
import { ASTEROID_RADIUS_PER_SIZE, WORLD } from "../constants";
import { asteroid, ship } from "../generated/layout";
import { isDead } from "./flags";

const MARGIN: f32 = 120;
const FAR: f32 = <f32>WORLD - MARGIN;
const TRIES: i32 = 8;

/** Distance from a point to the nearest living ship, `except` left out. */
export function distanceToShips(x: f32, y: f32, except: i32): f32 {
	let least: f32 = <f32>WORLD;
	for (let i = 0; i < ship.used; i++) {
		if (i == except || !ship.alive(i) || isDead(i)) continue;
		const dx = ship.x[i] - x;
		const dy = ship.y[i] - y;
		least = min(least, Mathf.sqrt(dx * dx + dy * dy));
	}
	return least;
}

function distanceToAsteroids(x: f32, y: f32): f32 {
	let least: f32 = <f32>WORLD;
	for (let i = 0; i < asteroid.used; i++) {
		if (!asteroid.alive(i)) continue;
		const dx = asteroid.x[i] - x;
		const dy = asteroid.y[i] - y;
		const radius = <f32>(<i32>asteroid.size[i] * ASTEROID_RADIUS_PER_SIZE);
		least = min(least, Mathf.sqrt(dx * dx + dy * dy) - radius);
	}
	return least;
}

/** Moves a ship, at rest, to the freest of a few places; a client that predicts finds the same. */
export function putInClearPlace(i: i32): void {
	let best: f32 = -<f32>WORLD;
	for (let n = 0; n < TRIES; n++) {
		const key = <u32>(i * TRIES + n) * 2;
		const x = MARGIN + (FAR - MARGIN) * randomAt(key);
		const y = MARGIN + (FAR - MARGIN) * randomAt(key + 1);
		const room = min(distanceToShips(x, y, i), distanceToAsteroids(x, y));
		if (room <= best) continue;
		best = room;
		ship.x[i] = x;
		ship.y[i] = y;
	}
	ship.vx[i] = 0;
	ship.vy[i] = 0;
}
