import fc from "fast-check";
import type {
	Circle,
	ColumnSpec,
	Interpolation,
	Quantisation,
} from "../../protocol/schema/column.ts";
import { layoutRecord, type RecordSpec } from "../../protocol/schema/define-game.ts";
import { is64Bit, isFloat, SCALAR_NAMES, type ScalarName } from "../../protocol/schema/scalar.ts";
import type { WireColumn, WireSchema, WireTable } from "../../protocol/wire-schema.ts";

export const scalarNames: fc.Arbitrary<ScalarName> = fc.constantFrom(...SCALAR_NAMES);

export const interpolations: fc.Arbitrary<Interpolation> = fc.constantFrom(
	"step",
	"linear",
	"angle",
);

export const names: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][A-Za-z0-9_-]{0,20}$/);

/** A step as a descriptor can hold it: an f32. */
export const steps: fc.Arbitrary<number> = fc.oneof(
	fc.constantFrom(1, 0.5, 1 / 32, Math.fround(0.1), Math.fround(0.001), 100),
	fc.float({ min: Math.fround(1e-6), max: 1000, noNaN: true }),
);

export const quantisations: fc.Arbitrary<Quantisation> = fc.oneof(
	fc.constant<Quantisation>({ kind: "exact" }),
	steps.map((step): Quantisation => ({ kind: "step", step })),
	fc.integer({ min: 2, max: 24 }).map((bits): Quantisation => ({ kind: "angle", bits })),
);

/** Circles as a descriptor can hold them. */
export const circles: fc.Arbitrary<Circle | null> = fc.option(
	fc.record({
		size: fc.float({ min: Math.fround(1e-3), max: 1e6, noNaN: true }),
		from: fc.float({ min: -1e6, max: 1e6, noNaN: true }).map((from) => from + 0),
	}),
);

/** Columns that may travel. */
export const wireColumns: fc.Arbitrary<WireColumn> = fc
	.record({
		name: names,
		type: scalarNames,
		quantisation: quantisations,
		interpolation: interpolations,
		wrap: circles,
	})
	.map(({ name, type, quantisation, interpolation, wrap }) => ({
		name,
		type: quantisation.kind === "exact" ? (is64Bit(type) ? "i32" : type) : "f32",
		quantisation,
		interpolation,
		owner: false,
		wrap: quantisation.kind === "step" && interpolation !== "angle" ? wrap : null,
		jumps: false,
	}));

/** What a table has whose rows jump. */
const JUMP_COUNT: WireColumn = {
	name: "jumpCount",
	type: "u8",
	quantisation: { kind: "exact" },
	interpolation: "step",
	owner: false,
	wrap: null,
	jumps: true,
};

export const wireTables: fc.Arbitrary<WireTable> = fc.record({
	name: names,
	capacity: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(127, 128, 129, 700, 2100)),
	columns: fc
		.tuple(fc.array(wireColumns, { maxLength: 5 }), fc.boolean())
		.map(([columns, jumps]) => (jumps ? [...columns, JUMP_COUNT] : columns)),
	spatial: fc.boolean(),
	predicted: fc.boolean(),
	own: fc.array(fc.record({ name: names, type: scalarNames }), { maxLength: 3 }),
});

/** Tables whose rows are all in the global cell. */
export const globalTables: fc.Arbitrary<WireTable> = wireTables.map((table) => ({
	...table,
	spatial: false,
}));

export const records: fc.Arbitrary<RecordSpec> = fc
	.uniqueArray(fc.tuple(names, scalarNames), { maxLength: 4, selector: ([name]) => name })
	.map((fields) => layoutRecord(fields));

export const wireSchemas: fc.Arbitrary<WireSchema> = fc.record({
	game: names,
	version: fc.integer({ min: 0, max: 0xffffffff }),
	maxPlayers: fc.integer({ min: 1, max: 1024 }),
	input: records,
	tables: fc.array(wireTables, { minLength: 1, maxLength: 3 }),
	events: fc.array(
		fc.tuple(names, records).map(([name, record]) => ({ name, ...record })),
		{ maxLength: 4 },
	),
});

/** Columns as a module may describe them, private ones too. */
export const describedColumns: fc.Arbitrary<{ name: string } & ColumnSpec> = fc
	.record({
		column: wireColumns,
		type: scalarNames,
		isPrivate: fc.boolean(),
		owner: fc.boolean(),
		wrap: circles,
		jumps: fc.boolean(),
	})
	.map(({ column, type, isPrivate, owner, wrap, jumps }) => {
		const canWrap = column.quantisation.kind !== "angle";
		const actual = isPrivate && column.quantisation.kind === "exact" ? type : column.type;
		return {
			...column,
			type: actual,
			private: isPrivate,
			owner: owner && !isFloat(actual),
			ownerOnly: false,
			rewound: false,
			axis: null,
			wrap: canWrap && isFloat(actual) && column.interpolation !== "angle" ? wrap : null,
			jumps: jumps && actual === "u8" && !isPrivate && !owner,
			default: 0,
			was: null,
		};
	});
