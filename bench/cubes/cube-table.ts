import type { QuantisedTable } from "../../protocol/codec/chunk-encoder.ts";
import type { WireColumn, WireTable } from "../../protocol/wire-schema.ts";
import { COLUMNS, CUBES } from "./trace.ts";

function column(name: (typeof COLUMNS)[number]): WireColumn {
	const isWhole = name === "largest" || name === "interacting";
	if (isWhole) {
		const quantisation = { kind: "exact" } as const;
		return { name, type: "u8", quantisation, interpolation: "step", owner: false };
	}
	// metres in 1/512, or parts of a rotation as they are
	const step = name === "x" || name === "y" || name === "z" ? 1 / 512 : 1;
	const quantisation = { kind: "step", step } as const;
	return { name, type: "f32", quantisation, interpolation: "linear", owner: false };
}

/** The cubes as a client would know them. */
export const CUBE_TABLE: WireTable = {
	name: "cube",
	capacity: CUBES,
	columns: COLUMNS.map(column),
	spatial: false,
	predicted: false,
	own: [],
};

/** A frame of the trace as an encoder takes it. */
export function tableOfFrame(frame: Int32Array): QuantisedTable {
	return {
		gen: new Uint16Array(CUBES).fill(1),
		used: CUBES,
		values: COLUMNS.map((_, c) =>
			Int32Array.from({ length: CUBES }, (__, cube) => frame[cube * COLUMNS.length + c]),
		),
	};
}
