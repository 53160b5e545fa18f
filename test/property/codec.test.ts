import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkDecoder } from "../../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder, type QuantisedTable } from "../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { type Random, SeededRandom } from "../../protocol/seeded-random.ts";
import type { WireColumn, WireTable } from "../../protocol/wire-schema.ts";
import { type Row, Tables } from "../conformance/tables-reader.ts";
import { globalTables } from "../support/arbitraries.ts";
import { holds } from "../support/holds.ts";
import { documentShape, isGuessed } from "./codec-shape.ts";

/** What happens to the rows of every table between two snapshots. */
interface Step {
	seed: number;
	/** Shares of the rows that are freed, replaced, taken, and that move. */
	freed: number;
	replaced: number;
	taken: number;
	moving: number;
	/** Share of the moving that keep the pace they have. */
	steady: number;
}

const share = fc.constantFrom(0, 0, 0.02, 0.1, 0.5, 1);
const stories = fc.array(
	fc.record<Step>({
		seed: fc.integer(),
		freed: share,
		replaced: share,
		taken: share,
		moving: share,
		steady: share,
	}),
	{ minLength: 1, maxLength: 10 },
);

/** The naive model of a table: rows in a map, plain arithmetic. */
class Model {
	readonly rows = new Map<number, Row>();
	private readonly table: WireTable;
	private generation = 0;

	constructor(table: WireTable) {
		this.table = table;
	}

	/** Values wrap at 32 bits, or at a full turn. */
	private wrap(value: number, { quantisation: q }: WireColumn): number {
		return q.kind === "angle" ? ((value % 2 ** q.bits) + 2 ** q.bits) % 2 ** q.bits : value | 0;
	}

	private pace(from: number, to: number, { quantisation: q }: WireColumn): number {
		if (q.kind !== "angle") return (to - from) | 0;
		const turn = 2 ** q.bits;
		const up = (((to - from) % turn) + turn) % turn;
		return up >= turn / 2 ? up - turn : up;
	}

	private anyValue(column: WireColumn, random: Random): number {
		const size = [10, 1000, 1e6, 2 ** 32][Math.floor(random() * 4)] as number;
		return this.wrap(Math.floor((random() - 0.5) * size), column);
	}

	private spawn(row: number, random: Random): void {
		const values = this.table.columns.map((column) => this.anyValue(column, random));
		this.generation = (this.generation % 65_535) + 1;
		this.rows.set(row, { gen: this.generation, values, steps: values.map(() => 0) });
	}

	advance(step: Step, random: Random): void {
		const { capacity, columns } = this.table;
		for (let row = 0; row < capacity; row++) {
			const old = this.rows.get(row);
			if (!old) {
				if (random() < step.taken) this.spawn(row, random);
				continue;
			}
			if (random() < step.freed) {
				this.rows.delete(row);
				continue;
			}
			if (random() < step.replaced) {
				this.spawn(row, random);
				continue;
			}
			const moves = random() < step.moving;
			const isSteady = random() < step.steady;
			const values = columns.map((column, c) => {
				const value = old.values[c] as number;
				if (!moves) return value;
				if (isSteady) return this.wrap(value + (old.steps[c] as number), column);
				return random() < 0.5
					? this.wrap(value + Math.floor(random() * 20) - 10, column)
					: this.anyValue(column, random);
			});
			const hasJumped = columns.some(({ jumps }, c) => jumps && values[c] !== old.values[c]);
			const steps = columns.map((column, c) =>
				isGuessed(column) && !hasJumped
					? this.pace(old.values[c] as number, values[c] as number, column)
					: 0,
			);
			this.rows.set(row, { gen: old.gen, values, steps });
		}
	}

	/** As an encoder is given it; what lies in free rows, and above `used`, is litter. */
	quantised(random: Random): QuantisedTable {
		const { capacity, columns } = this.table;
		const highest = Math.max(-1, ...this.rows.keys());
		const used = Math.min(capacity, highest + 1 + Math.floor(random() * 3));
		const litter = (): number => Math.floor((random() - 0.5) * 2 ** 32);
		const gen = Uint16Array.from({ length: capacity }, (_, row) =>
			row < used ? (this.rows.get(row)?.gen ?? 0) : litter(),
		);
		const values = columns.map((_, c) =>
			Int32Array.from({ length: capacity }, (__, row) => this.rows.get(row)?.values[c] ?? litter()),
		);
		return { gen, used, values };
	}
}

/** A client: the decoder of this repository and the one written from PROTOCOL.md, side by side. */
class Pair {
	private readonly decoder: ChunkDecoder;
	private readonly document: Tables;
	private readonly tables: readonly WireTable[];

	constructor(tables: readonly WireTable[]) {
		this.tables = tables;
		this.decoder = new ChunkDecoder(tables);
		this.document = new Tables(tables.map(documentShape));
	}

	apply(kind: number, data: Uint8Array): void {
		expect(this.decoder.apply(kind, data)).toBeNull();
		this.document.apply(kind, 0, data);
	}

	expectToHold(models: readonly Model[]): void {
		models.forEach(({ rows }, t) => {
			const { columns, capacity } = this.tables[t] as WireTable;
			const chain = this.decoder.tables[t] as ChunkDecoder["tables"][number];
			const seen = new Map<number, Row>();
			for (let row = 0; row < capacity; row++) {
				const gen = chain.gen[row] as number;
				if (gen === 0) continue;
				const values = chain.columns.map(({ value }) => value[row] as number);
				const steps = chain.columns.map(({ step }, c) =>
					isGuessed(columns[c] as WireColumn) ? (step[row] as number) : 0,
				);
				seen.set(row, { gen, values, steps });
			}
			expect(chain.used).toBe(Math.max(-1, ...rows.keys()) + 1);
			expect(asText(seen)).toBe(asText(rows));
			expect(asText(this.document.rows[t] as Map<number, Row>)).toBe(asText(rows));
		});
	}
}

function asText(rows: ReadonlyMap<number, Row>): string {
	return JSON.stringify(
		[...rows]
			.sort(([a], [b]) => a - b)
			.map(([row, { gen, values, steps }]) => [row, gen, values, steps]),
	);
}

/** What an encoder writes; the buffer starts too small, so that whatever it forgets to ask for is missed. */
function written(write: (out: ByteWriter) => void): Uint8Array {
	const out = new ByteWriter(1);
	write(out);
	return out.bytes.slice(0, out.length);
}

describe("the chunk codec", () => {
	it("gives every client the encoder's tables, whenever it joined, whatever the rows did", () => {
		holds(
			fc.property(
				fc.array(globalTables, { minLength: 1, maxLength: 3 }),
				stories,
				fc.boolean(),
				(tables, story, coded) => {
					const encoder = new ChunkEncoder(tables, { coded });
					const models = tables.map((table) => new Model(table));
					const pairs: Pair[] = [];
					for (const step of story) {
						const random = new SeededRandom(step.seed).next;
						for (const model of models) model.advance(step, random);
						encoder.advance(
							models.map((model) => model.quantised(random)),
							0,
						);
						const delta = written((out) => encoder.writeDelta(out));
						for (const pair of pairs) pair.apply(CHUNK.delta, delta);
						const late = new Pair(tables);
						late.apply(
							CHUNK.keyframe,
							written((out) => encoder.writeKeyframe(out)),
						);
						pairs.push(late);
						for (const pair of pairs) pair.expectToHold(models);
					}
				},
			),
			120,
		);
	});

	it("writes the same bytes for the same step, and needs none for rows that keep to the guess", () => {
		holds(
			fc.property(globalTables, fc.integer(), (table, seed) => {
				const model = new Model(table);
				const encoder = new ChunkEncoder([table]);
				const random = new SeededRandom(seed).next;
				const step = { seed, freed: 0, replaced: 0, taken: 0.5, moving: 0, steady: 0 };
				const advance = (change: Partial<Step>): void => {
					model.advance({ ...step, taken: 0, ...change }, random);
					encoder.advance([model.quantised(random)], 0);
				};
				const delta = (): Uint8Array => written((out) => encoder.writeDelta(out));
				advance({ taken: 0.5 });
				advance({ moving: 1 });
				expect(delta()).toEqual(delta());
				advance({ moving: 1, steady: 1 });
				if (table.columns.every(isGuessed)) expect([...delta()]).toEqual([0, 0]);
			}),
		);
	});

	it("is whole again after a keyframe, however broken the chain was before", () => {
		const garbage = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.uint8Array({ maxLength: 200 })), {
			maxLength: 5,
		});
		holds(
			fc.property(globalTables, stories, garbage, (table, story, chunks) => {
				const model = new Model(table);
				const encoder = new ChunkEncoder([table]);
				const decoder = new ChunkDecoder([table]);
				const fresh = new ChunkDecoder([table]);
				for (const step of story) {
					const random = new SeededRandom(step.seed).next;
					model.advance(step, random);
					encoder.advance([model.quantised(random)], 0);
				}
				for (const [kind, data] of chunks) {
					const withCodec = Uint8Array.of(0, ...data);
					decoder.apply(kind, withCodec);
				}
				const keyframe = written((out) => encoder.writeKeyframe(out));
				for (const each of [decoder, fresh]) {
					expect(each.apply(CHUNK.keyframe, keyframe)).toBeNull();
				}
				expect(decoder.tables[0]?.gen).toEqual(fresh.tables[0]?.gen);
				expect(decoder.tables[0]?.used).toBe(fresh.tables[0]?.used);
				for (const row of model.rows.keys()) {
					decoder.tables[0]?.columns.forEach(({ value, step, bend }, c) => {
						const other = fresh.tables[0]?.columns[c];
						expect([value[row], step[row], bend[row]]).toEqual([
							other?.value[row],
							other?.step[row],
							other?.bend[row],
						]);
					});
				}
			}),
		);
	});
});
