import { BULLET_DAMAGE, BULLET_RADIUS, SCORE_ASTEROID, SHIP_RADIUS, SIGHT } from "../constants";
import { asteroid, bullet, emit, ship } from "../generated/layout";
import { asteroidRadius, splitAsteroid } from "./asteroid";
import { addScore, hurt } from "./damage";
import { isDead } from "./flags";
import { LARGEST_ASTEROID, nearAsteroids, nearShips } from "./near";

const SHIP: f32 = <f32>SHIP_RADIUS;
const BULLET: f32 = <f32>BULLET_RADIUS;

/** Ends every bullet that has met a ship or an asteroid. */
export function strike(): void {
	for (let b = 0; b < bullet.used; b++) {
		if (!bullet.alive(b)) continue;
		if (strikesShip(b) || strikesAsteroid(b)) bullet.free(b);
	}
}

/** Whether two points are nearer than `reach`. */
function touches(ax: f32, ay: f32, bx: f32, by: f32, reach: f32): bool {
	const dx = bx - ax;
	const dy = by - ay;
	return dx * dx + dy * dy < reach * reach;
}

function strikesShip(b: i32): bool {
	const x = bullet.x[b];
	const y = bullet.y[b];
	const reach = SHIP + BULLET;
	const left = nearShips.column(x - reach);
	const right = nearShips.column(x + reach);
	const last = nearShips.line(y + reach);
	for (let line = nearShips.line(y - reach); line <= last; line++) {
		const end = nearShips.end(right, line);
		for (let k = nearShips.start(left, line); k < end; k++) {
			const i = nearShips.item(k);
			if (ship.player[i] == bullet.shooter[b] || isDead(i)) continue;
			if (!touches(x, y, ship.x[i], ship.y[i], reach)) continue;
			emit.hitNear(x, y, <f32>SIGHT, x, y);
			hurt(i, BULLET_DAMAGE, bullet.shooter[b]);
			return true;
		}
	}
	return false;
}

function strikesAsteroid(b: i32): bool {
	const x = bullet.x[b];
	const y = bullet.y[b];
	const left = nearAsteroids.column(x - LARGEST_ASTEROID - BULLET);
	const right = nearAsteroids.column(x + LARGEST_ASTEROID + BULLET);
	const last = nearAsteroids.line(y + LARGEST_ASTEROID + BULLET);
	for (let line = nearAsteroids.line(y - LARGEST_ASTEROID - BULLET); line <= last; line++) {
		const end = nearAsteroids.end(right, line);
		for (let k = nearAsteroids.start(left, line); k < end; k++) {
			const i = nearAsteroids.item(k);
			// an earlier bullet may have broken it, and a piece may have its row
			if (!asteroid.alive(i)) continue;
			if (!touches(x, y, asteroid.x[i], asteroid.y[i], asteroidRadius(i) + BULLET)) continue;
			addScore(bullet.shooter[b], SCORE_ASTEROID - <i32>asteroid.size[i]);
			splitAsteroid(i);
			return true;
		}
	}
	return false;
}
