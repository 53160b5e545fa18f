import type { LiveColumn, LiveTable } from "../../protocol/abi/simulation.ts";

/** Fills `out[row]` for the live rows below `used`; false when a value was not a finite number. */
type QuantiseColumn = (gen: Uint16Array, used: number, out: Int32Array) => boolean;

// Each factory makes a closure of its own for each column, so that the engine compiles its loop for
// one kind of array.

function byStep(values: Float32Array, step: number): QuantiseColumn {
	const scale = 1 / step;
	return (gen, used, out) => {
		// 0 times anything finite is 0
		let nothing = 0;
		for (let row = 0; row < used; row++) {
			if (gen[row] === 0) continue;
			const value = values[row];
			nothing += value * 0;
			out[row] = Math.floor(value * scale + 0.5);
		}
		return nothing === 0;
	};
}

function byAngle(values: Float32Array, bits: number): QuantiseColumn {
	const scale = 2 ** bits / (2 * Math.PI);
	const mask = 2 ** bits - 1;
	return (gen, used, out) => {
		let nothing = 0;
		for (let row = 0; row < used; row++) {
			if (gen[row] === 0) continue;
			const value = values[row];
			nothing += value * 0;
			out[row] = Math.floor(value * scale + 0.5) & mask;
		}
		return nothing === 0;
	};
}

function asItIs(values: ArrayLike<number>): QuantiseColumn {
	return (gen, used, out) => {
		for (let row = 0; row < used; row++) if (gen[row] !== 0) out[row] = values[row];
		return true;
	};
}

function quantiserFor({ about, values }: LiveColumn): QuantiseColumn {
	const q = about.quantisation;
	if (q.kind === "step") return byStep(values as Float32Array, q.step);
	if (q.kind === "angle") return byAngle(values as Float32Array, q.bits);
	if (about.type === "f32") {
		return asItIs(new Int32Array(values.buffer, values.byteOffset, values.length));
	}
	return asItIs(values as unknown as ArrayLike<number>);
}

/** One table's quantised integers, read from linear memory at each `capture`. */
export class TableQuantiser {
	readonly gen: Uint16Array;
	used = 0;
	values: readonly Int32Array[] = [];
	/** The cell of each row of a spatial table, filled by the grid. */
	readonly cells: Uint16Array | null;
	/** The first shared value that was not a finite number; clients see 0. */
	oddValue: string | null = null;
	private readonly name: string;
	private readonly shared: readonly LiveColumn[];
	private readonly columns: readonly QuantiseColumn[];

	/** `table` must be the one the module has now: a memory that grew needs a new quantiser. */
	constructor(table: LiveTable, cells: Uint16Array | null = null) {
		this.cells = cells;
		const shared = table.columns.filter((c) => !c.about.private);
		this.name = table.name;
		this.shared = shared;
		this.gen = table.gen;
		this.columns = shared.map(quantiserFor);
	}

	/** Reads the first `used` rows, into an array for each shared column. */
	capture(used: number, into: readonly Int32Array[]): void {
		this.used = used;
		this.values = into;
		for (let c = 0; c < this.columns.length; c++) {
			const quantise = this.columns[c];
			if (quantise(this.gen, used, into[c])) continue;
			this.oddValue ??= this.describeOddValue(this.shared[c]);
		}
	}

	private describeOddValue({ about, values }: LiveColumn): string {
		let row = 0;
		while (this.gen[row] === 0 || Number.isFinite(values[row])) row++;
		return `${this.name}.${about.name}[${row}] is ${values[row]}`;
	}
}
