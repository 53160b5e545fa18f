import type { LiveColumn } from "../../protocol/abi/simulation.ts";
import type { ColumnArray } from "../../protocol/schema/scalar.ts";

/** A shared column of a running module, compared with the integers that were sent of it. */
export interface SharedColumn {
	/** The integer that would be sent for this row's value. */
	toWire(row: number): number;
	/** Writes a received integer into a row. */
	put(row: number, travelled: number): void;
}

// the formulae are PROTOCOL.md's; each class has one kind of array, so that engines compile it well

class StepColumn implements SharedColumn {
	private readonly values: Float32Array;
	private readonly step: number;
	private readonly scale: number;
	constructor(values: Float32Array, step: number) {
		this.values = values;
		this.step = step;
		this.scale = 1 / step;
	}
	toWire(row: number): number {
		return Math.floor(this.values[row] * this.scale + 0.5) | 0;
	}
	put(row: number, travelled: number): void {
		this.values[row] = travelled * this.step;
	}
}

class AngleColumn implements SharedColumn {
	private readonly values: Float32Array;
	private readonly scale: number;
	private readonly mask: number;
	constructor(values: Float32Array, bits: number) {
		this.values = values;
		this.scale = 2 ** bits / (2 * Math.PI);
		this.mask = 2 ** bits - 1;
	}
	toWire(row: number): number {
		return Math.floor(this.values[row] * this.scale + 0.5) & this.mask;
	}
	put(row: number, travelled: number): void {
		this.values[row] = travelled / this.scale;
	}
}

class ExactColumn implements SharedColumn {
	private readonly values: Exclude<ColumnArray, BigInt64Array | BigUint64Array>;
	constructor(values: ColumnArray) {
		this.values = values as Int32Array;
	}
	toWire(row: number): number {
		return this.values[row] | 0;
	}
	put(row: number, travelled: number): void {
		this.values[row] = travelled;
	}
}

/** Reads and writes one column of a module in its quantised form. */
export function sharedColumn({ about, values }: LiveColumn): SharedColumn {
	const q = about.quantisation;
	if (q.kind === "step") return new StepColumn(values as Float32Array, q.step);
	if (q.kind === "angle") return new AngleColumn(values as Float32Array, q.bits);
	if (about.type !== "f32") return new ExactColumn(values);
	return new ExactColumn(new Int32Array(values.buffer, values.byteOffset, values.length));
}
