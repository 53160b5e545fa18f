import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkDecoder } from "../../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { type Random, SeededRandom } from "../../protocol/seeded-random.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";
import { type Row, Tables } from "../conformance/tables-reader.ts";
import { wireTables } from "../support/arbitraries.ts";
import { holds } from "../support/holds.ts";
import { documentShape } from "./codec-shape.ts";

/** Rows that wander between a few cells, spawn and end; some go on as they did, some stop. */
class Herd {
	readonly gen: Uint16Array;
	readonly cells: Uint16Array;
	readonly values: Int32Array[];
	private readonly table: WireTable;
	private births = 0;
	private readonly paces: Int32Array[];

	constructor(table: WireTable) {
		this.table = table;
		this.gen = new Uint16Array(table.capacity);
		this.cells = new Uint16Array(table.capacity);
		this.values = table.columns.map(() => new Int32Array(table.capacity));
		this.paces = table.columns.map(() => new Int32Array(table.capacity));
	}

	get used(): number {
		return this.table.capacity;
	}

	advance(random: Random): void {
		for (let row = 0; row < this.table.capacity; row++) {
			const dice = random();
			if (this.gen[row] === 0) {
				if (dice < 0.1) this.spawn(row, random);
				continue;
			}
			if (dice < 0.05) this.gen[row] = 0;
			else if (dice < 0.1) this.spawn(row, random);
			else if (dice < 0.25) this.cells[row] = 1 + Math.floor(random() * 6);
			this.move(row, random);
		}
	}

	private spawn(row: number, random: Random): void {
		this.gen[row] = 1 + (this.births++ % 65_535);
		this.cells[row] = 1 + Math.floor(random() * 6);
		this.move(row, random);
	}

	private move(row: number, random: Random): void {
		const dice = random();
		this.table.columns.forEach(({ quantisation: q }, c) => {
			const turn = q.kind === "angle" ? 2 ** q.bits : 2 ** 31;
			const [value, pace] = [this.values[c], this.paces[c]];
			if (dice < 0.2) pace[row] = (random() - 0.5) * 100;
			else if (dice < 0.4) pace[row] = 0;
			else if (dice < 0.6 && pace[row] !== 0) pace[row] = pace[row] + 3;
			const next = value[row] + pace[row];
			value[row] = q.kind === "angle" ? ((next % turn) + turn) % turn : next;
		});
	}
}

/** A client that looks at some cells, and at times misses an emission. */
class Onlooker {
	readonly decoder: ChunkDecoder;
	private readonly document: Tables;
	private readonly tables: readonly WireTable[];
	private readonly from = new Map<number, number>();

	constructor(tables: readonly WireTable[]) {
		this.tables = tables;
		this.decoder = new ChunkDecoder(tables);
		this.document = new Tables(tables.map(documentShape));
	}

	look(encoder: ChunkEncoder, tick: number, wanted: ReadonlySet<number>): void {
		this.decoder.begin();
		const gone = [...this.from.keys()].filter(
			(cell) => !wanted.has(cell) || !encoder.hasCell(cell),
		);
		expect(this.decoder.applyGone(Uint8Array.from(gone))).toBeNull();
		this.document.applyGone(Uint8Array.from(gone));
		for (const cell of gone) this.from.delete(cell);
		for (const cell of wanted) {
			if (!encoder.hasCell(cell)) continue;
			const from = this.from.get(cell) ?? -1;
			const out = new ByteWriter(1);
			const isNext = from === tick - 1;
			if (from < 0) encoder.writeKeyframe(out, cell);
			else if (isNext) encoder.writeDelta(out, cell);
			else encoder.writeCatchUp(out, from, cell);
			const kind = from < 0 ? CHUNK.keyframe : isNext ? CHUNK.delta : CHUNK.catchUp;
			const data = out.bytes.slice(0, out.length);
			expect(this.decoder.apply(kind, data, cell)).toBeNull();
			this.document.apply(kind, cell, data);
			this.from.set(cell, tick);
		}
	}

	/** The same, by the client written from PROTOCOL.md. */
	documentRows(t: number): string {
		const rows = this.document.rows[t] as Map<number, Row>;
		return JSON.stringify(
			[...rows]
				.sort(([a], [b]) => a - b)
				.map(([number, { gen, cell, values }]) => [number, gen, cell, ...values]),
		);
	}

	/** The decoder as it would be, had it come only now. */
	afresh(encoder: ChunkEncoder): Onlooker {
		const fresh = new Onlooker(this.tables);
		for (const cell of this.from.keys()) {
			const out = new ByteWriter(1);
			encoder.writeKeyframe(out, cell);
			expect(fresh.decoder.apply(CHUNK.keyframe, out.bytes.slice(0, out.length), cell)).toBeNull();
		}
		return fresh;
	}

	/** Values, steps and bends of the live rows: all that a delta builds on. */
	chains(): string {
		return JSON.stringify(
			this.decoder.tables.map(({ gen, columns }) =>
				columns.map(({ guessed, value, step, bend }) =>
					Array.from(gen, (g, row) =>
						g === 0 ? null : [value[row], ...(guessed ? [step[row], bend[row]] : [])],
					),
				),
			),
		);
	}

	rows(t: number): string {
		const table = this.decoder.tables[t] as ChunkDecoder["tables"][number];
		const rows: number[][] = [];
		for (let row = 0; row < table.capacity; row++) {
			if (table.gen[row] === 0) continue;
			const values = table.columns.map(({ value }) => value[row]);
			rows.push([row, table.gen[row], table.cell[row], ...values]);
		}
		return JSON.stringify(rows);
	}
}

function expectedRows(herd: Herd, wanted: ReadonlySet<number>): string {
	const rows: number[][] = [];
	herd.gen.forEach((gen, row) => {
		const cell = herd.cells[row];
		if (gen === 0 || !wanted.has(cell)) return;
		rows.push([row, gen, cell, ...herd.values.map((column) => column[row])]);
	});
	return JSON.stringify(rows);
}

const spatialTables = fc
	.array(
		wireTables.filter(({ capacity }) => capacity < 200),
		{ minLength: 1, maxLength: 2 },
	)
	.map((tables) => tables.map((table) => ({ ...table, spatial: true })));

describe("cells", () => {
	it("give every client exactly the rows of the cells it looks at, whatever moves and whoever lags", () => {
		holds(
			fc.property(spatialTables, fc.integer(), (tables, seed) => {
				const random = new SeededRandom(seed).next;
				const encoder = new ChunkEncoder(tables);
				const herds = tables.map((table) => new Herd(table));
				const onlookers = Array.from({ length: 4 }, () => ({
					client: new Onlooker(tables),
					wanted: new Set<number>(),
				}));
				for (let tick = 0; tick < 25; tick++) {
					for (const herd of herds) herd.advance(random);
					encoder.advance(herds, tick);
					for (const onlooker of onlookers) {
						if (random() < 0.2) continue;
						if (random() < 0.3) {
							onlooker.wanted = new Set([1, 2, 3, 4, 5, 6].filter(() => random() < 0.5));
						}
						onlooker.client.look(encoder, tick, onlooker.wanted);
						const { client } = onlooker;
						expect(client.chains()).toBe(client.afresh(encoder).chains());
						herds.forEach((herd, t) => {
							const expected = expectedRows(herd, onlooker.wanted);
							expect(onlooker.client.rows(t)).toBe(expected);
							expect(onlooker.client.documentRows(t)).toBe(expected);
						});
					}
				}
			}),
			100,
		);
	});
});
