import { deflateRawSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { createImage } from "../../../protocol/abi/image.ts";
import { blockHead, fileHead } from "../../../server/journal/block-file.ts";
import { encodeHeader, encodeImage } from "../../../server/journal/encode-record.ts";
import {
	JOURNAL_MAGIC,
	JOURNAL_MAJOR,
	JOURNAL_MINOR,
} from "../../../server/journal/journal-format.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { dumpTable, findTable, showDump, showValue } from "../../../server/replay/dump-table.ts";
import { replay } from "../../../server/replay/replay.ts";
import { Rerun } from "../../../server/replay/rerun.ts";
import type { Room } from "../../../server/room/room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { buildDots, openBytes, recordMatch, replayed, swap } from "../journal/journal-match.ts";

const TRAP_INPUT = 127;
const LOOP_INPUT = 126;

let dots: GameModule;
/** Traps or never ends at the press of a button. */
let brittle: GameModule;
/** Moves twice as fast along y. */
let faster: GameModule;

beforeAll(async () => {
	const step = "dot.x[i] +=";
	dots = await loadFixture("dots");
	[{ game: brittle }, { game: faster }] = await Promise.all([
		buildDots([
			[
				step,
				`if (input.dx[dot.player[i]] == ${TRAP_INPUT}) unreachable();
				while (input.dx[dot.player[i]] == ${LOOP_INPUT}) {}
				${step}`,
			],
		]),
		buildDots([["dot.y[i] += ", "dot.y[i] += <f32>2 * "]]),
	]);
});

/** Gives a player an input that is due in the next tick. */
function press(room: Room, value: number): void {
	const player = [...room.players.values()].find((p) => p.isJoined && !p.isLeaving);
	if (!player) throw new Error("nobody is here");
	const inputs = new Uint8Array([value, 0]);
	for (const tick of [room.tick, room.tick + 1]) {
		const message = { type: "input", ackTick: player.viewer?.sentTick ?? 0, tick, inputs } as const;
		room.receiveInput(player, message);
		inputs[0] = 0;
	}
}

describe("replay", () => {
	it("runs a match with joins, leaves, faults, a swap and a rollback again, bit for bit", async () => {
		const match = await recordMatch({
			game: brittle,
			ticks: 900,
			seed: 21,
			players: 6,
			before(room, tick) {
				if (tick === 100 || tick === 650) press(room, TRAP_INPUT);
				if (tick === 200) press(room, LOOP_INPUT);
				if (tick === 300) swap(room, faster);
				if (tick === 600) swap(room, brittle);
			},
		});
		const outcomes = match.room.faults.reports.map((report) => report.outcome.kind);
		expect(outcomes).toEqual(["retried", "postponed", "rolledBack"]);
		const { simulation: _, ...outcome } = replayed(match.bytes);
		expect(outcome).toMatchObject({
			ticks: 899, // one was given up
			lastTick: 899,
			aborted: 3,
			swaps: 3,
			departure: null,
			fault: null,
			cut: -1,
			isSealedAlike: true,
			moduleHash: faster.hash,
		});
		expect(outcome.hashes).toBeGreaterThan(15);
		expect(replayed(match.bytes, 899).simulation.tables).toEqual(match.room.simulation.tables);
	});

	it("replays a room up to the tick that ended it", async () => {
		const { game } = await buildDots([
			["export function tick(): void {", "$& if (ctx.tick == 130) unreachable();"],
		]);
		const { bytes, room } = await recordMatch({ game, ticks: 200, seed: 2 });
		expect(room.fault?.kind).toBe("trap");
		expect(replayed(bytes)).toMatchObject({ ticks: 130, aborted: 1, departure: null, fault: null });
	});

	it("is not misled by a module that grows its memory and spoils its inbox", async () => {
		const { game } = await buildDots([
			["import { dot, input }", "import { dot, INBOX, input }"],
			[
				"export function tick(): void {",
				"$& memory.fill(INBOX, 255, 200); if (ctx.tick % 500 == 40) memory.grow(1);",
			],
		]);
		const { bytes, room } = await recordMatch({ game, ticks: 2000, seed: 2 });
		expect(room.simulation.memoryBytes).toBe(5 * 65_536);
		expect(replayed(bytes)).toMatchObject({ ticks: 2000, departure: null });
		expect(replayed(bytes, 1900)).toMatchObject({ ticks: 101, departure: null });
	});

	it("reaches any tick from the image before it, with the rules in force there", async () => {
		const wanted = [0, 59, 1799, 1800, 1850, 1899, 1900, 2000];
		const states = new Map<number, unknown>();
		const { bytes } = await recordMatch({
			game: dots,
			ticks: 2100,
			seed: 4,
			before(room, tick) {
				if (tick === 1900) swap(room, faster);
			},
			after({ simulation }, tick) {
				if (wanted.includes(tick)) states.set(tick, dumpTable(simulation.tables[0]));
			},
		});
		for (const tick of wanted) {
			const { simulation, ticks, lastTick } = replayed(bytes, tick);
			expect(dumpTable(simulation.tables[0]), `tick ${tick}`).toEqual(states.get(tick));
			expect(lastTick).toBe(tick);
			expect(ticks).toBeLessThanOrEqual(1800);
		}
		expect(replayed(bytes, 1850).ticks).toBe(51);
		expect(replayed(bytes, 2000).ticks).toBe(101);
	});

	it("shows a table as text: live rows alone, numbers as their types see them", async () => {
		const { bytes } = await recordMatch({ game: dots, ticks: 300, seed: 4 });
		const { simulation } = replayed(bytes, 250);
		const table = findTable(simulation, "dot");
		if (!table) throw new Error("no table");
		const lines = showDump(dumpTable(table), table).trimEnd().split("\n");
		expect(lines[0]).toMatch(/^row +gen +player +x +y$/);
		expect(lines.length - 1).toBe(table.gen.filter((gen) => gen > 0).length);
		expect(findTable(simulation, "nothing")).toBeNull();
		expect(showValue(Math.fround(0.1), "f32")).toBe("0.1");
		expect(showValue(Math.fround(1 / 3), "f32")).toBe("0.33333334");
		expect(showValue(0.1, "f64")).toBe("0.1");
		expect(showValue(2n ** 63n)).toBe("9223372036854775808");
	});

	it("tells where a state left the recorded way, and what differs at the next image", async () => {
		const { bytes, room } = await recordMatch({
			game: dots,
			ticks: 1900,
			seed: 9,
			wrap: (recorder) => ({
				open: (r) => recorder.open(r),
				// the journal lies about one tick: what the players pressed in it is lost
				tick: (r, inbox) => recorder.tick(r, r.tick === 1770 ? forgetInputs(inbox) : inbox),
				abort: (r, inbox) => recorder.abort(r, inbox),
				swap: (r, hash) => recorder.swap(r, hash),
				close: (r) => recorder.close(r),
			}),
		});
		expect(room.players.size).toBeGreaterThan(0);
		const { departure, fault } = replayed(bytes);
		expect(fault).toBeNull();
		expect(departure).toMatchObject({ fromTick: 1740, toTick: 1799 });
		expect(departure?.hash).not.toBe(departure?.recordedHash);
		expect(departure?.difference).toMatchObject({ tick: 1799, table: "dot", type: "f32" });
		const { before, after, column, row } = departure?.difference ?? { before: 0, after: 0 };
		expect(before).not.toBe(after);
		expect(["x", "y"]).toContain(column);
		expect(row).toBeGreaterThanOrEqual(0);
	});

	it("replays under a seal that has changed since, and says that fuel may count otherwise", async () => {
		const { bytes } = await recordMatch({ game: dots, ticks: 100, seed: 9 });
		const { header, start } = openBytes(bytes);
		const rules = { ...header.rules, moduleHash: "00".repeat(32), fuelPerTick: 2_000_000_000 };
		const head = encodeHeader({ ...header, rules });
		const other = Buffer.concat([
			fileHead(JOURNAL_MAGIC, JOURNAL_MAJOR, JOURNAL_MINOR),
			blockHead(head),
			head,
			bytes.subarray(start.offset),
		]);
		expect(replayed(new Uint8Array(other))).toMatchObject({
			isSealedAlike: false,
			departure: null,
			ticks: 100,
		});
	});
});

describe("an image in a journal", () => {
	const page = 65_536;
	const zeros = (length: number): Uint8Array => deflateRawSync(new Uint8Array(length));

	it.each([
		["ERR_JOURNAL_IMAGE", "has globals that the module has not", page, [1, 2, 3], zeros(page)],
		["ERR_JOURNAL_IMAGE", "is smaller than the module's memory", 0, [], zeros(0)],
		["ERR_JOURNAL_IMAGE", "is no whole number of pages", page + 5, [], zeros(page + 5)],
		[
			"ERR_JOURNAL_IMAGE",
			"is larger than the memory may become",
			100 * page,
			[],
			zeros(100 * page),
		],
		["ERR_JOURNAL_DEFLATE", "unpacks to less than it says", page, [], zeros(100)],
		["ERR_JOURNAL_DEFLATE", "unpacks to more than it says", page, [], zeros(90 * page)],
		["ERR_JOURNAL_DEFLATE", "does not unpack", page, [], new Uint8Array(100).fill(255)],
	])("is refused with %s when it %s", async (error, _, length, globals, packed) => {
		const { bytes } = await recordMatch({ game: dots, ticks: 10, seed: 1 });
		const head = encodeHeader({ ...openBytes(bytes).header, start: "image" });
		const image = encodeImage(0, { length, globals }, packed);
		const file = Buffer.concat([
			fileHead(JOURNAL_MAGIC, JOURNAL_MAJOR, JOURNAL_MINOR),
			blockHead(head),
			head,
			blockHead(image),
			image,
		]);
		expect(replay(openBytes(file))).toMatchObject({ error });
	});
});

/** The same records with inputs that say nothing. */
function forgetInputs(inbox: Uint8Array): Uint8Array {
	const copy = inbox.slice();
	const view = new DataView(copy.buffer);
	for (let at = 0; at < copy.length; at += view.getUint16(at + 2, true)) {
		if (copy[at] === 3) copy.fill(0, at + 8, at + view.getUint16(at + 2, true));
	}
	return copy;
}

describe("an image on the way", () => {
	it("must be the state that was reached, and unpack to what it says", async () => {
		const match = await recordMatch({ game: dots, ticks: 200, seed: 3, players: 2 });
		const rerun = Rerun.start(openBytes(match.bytes));
		if ("error" in rerun) throw new Error(rerun.detail);
		const image = createImage();
		rerun.simulation.save(image);
		const memory = image.bytes.slice(0, image.length);
		const record = (bytes: Uint8Array, length = bytes.length) =>
			({
				type: "image",
				tick: rerun.tick,
				offset: 0,
				image: { globals: image.globals, length, packed: deflateRawSync(bytes) },
			}) as const;
		expect(rerun.apply(record(memory))).toBeNull();
		const other = memory.slice();
		other[40_000] ^= 1;
		expect(rerun.apply(record(other))).toMatchObject({ error: "ERR_JOURNAL_IMAGE" });
		const bomb = new Uint8Array(64 * 1024 * 1024);
		expect(rerun.apply(record(bomb, memory.length))).toMatchObject({
			error: "ERR_JOURNAL_DEFLATE",
		});
		const damaged = record(memory);
		damaged.image.packed[20] = (damaged.image.packed[20] ?? 0) ^ 0xff;
		expect(rerun.apply(damaged)).toHaveProperty("error");
	});
});
