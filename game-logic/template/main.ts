// What happens, in AssemblyScript. Change SPEED and save: the running game changes with you in it.
import { ctx, randomBetween } from "hotstep/assembly";
import { coin, emit, input, runner } from "./generated/layout";

const WIDTH: f32 = 800;
const HEIGHT: f32 = 500;
const SPEED: f32 = 220;
const REACH: f32 = 24;

export function init(): void {
	for (let i = 0; i < coin.capacity; i++) drop(coin.spawn());
}

export function join(player: i32): void {
	const i = runner.spawn();
	runner.player[i] = <u8>player;
	runner.x[i] = WIDTH / <f32>2;
	runner.y[i] = HEIGHT / <f32>2;
}

export function leave(player: i32): void {
	for (let i = 0; i < runner.used; i++) {
		if (runner.alive(i) && runner.player[i] == player) runner.free(i);
	}
}

export function tick(): void {
	const way = SPEED * ctx.dt;
	for (let i = 0; i < runner.used; i++) {
		if (!runner.alive(i)) continue;
		const player = runner.player[i];
		if (input.left[player]) runner.x[i] = max<f32>(0, runner.x[i] - way);
		if (input.right[player]) runner.x[i] = min(WIDTH, runner.x[i] + way);
		if (input.up[player]) runner.y[i] = max<f32>(0, runner.y[i] - way);
		if (input.down[player]) runner.y[i] = min(HEIGHT, runner.y[i] + way);
		collect(i);
	}
}

function collect(i: i32): void {
	for (let c = 0; c < coin.used; c++) {
		const dx = runner.x[i] - coin.x[c];
		const dy = runner.y[i] - coin.y[c];
		if (dx * dx + dy * dy > REACH * REACH) continue;
		runner.coins[i] += 1;
		emit.taken(coin.x[c], coin.y[c]);
		drop(c);
	}
}

function drop(c: i32): void {
	coin.x[c] = randomBetween(20, WIDTH - <f32>20);
	coin.y[c] = randomBetween(20, HEIGHT - <f32>20);
}
