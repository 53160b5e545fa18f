import { CodedReader } from "./coded-reader.ts";
import type { ColumnShape, TableShape } from "./schema-reader.ts";

/** A live row: what PROTOCOL.md §5 says that both ends keep of it. */
export interface Row {
	gen: number;
	values: number[];
	/** 0 for columns that are not guessed. */
	steps: number[];
	/** How much each step differs from the one before; left out like the cell. */
	bends?: number[];
	/** Left out by those who only compare what is in a room. */
	cell?: number;
}

const WIDTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 32];

export class Bytes {
	private readonly data: Uint8Array;
	private at = 0;

	constructor(data: Uint8Array) {
		this.data = data;
	}

	u8(): number {
		if (this.at >= this.data.length) throw new Error("the data ends too early");
		return this.data[this.at++] as number;
	}

	varint(): number {
		let value = 0;
		let unit = 1;
		for (;;) {
			const byte = this.u8();
			value += (byte % 128) * unit;
			if (byte < 128) return value;
			unit *= 128;
			if (unit > 2 ** 28) throw new Error("a varint of more than 5 bytes");
		}
	}

	get left(): number {
		return this.data.length - this.at;
	}
}

/** One part's stream of bits, read bit by bit: slow, and as the document says it. */
class Bits {
	private readonly bytes: Bytes;
	private byte = 0;
	private next = 8;

	constructor(bytes: Bytes) {
		this.bytes = bytes;
	}

	take(count: number): number {
		let value = 0;
		for (let i = 0; i < count; i++) {
			if (this.next === 8) {
				this.byte = this.bytes.u8();
				this.next = 0;
			}
			if ((this.byte >> this.next) & 1) value += 2 ** i;
			this.next++;
		}
		return value;
	}

	numbers(count: number): number[] {
		const numbers: number[] = [];
		let width = 0;
		for (let i = 0; i < count; i++) {
			if (i % 8 === 0) width = WIDTHS[this.take(4)];
			const z = this.take(width);
			numbers.push(z % 2 === 0 ? z / 2 : -(z + 1) / 2);
		}
		return numbers;
	}

	/** The rest of the last byte must be padding of zeros. */
	end(): void {
		if (this.next < 8 && this.byte >> this.next !== 0) throw new Error("padding that is not zero");
	}
}

function readRows(bytes: Bytes, capacity: number, all: number[] | null): number[] {
	const rows: number[] = [];
	const form = bytes.u8();
	if (form === 0) {
		const count = bytes.varint();
		let row = -1;
		for (let i = 0; i < count; i++) {
			row += bytes.varint() + 1;
			rows.push(row);
		}
	} else if (form === 1) {
		const first = bytes.varint();
		const count = bytes.varint();
		for (let i = 0; i < count; i++) {
			const mask = bytes.u8();
			for (let bit = 0; bit < 8; bit++) if ((mask >> bit) & 1) rows.push(8 * (first + i) + bit);
		}
	} else if (form === 2 && all !== null) rows.push(...all);
	else throw new Error(`form ${form} of a row set`);
	if (rows.some((row) => row >= capacity)) throw new Error(`a row at or above ${capacity}`);
	return rows;
}

/** `n` as a signed number modulo 2^bits. */
function wrap(n: number, bits: number): number {
	const whole = 2 ** bits;
	const low = ((n % whole) + whole) % whole;
	return low >= whole / 2 ? low - whole : low;
}

function wrapValue(n: number, { quantisation, parameter }: ColumnShape): number {
	if (quantisation !== "angle") return wrap(n, 32);
	const turn = 2 ** parameter;
	return ((n % turn) + turn) % turn;
}

function wrapStep(n: number, { quantisation, parameter }: ColumnShape): number {
	return wrap(n, quantisation === "angle" ? parameter : 32);
}

/** The tables of one client, kept up to date as PROTOCOL.md §5 says. */
export class Tables {
	readonly rows: Map<number, Row>[];
	/** How often residuals came coded. */
	codedParts = 0;
	private readonly shapes: TableShape[];

	constructor(shapes: TableShape[]) {
		this.shapes = shapes;
		this.rows = shapes.map(() => new Map());
	}

	/** A keyframe (kind 0), a delta (1) or a catch-up (2). */
	apply(kind: number, cell: number, data: Uint8Array): void {
		const bytes = new Bytes(data);
		const codec = bytes.u8();
		if (codec !== 0) throw new Error(`codec ${codec}`);
		this.shapes.forEach((shape, t) => {
			if (shape.isSpatial !== cell > 0) return;
			this.applyTable(bytes, shape, this.rows[t] as Map<number, Row>, kind, cell);
		});
		if (bytes.left > 0) throw new Error(`${bytes.left} bytes follow the last table`);
	}

	applyGone(data: Uint8Array): void {
		const bytes = new Bytes(data);
		while (bytes.left > 0) {
			const cell = bytes.varint();
			this.shapes.forEach(({ isSpatial }, t) => {
				const rows = this.rows[t] as Map<number, Row>;
				if (!isSpatial) return;
				for (const [number, row] of rows) if (cell === 0 || row.cell === cell) rows.delete(number);
			});
		}
	}

	private applyTable(
		bytes: Bytes,
		shape: TableShape,
		rows: Map<number, Row>,
		kind: number,
		cell: number,
	): void {
		const parts = bytes.u8();
		const allowed = [8, 111, 24][kind] ?? 0;
		if ((parts & ~allowed) !== 0) throw new Error(`parts ${parts} in a chunk of kind ${kind}`);
		const here = (number: number): boolean => rows.get(number)?.cell === cell;
		const freeAllBut = (kept: ReadonlySet<number>): void => {
			for (const number of [...rows.keys()])
				if (here(number) && !kept.has(number)) rows.delete(number);
		};
		if (kind === 0) freeAllBut(new Set());
		if (parts & 16) freeAllBut(new Set(readRows(bytes, shape.capacity, null)));
		if (parts & 1) {
			for (const row of readRows(bytes, shape.capacity, null)) if (here(row)) rows.delete(row);
		}
		const kept = [...rows.keys()].filter(here).sort((a, b) => a - b);
		const orders = (parts & 32) === 0 ? null : readOrders(bytes, shape);
		if ((parts & 66) === 66) throw new Error("both changed and coded");
		const past = kept.map((number) => rows.get(number) as Row);
		// read before the guess, which changes what the reading goes by
		if ((parts & 64) !== 0) this.codedParts++;
		const coded = (parts & 64) === 0 ? null : readCoded(bytes, shape, past);
		if (kind === 1) {
			for (const number of kept) guess(shape, rows.get(number) as Row, orders);
		}
		for (const [i, residuals] of coded ?? []) {
			shape.columns.forEach((column, c) => {
				correct(past[i], c, column, residuals[c]);
			});
		}
		if (parts & 2) this.applyChanged(bytes, shape, rows, kept);
		if (parts & 4) this.applyWhole(bytes, shape, rows, cell, false);
		if (parts & 8) this.applyWhole(bytes, shape, rows, cell, true);
	}

	private applyChanged(
		bytes: Bytes,
		shape: TableShape,
		rows: ReadonlyMap<number, Row>,
		kept: number[],
	): void {
		const changed = readRows(bytes, shape.capacity, kept).map((number) => {
			if (!kept.includes(number)) throw new Error(`row ${number} changed but is not there`);
			return rows.get(number) as Row;
		});
		const bits = new Bits(bytes);
		shape.columns.forEach((column, c) => {
			bits.numbers(changed.length).forEach((residual, i) => {
				correct(changed[i], c, column, residual);
			});
		});
		bits.end();
	}

	private applyWhole(
		bytes: Bytes,
		shape: TableShape,
		rows: Map<number, Row>,
		cell: number,
		hasSteps: boolean,
	): void {
		const numbers = readRows(bytes, shape.capacity, null);
		const bits = new Bits(bytes);
		const whole = bits.numbers(numbers.length).map((gen): Row => {
			if (gen < 1 || gen > 65_535) throw new Error(`generation ${gen}`);
			return {
				gen,
				values: [],
				steps: shape.columns.map(() => 0),
				bends: shape.columns.map(() => 0),
				cell,
			};
		});
		whole.forEach((row, i) => {
			rows.set(numbers[i], row);
		});
		for (const _ of shape.columns) {
			bits.numbers(whole.length).forEach((value, i) => {
				whole[i]?.values.push(value);
			});
		}
		shape.columns.forEach((column, c) => {
			if (!hasSteps || !column.isGuessed) return;
			bits.numbers(whole.length).forEach((step, i) => {
				whole[i].steps[c] = step;
			});
			bits.numbers(whole.length).forEach((bend, i) => {
				(whole[i].bends as number[])[c] = bend;
			});
		});
		bits.end();
	}
}

/** The order of each column; that of a column that is not guessed says nothing. */
function readOrders(bytes: Bytes, { columns }: TableShape): number[] {
	const bits = new Bits(bytes);
	const orders = columns.map(({ isGuessed }) => (isGuessed ? bits.take(2) : 1));
	bits.end();
	if (orders.some((order) => order === 3)) throw new Error("order 3");
	return orders;
}

function readCoded(bytes: Bytes, { columns }: TableShape, rows: Row[]): Map<number, number[]> {
	const past = rows.map(({ steps, bends = [] }) => ({ steps: [...steps], bends: [...bends] }));
	return new CodedReader(() => bytes.u8()).read(columns, past);
}

function correct(row: Row, c: number, column: ColumnShape, residual: number): void {
	row.values[c] = wrapValue(row.values[c] + residual, column);
	if (!column.isGuessed) return;
	row.steps[c] = wrapStep(row.steps[c] + residual, column);
	const bends = row.bends as number[];
	bends[c] = wrapStep(bends[c] + residual, column);
}

function guess({ columns }: TableShape, row: Row, orders: number[] | null): void {
	const bends = row.bends as number[];
	columns.forEach((column, c) => {
		if (!column.isGuessed) return;
		const step = row.steps[c];
		const move = [0, step, step + bends[c]][orders?.[c] ?? 1];
		row.values[c] = wrapValue(row.values[c] + move, column);
		row.steps[c] = wrapStep(move, column);
		bends[c] = wrapStep(wrapStep(move, column) - step, column);
	});
}
