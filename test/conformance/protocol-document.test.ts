import { describe, expect, it } from "vitest";
import { VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";
import { WIDTHS } from "../../protocol/codec/bit-blocks.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkDecoder } from "../../protocol/codec/chunk-decoder.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CLOSE_CODES, isFinal } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import {
	decodeClientMessage,
	encodeClientMessage,
} from "../../protocol/messages/client-message.ts";
import {
	CHUNK,
	decodeServerMessage,
	encodePong,
	encodeRoster,
	encodeWelcome,
	type Snapshot,
	type Welcome,
} from "../../protocol/messages/server-message.ts";
import { putChunkHeader, putSnapshotPrefix } from "../../protocol/messages/snapshot-parts.ts";
import { SCALAR_BYTES, SCALAR_NAMES } from "../../protocol/schema/scalar.ts";
import { fencedBlock, hexBlock, readDocument, tableRows } from "./document.ts";
import { DocumentClient, type Seen } from "./document-client.ts";

const document = readDocument("PROTOCOL.md");

/** What the JSON blocks of the example show. */
function shown(client: DocumentClient, seen: Seen | null): unknown {
	const { schema } = client.welcome ?? { schema: { tables: [] } };
	const tables = schema.tables.map(({ name, columns }, t) => [
		name,
		Object.fromEntries(
			[...(client.tables?.rows[t] ?? [])].map(([row, { gen, values, steps, bends }]) => {
				const guessed = (numbers: number[] = []) =>
					Object.fromEntries(
						columns.flatMap((c, i) => (c.isGuessed ? [[c.name, numbers[i]]] : [])),
					);
				const plain = Object.fromEntries(columns.map((c, i) => [c.name, values[i]]));
				return [row, { gen, ...plain, steps: guessed(steps), bends: guessed(bends) }];
			}),
		),
	]);
	return {
		tick: seen?.tick,
		inputTick: seen?.inputTick,
		slack: seen?.slack,
		own: Object.fromEntries(
			(seen?.own ?? []).map((rows, t) => [
				schema.tables[t]?.name,
				Object.fromEntries([...rows].map(([row, { gen, values }]) => [row, { gen, ...values }])),
			]),
		),
		events: seen?.events.map(({ event, tick, fields }) => ({ event, tick, ...fields })),
		...Object.fromEntries(tables),
	};
}

function snapshotBytes({ tick, inputTick, slack, chunks }: Omit<Snapshot, "type">): Uint8Array {
	const bytes = new Uint8Array(1000);
	let end = putSnapshotPrefix(bytes, 0, tick, inputTick, slack, chunks.length);
	for (const { cell, kind, from, data } of chunks) {
		end = putChunkHeader(bytes, end, cell, kind, from, data.length);
		bytes.set(data, end);
		end += data.length;
	}
	return bytes.slice(0, end);
}

type ExampleRow = [row: number, gen: number, player: number, x: number, heading: number];

/** The tables that the example is about, run through the server's own encoder. */
function encodeExample({ schema }: Welcome): { keyframe: Uint8Array; delta: Uint8Array } {
	const encoder = new ChunkEncoder(schema.tables);
	const out = new ByteWriter();
	const advance = (rows: ExampleRow[]): void => {
		const gen = new Uint16Array(12);
		const values = [new Int32Array(12), new Int32Array(12), new Int32Array(12)];
		for (const [row, generation, ...numbers] of rows) {
			gen[row] = generation;
			numbers.forEach((n, c) => {
				values[c][row] = n;
			});
		}
		encoder.advance([{ gen, used: 12, values }], 0);
		out.length = 0;
	};
	advance([
		[0, 1, 0, 92, 246],
		[2, 9, 1, -40, 16],
		[3, 12, 2, 7, 0],
	]);
	advance([
		[0, 1, 0, 100, 250],
		[2, 9, 1, -40, 16],
		[3, 12, 2, 7, 0],
	]);
	encoder.writeKeyframe(out);
	const keyframe = out.bytes.slice(0, out.length);
	advance([
		[0, 1, 0, 110, 2],
		[2, 31, 3, -40, 64],
		[3, 12, 2, 7, 0],
		[5, 33, 1, 2000, 200],
	]);
	encoder.writeDelta(out);
	return { keyframe, delta: out.bytes.slice(0, out.length) };
}

describe("PROTOCOL.md", () => {
	it("has an example that a reader written from it alone decodes to what it says", () => {
		const client = new DocumentClient();
		client.receive(hexBlock(document, "welcome"));
		expect(client.welcome).toMatchObject({
			room: "Zq3xT0aB",
			seat: 1,
			token: "Zq3xT0aB.s3crt",
			tick: 28,
			tickRate: 60,
		});
		expect(client.welcome?.roster).toEqual(
			new Map([
				[0, "Bob"],
				[1, "Ann"],
			]),
		);
		const first = client.receive(hexBlock(document, "keyframe"));
		expect(first?.kinds).toEqual([0]);
		expect(shown(client, first)).toEqual(JSON.parse(fencedBlock(document, "json", "keyframe")));
		client.receive(hexBlock(document, "pong"));
		expect(client.pongs).toEqual([{ time: 1234.5, tick: 31.25 }]);
		client.receive(hexBlock(document, "roster"));
		expect(client.welcome?.roster).toEqual(new Map([[1, "Ann"]]));
		const second = client.receive(hexBlock(document, "delta"));
		expect(second?.kinds).toEqual([1]);
		expect(shown(client, second)).toEqual(JSON.parse(fencedBlock(document, "json", "delta")));
	});

	it("has an example whose server's bytes are those that the server's code writes", () => {
		const welcome = decodeServerMessage(hexBlock(document, "welcome"));
		if (welcome?.type !== "welcome") throw new Error("the welcome is not understood");
		expect(encodeWelcome(welcome)).toEqual(hexBlock(document, "welcome"));
		expect(encodePong(1234.5, 31.25)).toEqual(hexBlock(document, "pong"));
		expect(encodeRoster([{ player: 0, name: null }])).toEqual(hexBlock(document, "roster"));
		const { keyframe, delta } = encodeExample(welcome);
		expect(
			snapshotBytes({
				tick: 30,
				inputTick: 0,
				slack: 0,
				chunks: [
					{ cell: 0, kind: CHUNK.own, from: 30, data: Uint8Array.of(1, 2, 9, 0x2c, 1) },
					{ cell: 0, kind: CHUNK.keyframe, from: 30, data: keyframe },
				],
			}),
		).toEqual(hexBlock(document, "keyframe"));
		const splash = Uint8Array.of(0, 1, 0, 0, 0x60, 0x40, 1, 0, 0, 0);
		expect(
			snapshotBytes({
				tick: 33,
				inputTick: 31,
				slack: 2,
				chunks: [
					{ cell: 0, kind: CHUNK.own, from: 33, data: Uint8Array.of(1, 5, 33, 250, 0) },
					{ cell: 0, kind: CHUNK.delta, from: 30, data: delta },
					{ cell: 0, kind: CHUNK.events, from: 33, data: splash },
				],
			}),
		).toEqual(hexBlock(document, "delta"));
		const decoder = new ChunkDecoder(welcome.schema.tables);
		expect(decoder.apply(CHUNK.keyframe, keyframe)).toBeNull();
		expect(decoder.apply(CHUNK.delta, delta)).toBeNull();
	});

	it("has an example whose client's bytes are those that the client library writes", () => {
		const inputs = Uint8Array.of(0x81, 0, 0x81, 1);
		const messages = {
			hello: {
				type: "hello",
				game: "pond",
				room: null,
				name: "Ann",
				token: null,
				spectate: false,
			},
			input: { type: "input", ackTick: 30, tick: 34, inputs, viewAge: 1728 },
			ping: { type: "ping", time: 1234.5 },
			leave: { type: "leave" },
		} as const;
		for (const [name, message] of Object.entries(messages)) {
			expect(encodeClientMessage(message)).toEqual(hexBlock(document, name));
			expect(decodeClientMessage(hexBlock(document, name))).toEqual(message);
		}
	});

	it("lists every closing code, its name, and whether to come back at once", () => {
		const listed = tableRows(document, "11. Closing").map(([code, name, again]) => ({
			name,
			code: Number(code),
			again,
		}));
		const real = Object.entries(CLOSE_CODES).map(([name, code]) => ({
			name,
			code,
			again: isFinal(name) ? "no" : "yes",
		}));
		expect(listed).toEqual(real.sort((a, b) => a.code - b.code));
	});

	it("numbers the types and the widths as the code does", () => {
		const cells = tableRows(document, "3. The schema").filter(
			(row) => row.length === 7 && /^\d+$/.test(row[0]),
		);
		const types = cells
			.flatMap(([a, b, c, , d, e, f]) => [
				[a, b, c],
				[d, e, f],
			])
			.filter(([code]) => code !== "")
			.map((row) => [Number(row[0]), row[1], Number(row[2])])
			.sort(([a], [b]) => Number(a) - Number(b));
		expect(types).toEqual(SCALAR_NAMES.map((name, code) => [code, name, SCALAR_BYTES[code]]));
		const widths = /^ +width +([\d ]+)$/m.exec(document)?.[1]?.trim().split(/ +/).map(Number);
		expect(widths).toEqual([...WIDTHS]);
	});

	it("states the limits that the code has", () => {
		const { messagesPerSecond, messageBurst, inputsPerMessage, inputsQueued } = LIMITS;
		for (const sentence of [
			`at most ${LIMITS.clientMessageBytes} bytes`,
			`at most ${LIMITS.clientMessageElements} values`,
			`strings of at most ${LIMITS.clientStringBytes} bytes`,
			`it has 1 to ${LIMITS.playerNameChars} characters as people count them (extended grapheme clusters, UAX #29) and at most ${LIMITS.playerNameBytes} bytes`,
			`as fit ${LIMITS.joinNameBytes} bytes`,
			`and so on: at most ${inputsPerMessage}.`,
			`a tick that is ${inputsQueued} or more ahead`,
			`${messagesPerSecond} a second on average, ${messageBurst} at once`,
			`| time from open to hello | ${LIMITS.helloTimeoutMs / 1000} s |`,
			`every ${LIMITS.heartbeatMs / 1000} s; no message and no pong for ${LIMITS.silenceMs / 1000} s`,
			`more than ${LIMITS.unacknowledgedBytes.toLocaleString("en")} bytes of snapshots`,
			`(${LIMITS.clientBytesPerSecond.toLocaleString("en")} bytes a second,`,
			`more than the game allows, ${LIMITS.rewindMs} ms mostly, does not count`,
			`it is held for ${LIMITS.seatGraceMs / 1000} s`,
			`in cells 1 to ${LIMITS.gridSide ** 2}`,
			`in 1/${VIEW_AGE_PER_TICK} of a tick`,
			`| time for the closing handshake | ${LIMITS.closeMs / 1000} s |`,
			`is more than ${LIMITS.lagMs / 1000} s of ticks newer`,
			`for ${LIMITS.stalledClientMs / 1000} s is dropped: \`ERR_CLIENT_TOO_SLOW\``,
			`players stay open for ${LIMITS.emptyRoomMs / 1000} s`,
			`a text of at most ${LIMITS.noticeChars} characters`,
			`\`data\` has at most ${LIMITS.snapshotBytes.toLocaleString("en")} bytes`,
			`At most ${LIMITS.tables} tables, ${LIMITS.columns} columns each, ${LIMITS.rows} rows each, ${LIMITS.events} events, ${LIMITS.fields} fields each`,
			`| 2 | angle | bits, 2 to ${LIMITS.angleBits} |`,
		]) {
			expect(document.replace(/\s+/g, " ")).toContain(sentence.replace(/\s+/g, " "));
		}
	});
});
