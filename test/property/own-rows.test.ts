import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { OwnRows } from "../../client/prediction/own-rows.ts";
import { usedRows } from "../../protocol/abi/simulation.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { scalarBytes } from "../../protocol/schema/scalar.ts";
import { type GameModule, instantiate } from "../../server/module/game-module.ts";
import { OwnRowsEncoder } from "../../server/snapshot/own-rows.ts";
import { wireTables } from "../support/arbitraries.ts";
import { loadFixture } from "../support/load-fixture.ts";

let arena: GameModule;
beforeAll(async () => {
	arena = await loadFixture("arena");
});

/** Every live row of a player, as bytes of linear memory. */
function rowsInMemory(simulation: ReturnType<typeof instantiate>, player: number) {
	const [ship] = simulation.tables;
	if (!ship) throw new Error("no ships");
	const owner = ship.columns.find(({ about }) => about.owner)?.values;
	const rows: { row: number; gen: number; bytes: number[] }[] = [];
	for (let row = 0; row < usedRows(ship); row++) {
		if (ship.gen[row] === 0 || owner?.[row] !== player) continue;
		const bytes = ship.columns.flatMap(({ about, values }) => {
			const size = scalarBytes(about.type);
			return [...new Uint8Array(values.buffer, values.byteOffset + row * size, size)];
		});
		rows.push({ row, gen: ship.gen[row], bytes });
	}
	return rows;
}

describe("own rows", () => {
	it("arrive as the same bytes that the owner's rows have in memory, and nobody else's", () => {
		const encoder = new OwnRowsEncoder();
		const own = new OwnRows(arena.schema.tables);
		const row = fc.record({
			gen: fc.integer({ min: 0, max: 3 }),
			owner: fc.integer({ min: 0, max: 5 }),
		});
		fc.assert(
			fc.property(
				fc.array(row, { maxLength: 64 }),
				fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
				(ships, noise) => {
					const simulation = instantiate(arena, () => {});
					const [table] = simulation.tables;
					if (!table) throw new Error("no ships");
					for (const { values } of table.columns) {
						const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
						for (let i = 0; i < ships.length * 4 && i < bytes.length; i++) {
							bytes[i] = noise.next().value;
						}
					}
					ships.forEach(({ gen, owner }, i) => {
						table.gen[i] = gen;
						(table.columns[0]?.values as Uint8Array)[i] = owner;
					});
					table.usedCell[0] = ships.length;
					encoder.capture(simulation);
					for (const player of [0, 3, 5, 63]) {
						const { bytes, length } = encoder.write(player);
						expect(own.read(bytes.slice(0, length))).toBeNull();
						const [decoded] = own.tables;
						const found = Array.from({ length: decoded?.count ?? 0 }, (_, k) => ({
							row: decoded?.rows[k],
							gen: decoded?.gens[k],
							bytes: [
								...(decoded?.values.subarray(k * decoded.rowBytes, (k + 1) * decoded.rowBytes) ??
									[]),
							],
						}));
						expect(found).toEqual(rowsInMemory(simulation, player));
					}
				},
			),
			{ numRuns: 40 },
		);
	});

	it("take no nonsense: whatever the bytes, they are refused whole or make sense", () => {
		fc.assert(
			fc.property(
				fc.array(wireTables, { maxLength: 4 }),
				fc.uint8Array({ maxLength: 200 }),
				(tables, bytes) => {
					const own = new OwnRows(tables);
					const problem = own.read(bytes);
					if (problem !== null) return own.isEmpty;
					return own.tables.every(({ table, count, rows, gens }) =>
						Array.from({ length: count }).every(
							(_, k) =>
								rows[k] < (tables[table]?.capacity ?? 0) &&
								gens[k] > 0 &&
								(k === 0 || rows[k] > rows[k - 1]),
						),
					);
				},
			),
			{ numRuns: 2000 },
		);
	});

	it("name what is wrong: twice the same row, no generation, too few bytes, too many", () => {
		const own = new OwnRows(arena.schema.tables);
		const [table] = own.tables;
		const write = (...rows: [row: number, gen: number][]): Uint8Array => {
			const out = new ByteWriter(600);
			out.u8(rows.length);
			for (const [row, gen] of rows) {
				out.varint(row);
				out.varint(gen);
				for (let i = 0; i < (table?.rowBytes ?? 0); i++) out.u8(i);
			}
			return out.bytes.slice(0, out.length);
		};
		expect(own.read(write([1, 7], [5, 9]))).toBeNull();
		expect(own.isEmpty).toBe(false);
		expect(own.read(write([5, 7], [5, 9]))).toContain("row 5 after 5");
		expect(own.isEmpty).toBe(true);
		expect(own.read(write([64, 7]))).toContain("row 64");
		expect(own.read(write([3, 0]))).toContain("generation 0");
		expect(own.read(write([3, 70_000]))).toContain("generation 70000");
		expect(own.read(write([1, 7]).slice(0, -1))).toContain("end too early");
		expect(own.read(new Uint8Array(0))).toContain("too early");
		expect(own.read(new Uint8Array([...write([1, 7]), 0]))).toContain("follow");
	});
});
