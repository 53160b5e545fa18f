import { ctx, random, refuse } from "hotstep/assembly";
import {
	FLAG_DEAD,
	FLAG_PROTECTED,
	FLAG_THRUST,
	LASER_CHARGE,
	PROTECT_TICKS,
	REGEN_TICKS,
	SHIELD_FULL,
	SHIP_DRAG,
	SHIP_RADIUS,
	SHIP_THRUST,
	SHIP_TOP_SPEED,
	SHIP_TURN,
	WORLD,
} from "../constants";
import { input, ship } from "../generated/layout";
import { isDead, isProtected, setFlag } from "./flags";
import { putInClearPlace } from "./place";

const RADIUS: f32 = <f32>SHIP_RADIUS;
const FAR: f32 = <f32>(WORLD - SHIP_RADIUS);
const TOP_SPEED: f32 = <f32>SHIP_TOP_SPEED;
const TAU: f32 = 6.2831855;
/** Share of its speed that a ship keeps when a wall throws it back. */
const WALL_BOUNCE: f32 = 0.4;
const REASON_FULL: i32 = 1;

/** The row of a player's ship, or -1. */
export function shipOf(player: i32): i32 {
	for (let i = 0; i < ship.used; i++) {
		if (ship.alive(i) && <i32>ship.player[i] == player) return i;
	}
	return -1;
}

export function launch(player: i32): void {
	if (shipOf(player) >= 0) return;
	const i = ship.spawn();
	if (i < 0) {
		refuse(player, REASON_FULL);
		return;
	}
	ship.player[i] = <u8>player;
	ship.angle[i] = random() * TAU;
	putInClearPlace(i);
	protect(i);
}

export function removeShipOf(player: i32): void {
	const i = shipOf(player);
	if (i >= 0) ship.free(i);
}

/** Turns, thrusts and moves a living ship as its player wants. */
export function steer(i: i32): void {
	const dt = ctx.dt;
	const player = ship.player[i];
	const turn = <f32>max<i32>(input.turn[player], -127) / <f32>127.0;
	let angle = ship.angle[i] + turn * <f32>SHIP_TURN * dt;
	if (angle < 0) angle += TAU;
	if (angle >= TAU) angle -= TAU;

	const kept: f32 = <f32>1.0 - <f32>SHIP_DRAG * dt;
	let vx = ship.vx[i] * kept;
	let vy = ship.vy[i] * kept;
	const thrust = input.thrust[player];
	if (thrust) {
		vx += Mathf.cos(angle) * <f32>SHIP_THRUST * dt;
		vy += Mathf.sin(angle) * <f32>SHIP_THRUST * dt;
	}
	const speed = Mathf.sqrt(vx * vx + vy * vy);
	if (speed > TOP_SPEED) {
		vx *= TOP_SPEED / speed;
		vy *= TOP_SPEED / speed;
	}

	setFlag(i, FLAG_THRUST, thrust);
	ship.angle[i] = angle;
	ship.vx[i] = vx;
	ship.vy[i] = vy;
	ship.x[i] += vx * dt;
	ship.y[i] += vy * dt;
	if (ship.reload[i] > 0) ship.reload[i] -= 1;
	if (ship.charge[i] < <u8>LASER_CHARGE) ship.charge[i] += 1;
}

/** Throws a ship back that a move or a bump took through a wall. */
export function keepInside(i: i32): void {
	const x = ship.x[i];
	const y = ship.y[i];
	if (x < RADIUS && ship.vx[i] < 0) ship.vx[i] *= -WALL_BOUNCE;
	if (x > FAR && ship.vx[i] > 0) ship.vx[i] *= -WALL_BOUNCE;
	if (y < RADIUS && ship.vy[i] < 0) ship.vy[i] *= -WALL_BOUNCE;
	if (y > FAR && ship.vy[i] > 0) ship.vy[i] *= -WALL_BOUNCE;
	ship.x[i] = min(max(x, RADIUS), FAR);
	ship.y[i] = min(max(y, RADIUS), FAR);
}

/** What time does for a ship: brings it back, ends its protection, restores its shield. */
export function mend(i: i32): void {
	if (isDead(i)) comeBack(i);
	else if (isProtected(i)) endProtection(i);
	// by the common tick, not a counter each: all shields change in the same snapshot
	if (!isDead(i) && ctx.tick % REGEN_TICKS == 0 && ship.shield[i] < <u8>SHIELD_FULL) {
		ship.shield[i] += 1;
	}
}

function comeBack(i: i32): void {
	// a client knows the time of its own ship only
	if (ctx.predicting && ship.timer[i] == 0) return;
	const left = max<u16>(ship.timer[i], 1) - 1;
	ship.timer[i] = left;
	if (left > 0) return;
	putInClearPlace(i);
	ship.jump(i);
	setFlag(i, FLAG_DEAD, false);
	ship.shield[i] = <u8>SHIELD_FULL;
	protect(i);
}

function protect(i: i32): void {
	setFlag(i, FLAG_PROTECTED, true);
	ship.timer[i] = <u16>PROTECT_TICKS;
}

function endProtection(i: i32): void {
	if (ctx.predicting && ship.timer[i] == 0) return;
	const left = max<u16>(ship.timer[i], 1) - 1;
	ship.timer[i] = left;
	if (left == 0) setFlag(i, FLAG_PROTECTED, false);
}
