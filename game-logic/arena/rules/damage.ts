import { ctx } from "hotstep/assembly";
import {
	EXPLOSION_SHIP,
	FLAG_DEAD,
	LASER_CHARGE,
	NOBODY,
	RESPAWN_TICKS,
	SCORE_KILL,
	SIGHT,
} from "../constants";
import { emit, ship } from "../generated/layout";
import { isDead, isProtected } from "./flags";
import { shipOf } from "./ship";

export function addScore(player: i32, points: i32): void {
	const i = shipOf(player);
	if (i >= 0) ship.score[i] += points;
}

/** Takes shield from a ship; `by` is the player who did it, or NOBODY. */
export function hurt(i: i32, amount: i32, by: i32): void {
	// a client sees walls and rocks as the server does, but players only as they were
	if ((ctx.predicting && by != NOBODY) || isDead(i) || isProtected(i)) return;
	const left = <i32>ship.shield[i] - amount;
	if (left > 0) ship.shield[i] = <u8>left;
	else kill(i, by);
}

function kill(i: i32, by: i32): void {
	const victim = <i32>ship.player[i];
	ship.shield[i] = 0;
	ship.flags[i] = <u8>FLAG_DEAD;
	ship.timer[i] = <u16>RESPAWN_TICKS;
	ship.reload[i] = 0;
	ship.charge[i] = <u8>LASER_CHARGE;
	ship.vx[i] = 0;
	ship.vy[i] = 0;
	if (by != NOBODY) addScore(by, SCORE_KILL);
	emit.explosionNear(ship.x[i], ship.y[i], <f32>SIGHT, ship.x[i], ship.y[i], <u8>EXPLOSION_SHIP);
	emit.kill(<u8>by, <u8>victim, ship.x[i], ship.y[i]);
}
