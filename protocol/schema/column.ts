import { isFloat, type ScalarName } from "./scalar.ts";

/** How a client shows a column between two snapshots. */
export type Interpolation = "step" | "linear" | "angle";

/** How a column's value becomes the integer that is sent. */
export type Quantisation =
	| { readonly kind: "exact" }
	/** `round(value / step)` */
	| { readonly kind: "step"; readonly step: number }
	/** `round(radians / 2π · 2^bits)` modulo 2^bits */
	| { readonly kind: "angle"; readonly bits: number };

/** A circular axis: `from` and `from + size` are the same place. */
export interface Circle {
	readonly size: number;
	readonly from: number;
}

export interface ColumnSpec {
	readonly type: ScalarName;
	readonly quantisation: Quantisation;
	readonly interpolation: Interpolation;
	/** Stays on the server. */
	readonly private: boolean;
	/** Holds the player number that owns the row. */
	readonly owner: boolean;
	/** Sent only to the player who owns the row, with its exact value. */
	readonly ownerOnly: boolean;
	/** The module keeps its past values, for lag compensation. */
	readonly rewound: boolean;
	readonly axis: "x" | "y" | null;
	/** Its values lie on a circle, and it is shown the short way round. */
	readonly wrap: Circle | null;
	/** Counts the row's jumps. */
	readonly jumps: boolean;
	readonly default: number;
	/** The column's name in the version before, for a swap. */
	readonly was: string | null;
}

declare const hidden: unique symbol;

/** Marks a private column in the type system, so that a client's view has no such column. */
export interface Hidden {
	readonly [hidden]: true;
}

/** A column under construction. Every method returns a new column. */
export class Column {
	readonly spec: ColumnSpec;

	constructor(spec: ColumnSpec) {
		this.spec = spec;
	}

	private with(change: Partial<ColumnSpec>): this {
		return new Column({ ...this.spec, ...change }) as this;
	}

	/** Sends multiples of `step` and, unless told otherwise, interpolates linearly. */
	quantize(step: number): this {
		return this.with({ quantisation: { kind: "step", step }, interpolation: "linear" });
	}

	/** Radians, sent as `bits` bits of a full turn and interpolated the short way round. */
	quantizeAngle(bits: number): this {
		return this.with({ quantisation: { kind: "angle", bits }, interpolation: "angle" });
	}

	interpolate(interpolation: Interpolation): this {
		return this.with({ interpolation });
	}

	/**
	 * Keeps it on the server; in a predicted table, the row's owner still receives it, to run the rules.
	 */
	private(): this & Hidden {
		return this.with({ private: true }) as this & Hidden;
	}

	owner(): this {
		return this.with({ owner: true });
	}

	/** Sends the exact value to the player who owns the row, nothing to anyone else. */
	ownerOnly(): this {
		return this.with({ private: true, ownerOnly: true });
	}

	/** Keeps past values, for lag compensation. */
	rewind(): this {
		return this.with({ rewound: true });
	}

	axis(axis: "x" | "y"): this {
		return this.with({ axis });
	}

	/**
	 * The values lie on a circle that begins at `from` and is `size` long, in their own units: the column is
	 * shown, rewound and corrected the short way round, and never outside the circle.
	 */
	wrap(size: number, from = 0): this {
		return this.with({ wrap: { size, from } });
	}

	was(name: string): this {
		return this.with({ was: name });
	}
}

export interface ColumnOptions {
	default?: number | boolean;
	/** As `.wrap(size)`. */
	wrap?: number;
}

/** A number type: usable as it is, or called to start a column. */
export interface ScalarType {
	(options?: ColumnOptions): Column;
	readonly type: ScalarName;
}

function scalarType(type: ScalarName): ScalarType {
	const start = ({ default: start = 0, wrap: size }: ColumnOptions = {}): Column =>
		new Column({
			type,
			quantisation: { kind: "exact" },
			interpolation: isFloat(type) ? "linear" : "step",
			private: false,
			owner: false,
			ownerOnly: false,
			rewound: false,
			axis: null,
			wrap: size === undefined ? null : { size, from: 0 },
			jumps: false,
			default: typeof start === "boolean" ? Number(start) : start,
			was: null,
		});
	return Object.assign(start, { type });
}

export const u8 = scalarType("u8");
export const i8 = scalarType("i8");
export const u16 = scalarType("u16");
export const i16 = scalarType("i16");
export const u32 = scalarType("u32");
export const i32 = scalarType("i32");
export const u64 = scalarType("u64");
export const i64 = scalarType("i64");
export const f32 = scalarType("f32");
export const f64 = scalarType("f64");
export const bool = scalarType("bool");
