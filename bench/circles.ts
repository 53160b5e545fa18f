import type { QuantisedTable } from "../protocol/codec/chunk-encoder.ts";
import { SeededRandom } from "../protocol/seeded-random.ts";
import type { WireColumn, WireTable } from "../protocol/wire-schema.ts";

/** The world is 1024 units wide and positions are multiples of 1/64 unit: 16 bits. */
const WORLD = 1024;
const STEP = 1 / 64;
const ANGLE_BITS = 16;
const RATE_HZ = 20;
const SEED = 11;
/** Radius in units, and time for one turn in seconds. */
const RADIUS = [40, 160] as const;
const TURN_S = [4, 12] as const;

function column(name: string, quantisation: WireColumn["quantisation"]): WireColumn {
	const interpolation = quantisation.kind === "angle" ? "angle" : "linear";
	return { name, type: "f32", quantisation, interpolation, owner: false };
}

/** The table of `count` entities that move on circles, as a client would know it. */
export function circleTable(count: number): WireTable {
	return {
		name: "entity",
		capacity: count,
		spatial: false,
		predicted: false,
		own: [],
		columns: [
			column("x", { kind: "step", step: STEP }),
			column("y", { kind: "step", step: STEP }),
			column("angle", { kind: "angle", bits: ANGLE_BITS }),
		],
	};
}

function within([least, most]: readonly [number, number], share: number): number {
	return least + share * (most - least);
}

/**
 * `updates` successive states of `count` entities, 20 a second: each moves on a circle of its own and
 * looks where it goes. In floats and as the integers that travel.
 */
export function circleStates(
	count: number,
	updates: number,
): { floats: number[][][]; quantised: QuantisedTable[] } {
	const random = new SeededRandom(SEED).next;
	const entities = Array.from({ length: count }, () => {
		const radius = within(RADIUS, random());
		return {
			radius,
			x: within([radius, WORLD - radius], random()),
			y: within([radius, WORLD - radius], random()),
			phase: random() * 2 * Math.PI,
			speed: ((random() < 0.5 ? -1 : 1) * 2 * Math.PI) / within(TURN_S, random()),
		};
	});
	const floats = Array.from({ length: updates }, (_, update) =>
		entities.map(({ radius, x, y, phase, speed }, row) => {
			const at = phase + (speed * update) / RATE_HZ;
			const heading = at + (Math.sign(speed) * Math.PI) / 2;
			return [row, x + Math.cos(at) * radius, y + Math.sin(at) * radius, heading];
		}),
	);
	return { floats, quantised: floats.map((rows) => quantise(rows, count)) };
}

function quantise(rows: readonly number[][], count: number): QuantisedTable {
	const turn = 2 ** ANGLE_BITS;
	const round = (value: number): number => Math.floor(value + 0.5);
	return {
		gen: new Uint16Array(count).fill(1),
		used: count,
		values: [
			Int32Array.from(rows, ([, x]) => round(x / STEP)),
			Int32Array.from(rows, ([, , y]) => round(y / STEP)),
			Int32Array.from(rows, ([, , , angle]) => round((angle / (2 * Math.PI)) * turn) & (turn - 1)),
		],
	};
}
