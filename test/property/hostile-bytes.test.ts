import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue } from "../../client/view/event-queue.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkDecoder } from "../../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CLOSE_CODES } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { checkMsgpack } from "../../protocol/messages/check-msgpack.ts";
import {
	type ClientMessage,
	decodeClientMessage,
	encodeClientMessage,
} from "../../protocol/messages/client-message.ts";
import type { Unknown } from "../../protocol/messages/message-head.ts";
import {
	decodeServerMessage,
	encodeNotice,
	encodePong,
	encodeRoster,
	encodeSwap,
	encodeWelcome,
} from "../../protocol/messages/server-message.ts";
import {
	MAX_CHUNK_HEADER_BYTES,
	MAX_PREFIX_BYTES,
	putChunkHeader,
	putSnapshotPrefix,
} from "../../protocol/messages/snapshot-parts.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { packSchema, unpackSchema } from "../../protocol/wire-schema.ts";
import { globalTables, wireSchemas, wireTables } from "../support/arbitraries.ts";
import { holds, mutate, mutations } from "../support/holds.ts";

const u32 = fc.integer({ min: 0, max: 0xffffffff });

/** Anything msgpack can say, nested or not. */
const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4 },
		fc.constantFrom(null, true, false, 0, -0, 1, 2, 3, 4, 5, -1, 255, 2 ** 32, -(2 ** 31), 2 ** 53),
		fc.double(),
		fc.string({ maxLength: 20, unit: "binary" }),
		fc.uint8Array({ maxLength: 40 }),
		fc.array(tie("value"), { maxLength: 9 }),
		fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 2 }),
	),
})).value;

const clientMessages: fc.Arbitrary<Exclude<ClientMessage, Unknown>> = fc.oneof(
	fc.record({
		type: fc.constant("hello" as const),
		game: fc.string({ maxLength: 20 }),
		room: fc.option(fc.string({ maxLength: 20 })),
		name: fc.stringMatching(/^[a-z]{1,20}( [a-z]{1,5})?$/),
		token: fc.option(fc.string({ maxLength: 20 })),
		spectate: fc.boolean(),
	}),
	fc.record({
		type: fc.constant("input" as const),
		ackTick: u32,
		tick: u32,
		inputs: fc.uint8Array({ maxLength: 512 }),
		viewAge: fc.nat(65_535),
	}),
	fc.record({
		type: fc.constant("ping" as const),
		// msgpack's short form of a whole number has no -0
		time: fc.double({ noNaN: true, noDefaultInfinity: true }).map((time) => time + 0),
	}),
	fc.constant({ type: "leave" as const }),
);

const serverMessages: fc.Arbitrary<Uint8Array> = fc.oneof(
	fc
		.record({
			room: fc.string({ maxLength: 12 }),
			player: fc.option(fc.nat(1023)),
			token: fc.option(fc.string({ maxLength: 40 })),
			tick: u32,
			tickRate: fc.integer({ min: 1, max: 240 }),
			snapshotRate: fc.integer({ min: 1, max: 240 }),
			moduleHash: fc.constant("ab".repeat(32)),
			schema: wireSchemas,
			roster: fc.array(fc.record({ player: fc.nat(1023), name: fc.string({ maxLength: 8 }) }), {
				maxLength: 4,
			}),
		})
		.map(encodeWelcome),
	fc.record({ tick: u32, moduleHash: fc.string(), schema: wireSchemas }).map(encodeSwap),
	fc.option(fc.string({ maxLength: 40 })).map(encodeNotice),
	fc.tuple(fc.double(), fc.double()).map(([time, tick]) => encodePong(time, tick)),
	fc
		.tuple(fc.nat(), fc.option(fc.string({ maxLength: 9 })))
		.map(([player, name]) => encodeRoster([{ player, name }])),
	fc
		.tuple(u32, u32, fc.integer({ min: -200, max: 200 }), fc.uint8Array({ maxLength: 300 }))
		.map(([tick, inputTick, slack, data]) => {
			const bytes = new Uint8Array(MAX_PREFIX_BYTES + MAX_CHUNK_HEADER_BYTES + data.length);
			const end = putSnapshotPrefix(bytes, 0, tick, inputTick, slack, 1);
			const at = putChunkHeader(bytes, end, 0, 1, tick, data.length);
			bytes.set(data, at);
			return bytes.slice(0, at + data.length);
		}),
);

function expectNamed(message: ClientMessage | Refusal): void {
	if ("error" in message) {
		expect(CLOSE_CODES).toHaveProperty(message.error);
		expect(message.detail.length).toBeLessThan(200);
	} else expect(["hello", "input", "ping", "leave", "unknown"]).toContain(message.type);
}

describe("decodeClientMessage", () => {
	it("gives a message or a named error, whatever the bytes", () => {
		holds(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				expectNamed(decodeClientMessage(bytes));
			}),
			2000,
		);
	});

	it("does so for whatever msgpack can say", () => {
		holds(
			fc.property(fc.array(values, { maxLength: 8 }), (fields) => {
				expectNamed(decodeClientMessage(encode(fields)));
			}),
			2000,
		);
	});

	it("does so for messages that are almost right", () => {
		holds(
			fc.property(clientMessages, mutations, (message, changes) => {
				expectNamed(decodeClientMessage(mutate(encodeClientMessage(message), changes)));
			}),
			2000,
		);
	});

	it("gives back every message that a client can write", () => {
		holds(
			fc.property(clientMessages, (message) => {
				expect(decodeClientMessage(encodeClientMessage(message))).toEqual(message);
			}),
			500,
		);
	});

	it("names a message that is too large before it looks inside", () => {
		const bytes = new Uint8Array(LIMITS.clientMessageBytes + 1).fill(0x91);
		expect(decodeClientMessage(bytes)).toMatchObject({ error: "ERR_MESSAGE_TOO_LARGE" });
	});
});

describe("checkMsgpack", () => {
	const wide = { depth: 64, elements: 100_000, stringBytes: 100_000 };

	it("passes only what the library decodes to its end", () => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 100 }),
			fc.tuple(values, mutations).map(([value, changes]) => mutate(encode(value), changes)),
		);
		holds(
			fc.property(bytes, (candidate) => {
				if (checkMsgpack(candidate, wide) === null) decode(candidate);
			}),
			3000,
		);
	});

	it("passes exactly the values within its bounds", () => {
		const bounds = { depth: 2, elements: 8, stringBytes: 10 };
		const flat = fc.oneof(
			fc.integer(),
			fc.double(),
			fc.boolean(),
			fc.constant(null),
			fc.string({ maxLength: 12, unit: "binary" }),
			fc.uint8Array({ maxLength: 30 }),
		);
		const nested = fc.oneof(
			flat,
			fc.array(fc.oneof(flat, fc.array(flat, { maxLength: 3 })), { maxLength: 5 }),
		);
		const measure = (value: unknown, depth: number): { depth: number; elements: number } => {
			if (!Array.isArray(value)) return { depth, elements: 1 };
			const inner = (value as unknown[]).map((item) => measure(item, depth + 1));
			return {
				depth: Math.max(depth + 1, ...inner.map((m) => m.depth)),
				elements: 1 + inner.reduce((sum, m) => sum + m.elements, 0),
			};
		};
		const longest = (value: unknown): number =>
			typeof value === "string"
				? new TextEncoder().encode(value).length
				: Array.isArray(value)
					? Math.max(0, ...(value as unknown[]).map(longest))
					: 0;
		holds(
			fc.property(nested, (value) => {
				const { depth, elements } = measure(value, 0);
				// strings of up to 31 bytes carry their length in the first byte: that bound is enough
				const fits = depth <= 2 && elements <= 8 && longest(value) <= 31;
				expect(checkMsgpack(encode(value), bounds) === null).toBe(fits);
			}),
			1000,
		);
	});

	it("says so at once when a length promises more than there is", () => {
		for (const head of [0xc6, 0xdb, 0xdd]) {
			const bytes = Uint8Array.of(head, 0xff, 0xff, 0xff, 0xff);
			expect(checkMsgpack(bytes, { ...wide, stringBytes: 2 ** 33 })).toContain("cut off");
		}
	});
});

describe("decodeServerMessage", () => {
	it("gives a message or null, whatever the bytes", () => {
		const known = ["welcome", "snapshot", "pong", "roster", "swap", "notice", "unknown"];
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			fc.array(values, { maxLength: 10 }).map((fields) => encode(fields)),
			fc.tuple(serverMessages, mutations).map(([message, changes]) => mutate(message, changes)),
		);
		holds(
			fc.property(bytes, (candidate) => {
				const message = decodeServerMessage(candidate);
				if (message !== null) expect(known).toContain(message.type);
			}),
			3000,
		);
	});

	it("understands every message that a server can write", () => {
		holds(
			fc.property(serverMessages, (bytes) => {
				expect(decodeServerMessage(bytes)).not.toBeNull();
			}),
			500,
		);
	});

	it("understands the welcome of the largest game that a module may describe", () => {
		const name = (i: number) => `n${i}`.padEnd(LIMITS.nameBytes, "x");
		const fields = Array.from({ length: LIMITS.fields }, (_, i) => {
			return { name: name(i), type: "f64" as const, offset: i * 8 };
		});
		const columns = Array.from({ length: LIMITS.columns }, (_, i) => {
			const quantisation = { kind: "step", step: 1 / 3 } as const;
			return {
				name: name(i),
				type: "f32",
				quantisation,
				interpolation: "linear",
				owner: false,
				wrap: { size: 1e6, from: -5e5 },
				jumps: false,
			} as const;
		});
		const welcome = {
			room: "r",
			player: 0,
			token: "r.secret",
			tick: 0xffffffff,
			tickRate: 60,
			snapshotRate: 20,
			moduleHash: "ab".repeat(32),
			schema: {
				game: name(0),
				version: 1,
				maxPlayers: LIMITS.players,
				input: { size: LIMITS.inputBytes, fields: fields.slice(0, 4) },
				tables: Array.from({ length: LIMITS.tables }, (_, i) => {
					const own = columns.map(({ name, type }) => ({ name, type }));
					return {
						name: name(i),
						capacity: LIMITS.rows,
						columns,
						spatial: true,
						predicted: true,
						own,
					};
				}),
				events: Array.from({ length: LIMITS.events }, (_, i) => {
					return { name: name(i), size: LIMITS.fields * 8, fields };
				}),
			},
			roster: Array.from({ length: LIMITS.players }, (_, player) => ({
				player,
				name: name(player),
			})),
		};
		expect(decodeServerMessage(encodeWelcome(welcome))).toEqual({ type: "welcome", ...welcome });
	});

	it("lets no short message make a client allocate much", () => {
		// 400 arrays, one in the other, each of which says that it has 65,535 elements
		const bytes = Uint8Array.from({ length: 1200 }, (_, i) => (i % 3 === 0 ? 0xdc : 0xff));
		const before = process.memoryUsage().heapUsed;
		expect(decodeServerMessage(bytes)).toBeNull();
		expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 * 1024 * 1024);
	});
});

describe("unpackSchema", () => {
	it("gives back what packSchema packed", () => {
		holds(
			fc.property(wireSchemas, (schema) => {
				expect(unpackSchema(decode(encode(packSchema(schema))))).toEqual(schema);
			}),
		);
	});

	it("gives a schema or null for anything else", () => {
		holds(
			fc.property(fc.oneof(values, fc.array(values, { minLength: 6, maxLength: 6 })), (packed) => {
				unpackSchema(packed);
			}),
			2000,
		);
	});

	it("gives a usable schema or null for one that is almost right", () => {
		holds(
			fc.property(
				wireSchemas,
				fc.array(fc.tuple(fc.nat(), values), { maxLength: 3 }),
				(schema, changes) => {
					const packed = packSchema(schema) as unknown[];
					for (const [where, value] of changes) replaceOne(packed, where, value);
					const unpacked = unpackSchema(packed);
					for (const { columns, capacity } of unpacked?.tables ?? []) {
						expect(capacity).toBeLessThanOrEqual(LIMITS.rows);
						for (const { quantisation: q } of columns) {
							if (q.kind === "step") expect(q.step > 0 && Number.isFinite(q.step)).toBe(true);
							if (q.kind === "angle") expect(q.bits).toBeLessThanOrEqual(LIMITS.angleBits);
						}
					}
				},
			),
			2000,
		);
	});

	it("refuses a step that is not finite", () => {
		const column = ["x", 8, 1, Number.POSITIVE_INFINITY, 1, 0];
		expect(unpackSchema(["g", 1, 1, [0, []], [["t", 1, [column]]], []])).toBeNull();
	});
});

/** Puts `value` in the place of one leaf or branch of nested arrays. */
function replaceOne(packed: unknown[], where: number, value: unknown): void {
	const places: [unknown[], number][] = [];
	const visit = (list: unknown[]): void =>
		list.forEach((item, i) => {
			places.push([list, i]);
			if (Array.isArray(item)) visit(item as unknown[]);
		});
	visit(packed);
	const [list, i] = places[where % places.length] as [unknown[], number];
	list[i] = value;
}

describe("ChunkDecoder", () => {
	const kinds = fc.constantFrom(0, 1, 2);

	it("applies any bytes or says what is wrong with them", () => {
		const chunks = fc.array(fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })), { maxLength: 4 });
		holds(
			fc.property(fc.array(wireTables, { minLength: 1, maxLength: 3 }), chunks, (tables, list) => {
				const decoder = new ChunkDecoder(tables);
				for (const [kind, data] of list) decoder.apply(kind, Uint8Array.of(0, ...data));
				for (const { used, capacity } of decoder.tables) expect(used).toBeLessThanOrEqual(capacity);
			}),
			1000,
		);
	});

	it("does so for chunks that are almost right", () => {
		holds(
			fc.property(globalTables, fc.integer(), mutations, kinds, (table, seed, changes, kind) => {
				const random = new SeededRandom(seed).next;
				const encoder = new ChunkEncoder([table], { coded: seed % 2 === 0 });
				const gen = Uint16Array.from({ length: table.capacity }, () => Math.floor(random() * 3));
				const numbers = () =>
					Int32Array.from(
						{ length: table.capacity },
						() => (random() - 0.5) * 2 ** (random() * 32),
					);
				const decoder = new ChunkDecoder([table]);
				const written = (write: (out: ByteWriter) => void): Uint8Array => {
					const out = new ByteWriter(1);
					write(out);
					return out.bytes.slice(0, out.length);
				};
				const values = table.columns.map(numbers);
				for (let tick = 0; tick < 3; tick++) {
					for (const column of values) {
						for (let row = 0; row < column.length; row++) {
							if (random() < 0.3) column[row] = column[row] + random() * 300;
						}
					}
					encoder.advance([{ gen, used: table.capacity, values }], tick);
					if (tick > 1) continue;
					const keyframe = written((out) => encoder.writeKeyframe(out));
					expect(decoder.apply(0, keyframe)).toBeNull();
				}
				const good = written((out) => {
					if (kind === 0) encoder.writeKeyframe(out);
					else if (kind === 1) encoder.writeDelta(out);
					else encoder.writeCatchUp(out, 1);
				});
				const result = decoder.apply(kind, mutate(good, changes));
				if (result !== null) expect(result.length).toBeGreaterThan(0);
				const [held] = decoder.tables;
				expect(held?.used).toBeLessThanOrEqual(table.capacity);
			}),
			1000,
		);
	});
});

describe("EventQueue", () => {
	it("takes any bytes or says what is wrong with them", () => {
		holds(
			fc.property(wireSchemas, fc.uint8Array({ maxLength: 100 }), (schema, data) => {
				const queue = new EventQueue(schema);
				queue.add(1000, data);
				let events = 0;
				queue.drain(1000, () => events++);
				expect(events).toBeLessThanOrEqual(data.length);
			}),
			1000,
		);
	});
});
