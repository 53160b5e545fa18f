import { Grid } from "hotstep/assembly";
import { ASTEROID_RADIUS_PER_SIZE, WORLD } from "../constants";
import { asteroid, ship } from "../generated/layout";

export const LARGEST_ASTEROID: f32 = <f32>ASTEROID_RADIUS_PER_SIZE * 3;

/** Cells wider than the largest asteroid: no query looks at more than 3 by 3 of them. */
const CELL: i32 = 128;
const CELLS: i32 = WORLD / CELL;

/** Ships, dead ones too, and asteroids by where they are once everything has moved in this tick. */
export const nearShips = new Grid(<f32>CELL, CELLS, CELLS, ship.capacity);
export const nearAsteroids = new Grid(<f32>CELL, CELLS, CELLS, asteroid.capacity);

export function fillGrids(): void {
	nearShips.clear();
	for (let i = 0; i < ship.used; i++) {
		if (ship.alive(i)) nearShips.add(i, ship.x[i], ship.y[i]);
	}
	nearShips.sort();
	nearAsteroids.clear();
	for (let i = 0; i < asteroid.used; i++) {
		if (asteroid.alive(i)) nearAsteroids.add(i, asteroid.x[i], asteroid.y[i]);
	}
	nearAsteroids.sort();
}
