// Bytes of a state's changes as Colyseus would send them, without a server around: the same tables and
// columns, quantised the same way, through its own encoder.
import { Encoder, schema, t } from "@colyseus/schema";

const INTEGERS = {
	bool: () => t.boolean(),
	u8: () => t.uint8(),
	i8: () => t.int8(),
	u16: () => t.uint16(),
	i16: () => t.int16(),
	u32: () => t.uint32(),
	i32: () => t.int32(),
	f32: () => t.float32(),
};

/** Its quantised fields have 8, 16 or 32 bits; 16 of them hold steps of the same size. */
function fieldOf({ type, quantisation }) {
	if (quantisation.kind === "angle") {
		return t.quantized({ min: 0, max: 2 * Math.PI, mode: "wrap", bits: 16 });
	}
	if (quantisation.kind === "step") {
		return t.quantized({ min: 0, max: 65_535 * quantisation.step, bits: 16 });
	}
	return INTEGERS[type]();
}

/** Follows a game's tables, snapshot by snapshot. */
export class SchemaBytes {
	/** `tables` as in a client's schema: names, columns with their types and quantisation. */
	constructor(tables) {
		this.tables = tables;
		this.rowClasses = tables.map(({ columns }) =>
			schema(Object.fromEntries(columns.map((column) => [column.name, fieldOf(column)]))),
		);
		const maps = tables.map(({ name }, i) => [name, t.map(this.rowClasses[i])]);
		const State = schema(Object.fromEntries(maps));
		this.state = new State();
		this.encoder = new Encoder(this.state);
		this.generations = tables.map(() => new Map());
	}

	/**
	 * Takes a state: of each table its live rows as `[row, generation, ...values]`. Returns the bytes of
	 * the message that brings a client there from the state before, with the byte of its type.
	 */
	advance(state) {
		for (const [i, rows] of state.entries()) this.advanceTable(i, rows);
		const it = { offset: 1 };
		this.encoder.encode(it);
		this.encoder.discardChanges();
		return it.offset;
	}

	advanceTable(index, rows) {
		const { name, columns } = this.tables[index];
		const map = this.state[name];
		const generations = this.generations[index];
		const live = new Set(rows.map(([row]) => row));
		for (const row of [...generations.keys()]) {
			if (live.has(row)) continue;
			generations.delete(row);
			map.delete(String(row));
		}
		for (const [row, generation, ...values] of rows) {
			const isNew = generations.get(row) !== generation;
			const target = isNew ? new this.rowClasses[index]() : map.get(String(row));
			columns.forEach((column, c) => {
				const value = column.type === "bool" ? values[c] !== 0 : values[c];
				if (target[column.name] !== value) target[column.name] = value;
			});
			if (!isNew) continue;
			generations.set(row, generation);
			map.set(String(row), target);
		}
	}
}
