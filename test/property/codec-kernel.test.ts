import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import wabt from "wabt";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { CELLS } from "../../protocol/codec/cell-index.ts";
import { ChunkEncoder, type QuantisedTable } from "../../protocol/codec/chunk-encoder.ts";
import { KernelMemory } from "../../protocol/codec/kernel.ts";
import { KERNEL_BYTES } from "../../protocol/codec/kernel-bytes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { type Random, SeededRandom } from "../../protocol/seeded-random.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";
import { wireTables } from "../support/arbitraries.ts";
import { holds } from "../support/holds.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../protocol/codec");

/** Random rows and values; those that go on as before, or stand still, are among them. */
class Mess {
	readonly gen: Uint16Array;
	readonly cells: Uint16Array | null;
	readonly values: Int32Array[];
	used = 0;
	private readonly paces: Int32Array[];
	private readonly table: WireTable;

	constructor(table: WireTable) {
		this.table = table;
		this.gen = new Uint16Array(table.capacity);
		this.cells = table.spatial ? new Uint16Array(table.capacity).fill(1) : null;
		this.values = table.columns.map(() => new Int32Array(table.capacity));
		this.paces = table.columns.map(() => new Int32Array(table.capacity));
	}

	advance(random: Random): QuantisedTable {
		const { capacity, columns } = this.table;
		const [births, turns, size] = [random() ** 3, random(), 2 ** (random() * 33)];
		this.used = random() < 0.8 ? capacity : Math.floor(random() * (capacity + 1));
		for (let row = 0; row < capacity; row++) {
			if (random() < births) this.gen[row] = Math.floor(random() * 3);
			if (this.cells && random() < births) this.cells[row] = 1 + Math.floor(random() * 3);
			columns.forEach(({ quantisation: q }, c) => {
				const [values, paces] = [this.values[c], this.paces[c]];
				if (random() < turns) paces[row] = (random() - 0.5) * size;
				const next = (values[row] + paces[row]) | 0;
				values[row] = q.kind === "angle" ? next & (2 ** q.bits - 1) : next;
			});
		}
		return this;
	}
}

describe("the kernel", () => {
	it("writes what the plain loops write, to the last byte", () => {
		const tables = fc.array(wireTables, { minLength: 1, maxLength: 2 });
		holds(
			fc.property(tables, fc.integer(), fc.integer({ min: 1, max: 12 }), (shapes, seed, steps) => {
				const random = new SeededRandom(seed).next;
				const encoders = [true, false].map((kernel) => new ChunkEncoder(shapes, { kernel }));
				const messes = shapes.map((table) => new Mess(table));
				for (let step = 0; step < steps; step++) {
					const tick = 2 ** 31 - 3 + step;
					const now = messes.map((mess) => mess.advance(random));
					const from = tick - Math.floor(random() * 4);
					const [fast, plain] = encoders.map((encoder) => {
						encoder.advance(now, tick);
						const out = new ByteWriter(1);
						for (const cell of [0, 1, 2, 3].filter((c) => c < CELLS && encoder.hasCell(c))) {
							encoder.writeDelta(out, cell);
							encoder.writeKeyframe(out, cell);
							encoder.writeCatchUp(out, from, cell);
						}
						return { bytes: out.bytes.slice(0, out.length), changed: encoder.changedRows };
					});
					expect(fast).toEqual(plain);
				}
			}),
			60,
		);
	});

	it("is what its text assembles to", async () => {
		const { parseWat } = await wabt();
		const text = readFileSync(path.join(FOLDER, "kernel.wat"), "utf8");
		const { buffer } = parseWat("kernel.wat", text).toBinary({});
		expect(KERNEL_BYTES).toBe(Buffer.from(buffer).toString("base64"));
	});

	it("gives plain arrays to whoever needs more memory than it may take", () => {
		const words = LIMITS.kernelBytes / 4;
		expect(new KernelMemory(words, 0).loops).toBeNull();
		expect(new KernelMemory(words, 0).ints(8).length).toBe(8);
		expect(new KernelMemory(1000, 2).loops).not.toBeNull();
	});
});
