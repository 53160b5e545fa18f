import {
	BULLET_RADIUS,
	BULLET_SPEED,
	FLAG_PROTECTED,
	RELOAD_TICKS,
	SHIP_RADIUS,
	WORLD,
} from "../constants";
import { bullet, ship } from "../generated/layout";
import { setFlag } from "./flags";
import { onLattice, wayPerTick } from "./lattice";

const NOSE: f32 = <f32>(SHIP_RADIUS + BULLET_RADIUS);

/**
 * Fires when the gun is ready. A bullet flies exactly where the nose points and takes nothing of
 * the ship's own speed: that aims best from a keyboard, and it always outruns the ship.
 */
export function fire(i: i32): void {
	if (ship.reload[i] > 0) return;
	const b = bullet.spawn();
	if (b < 0) return;
	const cos = Mathf.cos(ship.angle[i]);
	const sin = Mathf.sin(ship.angle[i]);
	bullet.shooter[b] = ship.player[i];
	bullet.x[b] = onLattice(ship.x[i] + cos * NOSE);
	bullet.y[b] = onLattice(ship.y[i] + sin * NOSE);
	bullet.dx[b] = wayPerTick(cos * <f32>BULLET_SPEED);
	bullet.dy[b] = wayPerTick(sin * <f32>BULLET_SPEED);
	ship.reload[i] = <u8>RELOAD_TICKS;
	setFlag(i, FLAG_PROTECTED, false);
}

/** Moves every bullet; one that leaves the world or outlives its time is gone. */
export function flyBullets(): void {
	for (let b = 0; b < bullet.used; b++) {
		if (!bullet.alive(b)) continue;
		const x = bullet.x[b] + bullet.dx[b];
		const y = bullet.y[b] + bullet.dy[b];
		const life = bullet.life[b];
		if (life == 0 || x < 0 || y < 0 || x > <f32>WORLD || y > <f32>WORLD) {
			bullet.free(b);
			continue;
		}
		bullet.life[b] = life - 1;
		bullet.x[b] = x;
		bullet.y[b] = y;
	}
}

/** The next player with this number must not score by them. */
export function removeBulletsOf(player: i32): void {
	for (let b = 0; b < bullet.used; b++) {
		if (bullet.alive(b) && <i32>bullet.shooter[b] == player) bullet.free(b);
	}
}
