import {
	ASTEROID_RADIUS_PER_SIZE,
	FLAG_DEAD,
	LASER_RANGE,
	SHIP_RADIUS,
} from "../../game-logic/arena/constants.ts";
import type { ArenaState } from "./scene.ts";

/** Way along a beam to a circle, or Infinity when it misses. */
function meets(dx: number, dy: number, cos: number, sin: number, radius: number): number {
	const along = dx * cos + dy * sin;
	const beside = dx * sin - dy * cos;
	const half = radius * radius - beside * beside;
	if (half < 0 || along + Math.sqrt(half) < 0) return Number.POSITIVE_INFINITY;
	return Math.max(0, along - Math.sqrt(half));
}

/** Where a beam from ship `row` ends among what is shown: the same as the rules find when it was seen so. */
function beamFrom({ ship, asteroid }: ArenaState, row: number) {
	const angle = ship.angle[row];
	const cos = Math.cos(angle);
	const sin = Math.sin(angle);
	const x = ship.x[row] + cos * SHIP_RADIUS;
	const y = ship.y[row] + sin * SHIP_RADIUS;
	let length = LASER_RANGE;
	const meet = (atX: number, atY: number, radius: number): void => {
		length = Math.min(length, meets(atX - x, atY - y, cos, sin, radius));
	};
	for (let i = 0; i < asteroid.used; i++) {
		if (asteroid.gen[i] === 0) continue;
		const radius = asteroid.size[i] * ASTEROID_RADIUS_PER_SIZE;
		meet(asteroid.x[i], asteroid.y[i], radius);
	}
	for (let i = 0; i < ship.used; i++) {
		if (i === row || ship.gen[i] === 0 || (ship.flags[i] & FLAG_DEAD) !== 0) continue;
		meet(ship.x[i], ship.y[i], SHIP_RADIUS);
	}
	return { x, y, tx: x + cos * length, ty: y + sin * length };
}

/** Shows the own beam in the frame in which the own ship, computed ahead, has spent its charge. */
export class OwnBeam {
	private charge = 0;

	/** The beam that leaves in this frame, or null. */
	look(state: ArenaState, row: number): ReturnType<typeof beamFrom> | null {
		const charge = row < 0 ? 0 : state.ship.charge[row];
		const isSpent = charge < this.charge - 1;
		this.charge = charge;
		return isSpent ? beamFrom(state, row) : null;
	}
}
