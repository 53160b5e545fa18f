import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Descriptor, readDescriptor } from "../../protocol/abi/descriptor.ts";
import { InboxWriter } from "../../protocol/abi/inbox-writer.ts";
import { CTX } from "../../protocol/abi/layout.ts";
import { OutboxReader } from "../../protocol/abi/outbox-reader.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { columnView } from "../../protocol/schema/scalar.ts";
import { packSchema, unpackSchema, wireSchemaOf } from "../../protocol/wire-schema.ts";
import { describedColumns, names, records } from "../support/arbitraries.ts";
import { holds } from "../support/holds.ts";
import { type ImageSpec, moduleImage } from "../support/module-image.ts";

const unique = <T extends { name: string }>(
	item: fc.Arbitrary<T>,
	maxLength: number,
	minLength = 0,
) => fc.uniqueArray(item, { minLength, maxLength, selector: ({ name }) => name });

const tables = fc.record({
	name: names,
	was: fc.constant(null),
	capacity: fc.integer({ min: 1, max: 50 }),
	columns: unique(describedColumns, 5).map((columns) =>
		// those that every table of a client has already
		columns.filter(({ name }) => !["gen", "used", "capacity"].includes(name)),
	),
});

const specs: fc.Arbitrary<ImageSpec> = fc
	.record({
		name: names,
		version: fc.integer({ min: 0, max: 0xffffffff }),
		tickRate: fc.integer({ min: 1, max: LIMITS.tickRateHz }),
		snapshotRate: fc.integer({ min: 1, max: LIMITS.tickRateHz }),
		maxPlayers: fc.integer({ min: 1, max: LIMITS.players }),
		input: records.filter(({ size }) => size <= LIMITS.inputBytes),
		tables: unique(tables, 3, 1),
		events: unique(
			fc.tuple(names, records).map(([name, record]) => ({ name, ...record })),
			3,
		),
		effects: unique(
			fc
				.tuple(names, records, fc.option(records))
				.map(([name, record, answer]) => ({ name, ...record, answer })),
			3,
		),
	})
	.map((spec) => ({ ...spec, snapshotRate: Math.min(spec.snapshotRate, spec.tickRate) }));

/** Makes every view that a running module would have: each throws if it lies outside the memory. */
function expectUsable(buffer: ArrayBuffer, descriptor: Descriptor): void {
	new DataView(buffer, descriptor.ctx, CTX.size);
	new InboxWriter(buffer, descriptor);
	new OutboxReader(buffer, descriptor);
	for (const table of descriptor.tables) {
		new Uint16Array(buffer, table.gen, table.capacity);
		new Uint32Array(buffer, table.used, 1);
		for (const column of table.columns) {
			columnView(column.type, buffer, column.address, table.capacity);
		}
	}
	const schema = wireSchemaOf(descriptor);
	expect(unpackSchema(packSchema(schema))).toMatchObject({ game: descriptor.name });
}

describe("readDescriptor", () => {
	it("gives back what a module says, to the last flag", () => {
		holds(
			fc.property(specs, (spec) => {
				const { bytes, descriptor: at } = moduleImage(spec);
				const read = readDescriptor(bytes.buffer, at);
				if ("error" in read) throw new Error(`${read.error}: ${read.detail}`);
				const { descriptor } = read;
				expect(descriptor).toMatchObject({
					name: spec.name,
					version: spec.version,
					tickRate: spec.tickRate,
					snapshotRate: spec.snapshotRate,
					maxPlayers: spec.maxPlayers,
					input: spec.input,
					events: spec.events,
					effects: spec.effects,
				});
				expect(
					descriptor.tables.map(({ name, was, capacity, columns }) => ({
						name,
						was,
						capacity,
						columns: columns.map(({ address: _, ...column }) => column),
					})),
				).toEqual(spec.tables);
				expectUsable(bytes.buffer, descriptor);
			}),
		);
	});

	it("refuses by name, or gives what is safe to use, when any bytes of it are others", () => {
		const changes = fc.array(
			fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))),
			{ minLength: 1, maxLength: 6 },
		);
		let accepted = 0;
		holds(
			fc.property(specs, changes, fc.nat(3), (spec, list, near) => {
				const { bytes, descriptor: at } = moduleImage(spec);
				const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
				// mostly the descriptor itself, else anything that it points to
				for (const [where, byte] of list) {
					bytes[near > 0 ? at + (where % 96) : where % end] = byte;
				}
				const read = readDescriptor(bytes.buffer, at);
				if ("error" in read) {
					expect(read.error).toMatch(/^ERR_DESCRIPTOR_[A-Z]+$/);
					expect(read.detail.length).toBeGreaterThan(0);
				} else {
					accepted++;
					expectUsable(bytes.buffer, read.descriptor);
				}
			}),
			2000,
		);
		expect(accepted).toBeGreaterThan(0);
	});

	it("refuses by name, or gives what is safe to use, when a pointer or count is any number", () => {
		const words = fc.oneof(
			fc.integer({ min: 0, max: 0xffffffff }),
			fc.nat(70_000),
			fc.constantFrom(
				0,
				1,
				2,
				4,
				65_532,
				65_535,
				65_536,
				0x7fffffff,
				0x80000000,
				0xfffffffc,
				0xffffffff,
			),
		);
		const changes = fc.array(fc.tuple(fc.nat(), words), { minLength: 1, maxLength: 3 });
		holds(
			fc.property(specs, changes, (spec, list) => {
				const { bytes, descriptor: at } = moduleImage(spec);
				const view = new DataView(bytes.buffer);
				const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
				for (const [where, word] of list) {
					// the descriptor and the structs lie at multiples of 4
					const address = where % 2 === 0 ? at + (where % 24) * 4 : (where % (end >> 2)) * 4;
					view.setUint32(address, word, true);
				}
				const read = readDescriptor(bytes.buffer, at);
				if ("error" in read) expect(read.error).toMatch(/^ERR_DESCRIPTOR_/);
				else expectUsable(bytes.buffer, read.descriptor);
			}),
			2000,
		);
	});

	it("refuses any address in any memory that holds no descriptor", () => {
		holds(
			fc.property(
				fc.uint8Array({ maxLength: 400 }),
				fc.oneof(fc.nat(500), fc.integer({ min: 0, max: 0xffffffff })),
				(bytes, at) => {
					expect(readDescriptor(bytes.buffer, at)).toHaveProperty("error");
				},
			),
			1000,
		);
	});

	it("keeps nothing that points into the module's memory", () => {
		holds(
			fc.property(specs, (spec) => {
				const { bytes, descriptor: at } = moduleImage(spec);
				const read = readDescriptor(bytes.buffer, at);
				const before = JSON.stringify(read);
				bytes.fill(0xff);
				expect(JSON.stringify(read)).toBe(before);
			}),
			50,
		);
	});
});

describe("OutboxReader", () => {
	/** Counts what a reader hands out and checks that it is what the game declares. */
	function read(spec: ImageSpec, bytes: Uint8Array, length: number) {
		const { maxPlayers, events } = spec;
		const { bytes: memory, descriptor: at } = moduleImage(spec);
		const described = readDescriptor(memory.buffer, at);
		if ("error" in described) throw new Error(described.detail);
		const { outbox } = described.descriptor;
		memory.set(bytes.subarray(0, outbox.bytes), outbox.address);
		let handed = 0;
		const check = (event: number, payload: Uint8Array): void => {
			handed++;
			expect(payload.length).toBe(events[event]?.size);
		};
		const seat = (player: number): void => {
			handed++;
			expect(player).toBeLessThan(maxPlayers);
		};
		const problem = new OutboxReader(memory.buffer, described.descriptor).read(length, {
			event(event, player, payload) {
				check(event, payload);
				expect(player).toBeLessThan(maxPlayers);
			},
			eventNear: (event, _x, _y, _radius, payload) => check(event, payload),
			refuse: seat,
			kick: seat,
			effect(effect, player, payload) {
				handed++;
				expect(payload.length).toBe(spec.effects?.[effect]?.size);
				expect(player).toBeLessThan(maxPlayers);
			},
		});
		return { problem, handed };
	}

	/** The rules of docs/abi.md under "Records", said once more. */
	function isAllowed(
		{ maxPlayers, events }: ImageSpec,
		bytes: Uint8Array,
		length: number,
	): boolean {
		const outbox = new Uint8Array(256);
		outbox.set(bytes.subarray(0, 256));
		const view = new DataView(outbox.buffer);
		if (length > 256 || length % 4 !== 0) return false;
		for (let at = 0; at < length; ) {
			if (length - at < 8) return false;
			const [kind, flags] = [outbox[at], outbox[at + 1]];
			const [size, player, extra] = [2, 4, 6].map((offset) =>
				view.getUint16(at + offset, true),
			) as [number, number, number];
			if (size < 8 || size % 4 !== 0 || at + size > length) return false;
			if (kind === 1) {
				const payload = events[extra]?.size;
				if (payload === undefined || flags > 2 || (flags === 1 && player >= maxPlayers))
					return false;
				if (size !== 8 + Math.ceil(((flags === 2 ? 12 : 0) + payload) / 4) * 4) return false;
			} else if ((kind !== 2 && kind !== 3) || player >= maxPlayers) return false;
			at += size;
		}
		return true;
	}

	/** A record as a module would write it, or nearly. */
	const outboxRecords = fc
		.record({
			kind: fc.constantFrom(0, 1, 1, 1, 2, 3, 4),
			flags: fc.nat(3),
			length: fc.oneof(fc.nat(64), fc.constantFrom(8, 12, 16, 20, 24)),
			player: fc.oneof(fc.nat(5), fc.constant(0xffff)),
			extra: fc.oneof(fc.nat(4), fc.constant(0xffff)),
			payload: fc.uint8Array({ maxLength: 40 }),
		})
		.map(({ kind, flags, length, player, extra, payload }) => {
			const bytes = new Uint8Array(8 + payload.length);
			const view = new DataView(bytes.buffer);
			bytes.set([kind, flags]);
			view.setUint16(2, length, true);
			view.setUint16(4, player, true);
			view.setUint16(6, extra, true);
			bytes.set(payload, 8);
			return bytes;
		});

	it("hands out only what the game declares, or says what is wrong, whatever a module leaves", () => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 256 }),
			fc
				.array(outboxRecords, { maxLength: 8 })
				.map((list) => Uint8Array.from(list.flatMap((r) => [...r]))),
		);
		const lengths = fc.oneof(
			fc.nat(64).map((n) => n * 4),
			fc.nat(300),
			fc.constant(0xffffffff),
		);
		holds(
			fc.property(specs, bytes, lengths, (spec, outbox, length) => {
				const { problem, handed } = read(spec, outbox, length);
				expect(handed).toBeLessThanOrEqual(256 / 8);
				expect(problem === null).toBe(isAllowed(spec, outbox, length));
			}),
			1000,
		);
	});
});
