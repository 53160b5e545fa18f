import { ctx, random, randomBetween, refuse } from "hotstep/assembly";
import { AVATAR_DRAG, AVATAR_RADIUS, AVATAR_THRUST, AVATAR_TURN, WORLD } from "../constants";
import { avatar, input } from "../generated/layout";

const TAU: f32 = 6.2831855;
const NEAR: f32 = <f32>AVATAR_RADIUS;
const FAR: f32 = <f32>(WORLD - AVATAR_RADIUS);
const REASON_FULL: i32 = 1;

function avatarOf(player: i32): i32 {
	for (let i = 0; i < avatar.used; i++) {
		if (avatar.alive(i) && <i32>avatar.player[i] == player) return i;
	}
	return -1;
}

export function launch(player: i32): void {
	if (avatarOf(player) >= 0) return;
	const i = avatar.spawn();
	if (i < 0) {
		refuse(player, REASON_FULL);
		return;
	}
	avatar.player[i] = <u8>player;
	avatar.x[i] = randomBetween(<f32>WORLD * 0.25, <f32>WORLD * 0.75);
	avatar.y[i] = randomBetween(<f32>WORLD * 0.25, <f32>WORLD * 0.75);
	avatar.angle[i] = random() * TAU;
}

export function removeAvatarOf(player: i32): void {
	const i = avatarOf(player);
	if (i >= 0) avatar.free(i);
}

export function steerAvatars(): void {
	for (let i = 0; i < avatar.used; i++) if (avatar.alive(i)) steer(i);
}

function steer(i: i32): void {
	const dt = ctx.dt;
	const player = avatar.player[i];
	const turn = <f32>max<i32>(input.turn[player], -127) / <f32>127.0;
	let angle = avatar.angle[i] + turn * <f32>AVATAR_TURN * dt;
	if (angle < 0) angle += TAU;
	if (angle >= TAU) angle -= TAU;
	const kept: f32 = <f32>1.0 - <f32>AVATAR_DRAG * dt;
	const thrust: f32 = input.thrust[player] ? <f32>AVATAR_THRUST * dt : 0;
	const vx = avatar.vx[i] * kept + Mathf.cos(angle) * thrust;
	const vy = avatar.vy[i] * kept + Mathf.sin(angle) * thrust;
	const x = avatar.x[i] + vx * dt;
	const y = avatar.y[i] + vy * dt;
	avatar.angle[i] = angle;
	avatar.calling[i] = input.call[player] != 0;
	avatar.vx[i] = x < NEAR || x > FAR ? 0 : vx;
	avatar.vy[i] = y < NEAR || y > FAR ? 0 : vy;
	avatar.x[i] = min(max(x, NEAR), FAR);
	avatar.y[i] = min(max(y, NEAR), FAR);
}
