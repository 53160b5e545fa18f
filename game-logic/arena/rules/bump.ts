import { ctx } from "hotstep/assembly";
import { NOBODY, SHIP_RADIUS } from "../constants";
import { asteroid, ship } from "../generated/layout";
import { asteroidRadius } from "./asteroid";
import { hurt } from "./damage";
import { isDead } from "./flags";
import { LARGEST_ASTEROID, nearAsteroids, nearShips } from "./near";

const SHIP: f32 = <f32>SHIP_RADIUS;
/** Share of the speed at which two bodies part, of that at which they met. */
const BOUNCE: f32 = 0.5;
/** A bump slower than this does no damage, and each unit/s beyond it takes so much shield. */
const GENTLE: f32 = 60;
const DAMAGE_PER_SPEED: f32 = 0.1;

/** Throws ships off the asteroids and ships that they touch. */
export function bump(): void {
	for (let i = 0; i < ship.used; i++) {
		if (!ship.alive(i) || isDead(i)) continue;
		bumpAsteroids(i);
		if (!isDead(i)) bumpShips(i);
	}
}

/** Damage of meeting at `speed` units/s. */
function bumpDamage(speed: f32): i32 {
	return speed > GENTLE ? <i32>((speed - GENTLE) * DAMAGE_PER_SPEED) : 0;
}

/** Asteroids are too heavy to notice a ship: it alone is thrown back, they keep their course. */
function bumpAsteroids(i: i32): void {
	const x = ship.x[i];
	const y = ship.y[i];
	const left = nearAsteroids.column(x - LARGEST_ASTEROID - SHIP);
	const right = nearAsteroids.column(x + LARGEST_ASTEROID + SHIP);
	const last = nearAsteroids.line(y + LARGEST_ASTEROID + SHIP);
	for (let line = nearAsteroids.line(y - LARGEST_ASTEROID - SHIP); line <= last; line++) {
		const end = nearAsteroids.end(right, line);
		for (let k = nearAsteroids.start(left, line); k < end; k++) {
			const j = nearAsteroids.item(k);
			if (asteroid.alive(j)) bumpAsteroid(i, j);
			if (isDead(i)) return;
		}
	}
}

function bumpAsteroid(i: i32, j: i32): void {
	const dx = ship.x[i] - asteroid.x[j];
	const dy = ship.y[i] - asteroid.y[j];
	const reach = asteroidRadius(j) + SHIP;
	const square = dx * dx + dy * dy;
	if (square >= reach * reach) return;
	const distance = Mathf.sqrt(square);
	const nx: f32 = distance > 0 ? dx / distance : 1;
	const ny: f32 = distance > 0 ? dy / distance : 0;
	ship.x[i] += nx * (reach - distance);
	ship.y[i] += ny * (reach - distance);
	const vx = ship.vx[i] - asteroid.dx[j] / ctx.dt;
	const vy = ship.vy[i] - asteroid.dy[j] / ctx.dt;
	const speed = -(vx * nx + vy * ny);
	if (speed <= 0) return;
	ship.vx[i] += nx * speed * (<f32>1.0 + BOUNCE);
	ship.vy[i] += ny * speed * (<f32>1.0 + BOUNCE);
	hurt(i, bumpDamage(speed), NOBODY);
}

function bumpShips(i: i32): void {
	const x = ship.x[i];
	const y = ship.y[i];
	const reach = SHIP + SHIP;
	const left = nearShips.column(x - reach);
	const right = nearShips.column(x + reach);
	const last = nearShips.line(y + reach);
	for (let line = nearShips.line(y - reach); line <= last; line++) {
		const end = nearShips.end(right, line);
		for (let k = nearShips.start(left, line); k < end; k++) {
			const j = nearShips.item(k);
			// each pair once
			if (j > i && !isDead(j)) bumpShip(i, j);
			if (isDead(i)) return;
		}
	}
}

/** Equal masses: both are pushed apart and share the blow. */
function bumpShip(i: i32, j: i32): void {
	const dx = ship.x[j] - ship.x[i];
	const dy = ship.y[j] - ship.y[i];
	const reach = SHIP + SHIP;
	const square = dx * dx + dy * dy;
	if (square >= reach * reach) return;
	const distance = Mathf.sqrt(square);
	const nx: f32 = distance > 0 ? dx / distance : 1;
	const ny: f32 = distance > 0 ? dy / distance : 0;
	const apart = (reach - distance) * <f32>0.5;
	ship.x[i] -= nx * apart;
	ship.y[i] -= ny * apart;
	ship.x[j] += nx * apart;
	ship.y[j] += ny * apart;
	const speed = (ship.vx[i] - ship.vx[j]) * nx + (ship.vy[i] - ship.vy[j]) * ny;
	if (speed <= 0) return;
	const push = speed * (<f32>1.0 + BOUNCE) * <f32>0.5;
	ship.vx[i] -= nx * push;
	ship.vy[i] -= ny * push;
	ship.vx[j] += nx * push;
	ship.vy[j] += ny * push;
	const damage = bumpDamage(speed);
	hurt(i, damage, ship.player[j]);
	hurt(j, damage, ship.player[i]);
}
