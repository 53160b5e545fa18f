import { Column, ctx } from "hotstep/assembly";
import { dot } from "./generated/layout";

const COUNT: i32 = 10_000;
const ACROSS: i32 = 128;
const CELLS: i32 = ACROSS * ACROSS;
const WORLD: f32 = 1024;
const PER_CELL: f32 = 0.125;
const REACH_2: f32 = 16;

/** Where the dots of a cell begin in `sorted`; the cell of each dot. */
const starts = changetype<Column<i32>>(memory.data((CELLS + 1) * 4, 16));
const sorted = changetype<Column<i32>>(memory.data(COUNT * 4, 16));
const cells = changetype<Column<i32>>(memory.data(COUNT * 4, 16));

let seed: u32 = 12345;

function next(): f32 {
	seed = seed * 1664525 + 1013904223;
	return <f32>(seed >> 8) * <f32>(1.0 / 16777216.0);
}

export function init(): void {
	for (let n = 0; n < COUNT; n++) {
		const i = dot.spawn();
		dot.x[i] = next() * WORLD;
		dot.y[i] = next() * WORLD;
		dot.vx[i] = next() * 80 - 40;
		dot.vy[i] = next() * 80 - 40;
	}
}

function move(place: Column<f32>, speed: Column<f32>, dt: f32): void {
	for (let i = 0; i < COUNT; i++) {
		const v = speed[i];
		const p = place[i] + v * dt;
		const isOut = (<i32>(p < 0) & <i32>(v < 0)) | (<i32>(p > WORLD) & <i32>(v > 0));
		place[i] = p;
		speed[i] = isOut ? -v : v;
	}
}

@inline
function lane(place: f32): i32 {
	return max(0, min(ACROSS - 1, <i32>(place * PER_CELL)));
}

function sort(): void {
	memory.fill(changetype<usize>(starts), 0, (CELLS + 1) * 4);
	for (let i = 0; i < COUNT; i++) {
		const c = lane(dot.y[i]) * ACROSS + lane(dot.x[i]);
		cells[i] = c;
		starts[c] = starts[c] + 1;
	}
	let sum = 0;
	for (let c = 0; c <= CELLS; c++) {
		sum += starts[c];
		starts[c] = sum;
	}
	for (let i = COUNT - 1; i >= 0; i--) {
		const c = cells[i];
		const at = starts[c] - 1;
		starts[c] = at;
		sorted[at] = i;
	}
}

@inline
function bounce(i: i32, j: i32): void {
	const dx = dot.x[j] - dot.x[i];
	const dy = dot.y[j] - dot.y[i];
	const d2 = dx * dx + dy * dy;
	if (d2 >= REACH_2 || d2 <= 0) return;
	const nearing = (dot.vx[j] - dot.vx[i]) * dx + (dot.vy[j] - dot.vy[i]) * dy;
	if (nearing >= 0) return;
	const share = nearing / d2;
	dot.vx[i] += share * dx;
	dot.vy[i] += share * dy;
	dot.vx[j] -= share * dx;
	dot.vy[j] -= share * dy;
}

function collide(): void {
	for (let cy = 0; cy < ACROSS; cy++) {
		for (let cx = 0; cx < ACROSS; cx++) {
			const c = cy * ACROSS + cx;
			const right = i32(cx < ACROSS - 1);
			const left = i32(cx > 0);
			const end = starts[c + 1 + right];
			let below = 0;
			let belowEnd = 0;
			if (cy < ACROSS - 1) {
				below = starts[c + ACROSS - left];
				belowEnd = starts[c + ACROSS + 1 + right];
			}
			for (let a = starts[c]; a < starts[c + 1]; a++) {
				const i = sorted[a];
				for (let b = a + 1; b < end; b++) bounce(i, sorted[b]);
				for (let b = below; b < belowEnd; b++) bounce(i, sorted[b]);
			}
		}
	}
}

export function tick(): void {
	move(dot.x, dot.vx, ctx.dt);
	move(dot.y, dot.vy, ctx.dt);
	sort();
	collide();
}
