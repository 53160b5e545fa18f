/*
 * One walker for each player: constant speed, a heading that wanders, walls that throw it back. The
 * peers in bench/peers/walkers.mjs move by the same law.
 */
import { ctx, random, randomBetween } from "hotstep/assembly";
import { walker } from "./generated/layout";

const WORLD: f32 = 1024;
const SPEED: f32 = 60;
const PI: f32 = 3.1415927;
const TAU: f32 = 6.2831855;
const TURN: f32 = 1.5;
const TURN_EVERY: f32 = 20;

export function join(player: i32): void {
	const i = walker.spawn();
	if (i < 0) return;
	walker.player[i] = <u16>player;
	walker.x[i] = randomBetween(0, WORLD);
	walker.y[i] = randomBetween(0, WORLD);
	walker.angle[i] = random() * TAU;
	walker.turn[i] = randomBetween(-TURN, TURN);
}

export function leave(player: i32): void {
	for (let i = 0; i < walker.used; i++) {
		if (walker.alive(i) && <i32>walker.player[i] == player) walker.free(i);
	}
}

export function tick(): void {
	for (let i = 0; i < walker.used; i++) if (walker.alive(i)) walk(i);
}

function walk(i: i32): void {
	if (random() * TURN_EVERY < 1) walker.turn[i] = randomBetween(-TURN, TURN);
	let angle = walker.angle[i] + walker.turn[i] * ctx.dt;
	let x = walker.x[i] + Mathf.cos(angle) * SPEED * ctx.dt;
	let y = walker.y[i] + Mathf.sin(angle) * SPEED * ctx.dt;
	if (x < 0 || x > WORLD) {
		angle = PI - angle;
		x = min(max(x, <f32>0), WORLD);
	}
	if (y < 0 || y > WORLD) {
		angle = -angle;
		y = min(max(y, <f32>0), WORLD);
	}
	if (angle < 0) angle += TAU;
	if (angle >= TAU) angle -= TAU;
	walker.x[i] = x;
	walker.y[i] = y;
	walker.angle[i] = angle;
}
