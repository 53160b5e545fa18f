/*
 * Arena: ships fight among drifting asteroids. A tick moves everything, then lets it collide, then
 * mends and refills. The rules stand beside this file, one subject each.
 */
import { input, ship } from "./generated/layout";
import { driftAsteroids, refillAsteroids, scatterAsteroids } from "./rules/asteroid";
import { bump } from "./rules/bump";
import { fire, flyBullets, removeBulletsOf } from "./rules/bullet";
import { isDead } from "./rules/flags";
import { shootLasers } from "./rules/laser";
import { fillGrids } from "./rules/near";
import { keepInside, launch, mend, removeShipOf, steer } from "./rules/ship";
import { strike } from "./rules/strike";

export function init(): void {
	scatterAsteroids();
}

export function join(player: i32): void {
	launch(player);
}

export function leave(player: i32): void {
	removeShipOf(player);
	removeBulletsOf(player);
}

export function tick(): void {
	for (let i = 0; i < ship.used; i++) {
		if (!ship.alive(i) || isDead(i)) continue;
		steer(i);
		if (input.fire[ship.player[i]]) fire(i);
	}
	flyBullets();
	driftAsteroids();
	fillGrids();
	strike();
	shootLasers();
	bump();
	for (let i = 0; i < ship.used; i++) {
		if (!ship.alive(i)) continue;
		keepInside(i);
		mend(i);
	}
	refillAsteroids();
}
