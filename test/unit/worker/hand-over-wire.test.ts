import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../protocol/limits.ts";
import type { RecordSpec } from "../../../protocol/schema/define-game.ts";
import { InputRing } from "../../../server/input/input-ring.ts";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import type { FaultReport } from "../../../server/room/fault-report.ts";
import { RoomCounters } from "../../../server/room/room-counters.ts";
import { roomSettings } from "../../../server/room/room-settings.ts";
import type { SavedRest, SavedSeat } from "../../../server/room/saved-room.ts";
import { MOVE_REFUSALS } from "../../../server/worker/hand-over/move-refusal.ts";
import { ImageAssembler, imageChunks } from "../../../server/worker/hand-over/wire/image-chunks.ts";
import {
	decodeParcel,
	encodeParcel,
	type Parcel,
} from "../../../server/worker/hand-over/wire/parcel.ts";
import { WIRE_LIMITS } from "../../../server/worker/hand-over/wire/wire-limits.ts";
import { holds, mutate, mutations } from "../../support/holds.ts";

const MOVE = 3 * 2 ** 32 + 7;
const INPUT = Uint8Array.of(1, 2, 3);

const INPUTS = {
	...new InputRing({ size: 3, fields: [] } as unknown as RecordSpec).save(),
	viewAge: 12,
	inputTick: 99,
	slack: -3,
};

const SEAT: SavedSeat = {
	number: 5,
	name: "Ada 🚀",
	tokenHash: "cd".repeat(32),
	isJoined: true,
	isLeaving: false,
	leaveReason: 0,
	heldMs: 12.5,
	inputs: INPUTS,
	events: { bytes: INPUT, agesAt: [1] },
};

const REPORT: FaultReport = {
	kind: "trap",
	detail: "out of bounds",
	room: "arena-1",
	tick: 7,
	moduleHash: "ab".repeat(32),
	version: 3,
	frames: ["tick (arena.ts:3:1)"],
	inbox: "0a",
	fuelSpent: 12,
	outcome: { kind: "retried", withoutPlayer: "all" },
};

const SAVED: SavedRest = {
	...{ id: "arena-1", seed: 0xffff_ffff, epoch: 2, tick: 100 },
	moduleHash: "ab".repeat(32),
	hash: "00ff00ff00ff00ff",
	settings: roomSettings(),
	isPaused: false,
	leavesInputsOut: true,
	carriedOver: INPUT,
	seats: [SEAT, { ...SEAT, number: 6, heldMs: null, events: null }],
	untold: [{ player: 1, name: null }],
	emptyMs: 0.5,
	events: [[0xffff, { bytes: INPUT, agesAt: [1] }]],
	counters: new RoomCounters().save(),
	faults: { reports: [REPORT], repeated: [["trap", { firstTick: 7, count: 2, report: REPORT }]] },
	moments: {
		list: [{ kind: "join", tick: 1, toTick: 1, count: 1, detail: "Ada" }],
		last: [["join", 1]],
	},
	requests: [
		{
			...{ kind: "request", room: "arena-1", game: "arena", version: 3, epoch: 2, tick: 90, n: 0 },
			...{ name: "profile", player: { number: 1, name: "Ada" }, fields: { a: 1, b: true, c: "9" } },
		},
	],
};

const PREPARE: Parcel = {
	message: { type: "prepare", move: MOVE, tick: 100 },
	material: {
		room: "arena-1",
		moduleHash: "ab".repeat(32),
		rawHash: "ef".repeat(32),
		length: 131_072,
		chunks: 2,
		globals: [1.5, -0, Number.NaN, -(2n ** 63n), 2n ** 63n - 1n],
	},
};

const REST_MATERIAL = { saved: SAVED, dueAtMs: 1.7e12 + 0.25, frozenAtMs: 1.7e12 };
const REST = {
	message: { type: "rest", move: MOVE, tick: 100 },
	material: REST_MATERIAL,
} as const satisfies Parcel;

const term = 4;

/** One of each type. */
const PARCELS: readonly Parcel[] = [
	PREPARE,
	REST,
	{ message: { type: "follow", move: MOVE, tick: 9 }, material: { inbox: INPUT } },
	{ message: { type: "socket", move: MOVE, part: 1, parts: 3 }, material: null },
	{ message: { type: "chunk" }, material: { move: MOVE, at: 65_536, bytes: INPUT } },
	...[
		{ type: "cancel", move: MOVE } as const,
		{ type: "at", move: MOVE, tick: 98 } as const,
		{ type: "ready", move: MOVE, tick: 100 } as const,
		...MOVE_REFUSALS.map((why) => ({ type: "failed", move: MOVE, why }) as const),
		{ type: "adopted", move: MOVE, part: 2 } as const,
		{ type: "asked", term, move: MOVE, epoch: 2, to: "w1.9" } as const,
		{ type: "changed", term, move: MOVE, epoch: 3 } as const,
		{ type: "refused", term, move: MOVE, epoch: 3, owner: "w1.9" } as const,
		{ type: "refused", term, move: MOVE, epoch: 3, owner: null } as const,
		{ type: "owner", term, move: MOVE, epoch: 3 } as const,
		{ type: "recover", term, epoch: 3 } as const,
		{ type: "report", term } as const,
		{ type: "change", move: MOVE, epoch: 2, to: "w1.9" } as const,
		{ type: "abandoned", move: MOVE, why: "ERR_MOVE_HASH" } as const,
		{ type: "doubt", move: MOVE } as const,
		{ type: "done", epoch: 3 } as const,
		{ type: "lost", epoch: 3 } as const,
		{ type: "over", epoch: 3 } as const,
		...[
			{ kind: "none" } as const,
			{ kind: "owner", epoch: 3 } as const,
			{ kind: "restoring", epoch: 3 } as const,
			{ kind: "given", epoch: 3, to: "w1.9", move: MOVE } as const,
		].map((claim) => ({ type: "claim", term, claim, floor: 3 }) as const),
	].map((message) => ({ message, material: null }) as Parcel),
];

describe("parcels between workers", () => {
	it("come back as they were sent, of every type", () => {
		for (const parcel of PARCELS) expect(decodeParcel(encodeParcel(parcel))).toEqual(parcel);
		const { globals } = (decodeParcel(encodeParcel(PREPARE)) as typeof PREPARE).material as {
			globals: readonly (number | bigint)[];
		};
		expect(Object.is(globals[1], -0)).toBe(true);
	});

	it("keep their numbers on the wire", () => {
		const numbers = PARCELS.map((p) => [p.message.type, (decode(encodeParcel(p)) as unknown[])[0]]);
		expect(Object.fromEntries(numbers)).toEqual({
			prepare: 0,
			follow: 1,
			rest: 2,
			socket: 3,
			cancel: 4,
			at: 5,
			ready: 6,
			failed: 7,
			adopted: 8,
			asked: 9,
			changed: 10,
			refused: 11,
			owner: 12,
			recover: 13,
			report: 14,
			change: 15,
			abandoned: 16,
			doubt: 17,
			done: 18,
			lost: 19,
			over: 20,
			claim: 21,
			chunk: 22,
		});
	});

	it("ignore fields that a later version adds", () => {
		const [type, fields, material] = decode(encodeParcel(REST)) as [number, unknown[], unknown[]];
		const later = encode([type, [...fields, "new"], [...material, { a: 1 }, 2]]);
		expect(decodeParcel(later)).toMatchObject({ error: "ERR_WORKER_MESSAGE" }); // no maps
		expect(decodeParcel(encode([type, [...fields, "new"], [...material, 2], 3]))).toEqual(REST);
	});

	it("are refused by name and place when a field is not what it should be", () => {
		const wrong: [unknown, RegExp][] = [
			[7, /no list/],
			[[], /a number from 0 to 22, not undefined/],
			[[99], /a number from 0 to 22, not 99/],
			[[5, null, null], /a list of at least 2, not null/],
			[[5, [MOVE, -1], null], /tick: a number from 0 to 4294967295, not -1/],
			[[5, [1.5, 1], null], /move: .* not 1.5/],
			[[9, [1, 2, 3, "x".repeat(WIRE_LIMITS.workerBytes + 1)], null], /to: text of at most/],
			[[21, [1, [9, 0, "", 0], 0], null], /claim: kind: a number from 0 to 3/],
			[[1, [1, 2], [new Uint8Array(LIMITS.inboxBytes + 1)]], /inbox: 0 to 262144 bytes/],
			[[22, null, [1, 0, new Uint8Array(0)]], /bytes: 1 to 262144 bytes/],
		];
		for (const [raw, detail] of wrong) {
			expect(decodeParcel(encode(raw))).toEqual({
				error: "ERR_WORKER_MESSAGE",
				detail: expect.stringMatching(detail),
			});
		}
		const long = decodeParcel(new Uint8Array(WIRE_LIMITS.parcelBytes + 1));
		expect(long).toMatchObject({ error: "ERR_WORKER_MESSAGE" });
	});

	it("never throw, whatever the bytes are", () => {
		const all = PARCELS.map(encodeParcel);
		holds(
			fc.property(fc.nat(all.length - 1), mutations, (i, changes) => {
				const parcel = decodeParcel(mutate(all[i], changes));
				if (!("error" in parcel)) encodeParcel(parcel);
			}),
			3_000,
		);
		holds(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				decodeParcel(bytes);
			}),
			2_000,
		);
	});

	it("have room for the rest of a full room whose players have all inputs waiting", () => {
		const fields = Array.from({ length: LIMITS.fields }, (_, offset) => ({ type: "u8", offset }));
		const input = { size: LIMITS.inputBytes, fields } as unknown as RecordSpec;
		const inputs = new InputRing(input).save();
		for (const all of Object.values(inputs)) if (all instanceof Uint8Array) all.fill(255);
		const name = "x".repeat(LIMITS.playerNameBytes);
		const seats = Array.from({ length: LIMITS.players }, (_, number) => {
			return { ...SEAT, number, name, inputs };
		});
		const inbox = "f".repeat(2 * LIMITS.inboxBytes);
		const reports = Array.from({ length: SERVER_LIMITS.faultReports }, () => ({
			...REPORT,
			inbox,
		}));
		const carriedOver = new Uint8Array(LIMITS.inboxBytes);
		const faults = { reports, repeated: [] };
		const saved = { ...SAVED, seats, carriedOver, faults };
		const full: Parcel = { ...REST, material: { ...REST_MATERIAL, saved } };
		const bytes = encodeParcel(full);
		expect(bytes.length).toBeLessThan(WIRE_LIMITS.parcelBytes);
		expect(decodeParcel(bytes)).not.toHaveProperty("error");
	});
});

describe("an image in chunks", () => {
	const page = WIRE_LIMITS.pageBytes;

	/** Memory of so many pages, where those named are not all 0. */
	function memoryOf(pages: number, used: readonly number[]): Uint8Array {
		const memory = new Uint8Array(pages * page);
		for (const i of used) memory[i * page + ((i * 7_919) % page)] = i + 1;
		return memory;
	}

	function assemble(memory: Uint8Array): Uint8Array | null {
		const assembler = new ImageAssembler();
		const chunks = [...imageChunks(7, memory)];
		for (const chunk of chunks) expect(assembler.add(chunk)).toBe(true);
		return assembler.take(7, memory.length, chunks.length);
	}

	it("comes back the same, and pages of zeros do not travel", () => {
		const chunks = [...imageChunks(7, memoryOf(16, [0, 1, 2, 3, 4, 9]))];
		expect(chunks.map(({ at, bytes }) => [at / page, bytes.length / page])).toEqual([
			[0, 4],
			[4, 1],
			[9, 1],
		]);
		const used = fc.uniqueArray(fc.nat(39), { maxLength: 20 });
		holds(
			fc.property(used, fc.integer({ min: 1, max: 40 }), (pages, count) => {
				const memory = memoryOf(
					count,
					pages.filter((i) => i < count),
				);
				expect(Buffer.compare(assemble(memory) ?? new Uint8Array(0), memory)).toBe(0);
			}),
			100,
		);
	});

	it("is lost when a chunk is, or comes twice, or too far out", () => {
		const memory = memoryOf(16, [0, 5, 9]);
		const chunks = [...imageChunks(7, memory)];
		const assembler = new ImageAssembler();
		for (const chunk of chunks.slice(1)) assembler.add(chunk);
		expect(assembler.take(7, memory.length, 3)).toBeNull();
		const twice = new ImageAssembler();
		expect(twice.add(chunks[0])).toBe(true);
		expect(twice.add(chunks[0])).toBe(false);
		expect(twice.take(7, memory.length, 1)).toBeNull();
		expect(twice.add({ move: 8, at: LIMITS.memoryBytes - 1, bytes: Uint8Array.of(1, 2) })).toBe(
			false,
		);
		const long = new ImageAssembler();
		long.add(chunks[2]);
		expect(long.take(7, page, 1)).toBeNull();
	});

	it("belongs to one move: a newer one begins anew, an older one is not heard", () => {
		const memory = memoryOf(4, [1]);
		const [chunk] = [...imageChunks(8, memory)];
		const assembler = new ImageAssembler();
		assembler.add({ move: 7, at: 0, bytes: Uint8Array.of(9) });
		expect(assembler.add(chunk)).toBe(true);
		expect(assembler.add({ move: 7, at: page * 3, bytes: Uint8Array.of(9) })).toBe(false);
		const taken = assembler.take(8, memory.length, 1) ?? new Uint8Array(0);
		expect(Buffer.compare(taken, memory)).toBe(0);
		expect(assembler.take(8, memory.length, 1)).toBeNull();
		expect(assembler.take(9, 8, 0)).toEqual(new Uint8Array(8));
	});
});
