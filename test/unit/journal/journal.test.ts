import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import {
	BLOCK_HEAD_BYTES,
	blockHead,
	FILE_HEAD_BYTES,
} from "../../../server/journal/block-file.ts";
import { readBlock } from "../../../server/journal/block-reader.ts";
import { encodeImage, putRepeat, putSkip, putTick } from "../../../server/journal/encode-record.ts";
import type { JournalProblem, JournalRecord } from "../../../server/journal/journal-format.ts";
import { JOURNAL_LIMITS } from "../../../server/journal/journal-limits.ts";
import { JournalReader, openJournal } from "../../../server/journal/journal-reader.ts";
import { memorySource } from "../../../server/journal/journal-source.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { replay } from "../../../server/replay/replay.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { recordMatch } from "./journal-match.ts";

let dots: GameModule;
/** A short match with everything in it but a swap. */
let whole: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
	dots = await loadFixture("dots");
	({ bytes: whole } = await recordMatch({ game: dots, ticks: 150, seed: 5 }));
});

/** All records up to the end or the problem. */
function readAll(bytes: Uint8Array): {
	records: JournalRecord[];
	problem: JournalProblem | null;
} {
	const records: JournalRecord[] = [];
	const journal = openJournal(memorySource(bytes));
	if ("error" in journal) return { records, problem: journal };
	const reader = new JournalReader(journal);
	for (let record = reader.next(); record !== null; record = reader.next()) {
		if ("error" in record) return { records, problem: record };
		records.push(record);
	}
	return { records, problem: null };
}

/** Where the blocks of an intact file begin. */
function blockOffsets(bytes: Uint8Array): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const offsets: number[] = [];
	for (let at = FILE_HEAD_BYTES; at < bytes.length; ) {
		offsets.push(at);
		at += BLOCK_HEAD_BYTES + view.getUint32(at, true);
	}
	return offsets;
}

/** The records of each block. */
function payloadsOf(bytes: Uint8Array): Uint8Array[] {
	return blockOffsets(bytes).map((offset) => {
		const block = readBlock(memorySource(bytes), offset);
		if (!("payload" in block)) throw new Error("the file is not intact");
		return block.payload;
	});
}

/** The file with more blocks behind the first `keep`. */
function withBlocks(bytes: Uint8Array, keep: number, payloads: readonly Uint8Array[]): Uint8Array {
	const end = blockOffsets(bytes)[keep] ?? bytes.length;
	const more = payloads.flatMap((payload) => [blockHead(payload), payload]);
	return new Uint8Array(Buffer.concat([bytes.subarray(0, end), ...more]));
}

function payload(write: (to: ByteWriter) => void): Uint8Array {
	const to = new ByteWriter(1 << 20);
	write(to);
	return to.bytes.slice(0, to.length);
}

describe("a journal", () => {
	it("gives back every inbox, hash and abort in order, and ends", async () => {
		const inboxes: string[] = [];
		const hashes: string[] = [];
		const { bytes } = await recordMatch({
			game: dots,
			ticks: 300,
			seed: 11,
			after(room, tick) {
				inboxes.push(Buffer.from(room.history.lastInbox).toString("hex"));
				if ((tick + 1) % 60 === 0) hashes.push(`${tick + 1} ${room.stateHash()}`);
			},
		});
		const { records, problem } = readAll(bytes);
		expect(problem).toBeNull();
		const ticks = records.filter((r) => r.type === "tick");
		expect(ticks.map((r) => r.tick)).toEqual(inboxes.map((_, i) => i));
		expect(ticks.map((r) => Buffer.from(r.inbox).toString("hex"))).toEqual(inboxes);
		const found = records.filter((r) => r.type === "hash").map((r) => `${r.tick} ${r.hash}`);
		expect(found).toEqual(expect.arrayContaining(hashes));
		expect(found).toHaveLength(hashes.length + 2); // the start's and the end's
		expect(records.at(-1)).toEqual({ type: "end", tick: 300, cut: -1 });
	});

	it("spends one byte on a tick whose inbox is the one before again", async () => {
		const records = async (ticks: number): Promise<number> => {
			const { bytes } = await recordMatch({ game: dots, ticks, seed: 1, players: 0 });
			return payloadsOf(bytes).reduce((sum, block) => sum + block.length, 0);
		};
		// 600 ticks, and ten hashes: tag, length, tick (2 bytes) and the hash
		expect((await records(1000)) - (await records(400))).toBe(600 + 10 * 12);
	});

	it("spends on a lively match less than a third of its inboxes' bytes", async () => {
		const { bytes } = await recordMatch({ game: dots, ticks: 1000, seed: 1, players: 16 });
		const all = readAll(bytes).records.reduce(
			(sum, r) => sum + (r.type === "tick" ? r.inbox.length : 0),
			0,
		);
		expect(bytes.length).toBeLessThan(all / 3);
	});

	it("is read up to the cut when a crash cut it off, wherever that was", () => {
		const offsets = blockOffsets(whole);
		const complete = readAll(whole).records.map((record) => JSON.stringify(record));
		const lengths = new Set(
			offsets.flatMap((at) => Array.from({ length: 40 }, (_, i) => at - 20 + i)),
		);
		for (let length = 0; length < whole.length; length += 13) lengths.add(length);
		for (const length of lengths) {
			if (length < 0 || length >= whole.length) continue;
			const { records, problem } = readAll(whole.subarray(0, length));
			const lastBlock = offsets.findLast((offset) => offset <= length) ?? 0;
			if (length < (offsets[1] as number)) {
				expect(problem?.error).toBe("ERR_JOURNAL_CUT");
				expect(problem?.offset).toBe(length);
				continue;
			}
			expect(problem).toBeNull();
			expect(records.at(-1)).toMatchObject({ type: "end", cut: lastBlock });
			const before = records.slice(0, -1).map((record) => JSON.stringify(record));
			expect(before.join()).toBe(complete.slice(0, before.length).join());
		}
	});

	it("names the damage for every flipped bit, and never replays one", () => {
		const seed = Date.now() % 2 ** 31;
		const random = new SeededRandom(seed).next;
		const names = new Set<string>();
		for (let i = 0; i < 3000; i++) {
			const bytes = whole.slice();
			const at = Math.floor(random() * bytes.length);
			bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random() * 8));
			const { problem } = readAll(bytes);
			if (at === 6 || at === 7) continue; // the minor version: any is fine
			expect(problem, `seed ${seed}, byte ${at}`).not.toBeNull();
			expect(problem?.offset, `seed ${seed}, byte ${at}`).toBeLessThanOrEqual(at);
			names.add((problem as JournalProblem).error);
		}
		expect([...names].sort()).toContain("ERR_JOURNAL_DAMAGED");
		const heads = [0, 1, 4, 5].map((at) => {
			const bytes = whole.slice();
			bytes[at] = (bytes[at] as number) ^ 0x10;
			return readAll(bytes).problem?.error;
		});
		expect(heads).toEqual([
			"ERR_JOURNAL_MAGIC",
			"ERR_JOURNAL_MAGIC",
			"ERR_JOURNAL_VERSION",
			"ERR_JOURNAL_VERSION",
		]);
	});

	it("survives hostile bytes under valid checksums: a record or a named problem, no more", () => {
		const seed = Date.now() % 2 ** 31;
		const random = new SeededRandom(seed).next;
		const blocks = payloadsOf(whole);
		const names = new Map<string, number>();
		for (let i = 0; i < 1000; i++) {
			const payloads = [...blocks];
			const n = Math.floor(random() * payloads.length);
			const records = (payloads[n] as Uint8Array).slice();
			// the first bytes of a block are where lengths and tags are dense
			const reach = random() < 0.5 ? Math.min(records.length, 80) : records.length;
			for (let k = 0; k < 3; k++) {
				records[Math.floor(random() * reach)] = Math.floor(random() * 256);
			}
			payloads[n] = records;
			const bytes = withBlocks(whole, 0, payloads);
			const journal = openJournal(memorySource(bytes));
			const outcome = "error" in journal ? journal : replay(journal);
			const name = "error" in outcome ? outcome.error : outcome.departure ? "departs" : "same";
			expect(name, `seed ${seed}`).toMatch(/^(ERR_JOURNAL_[A-Z]+|departs|same)$/);
			names.set(name, (names.get(name) ?? 0) + 1);
		}
		const found = [...names.keys()];
		for (const name of ["RECORD", "ORDER", "DEFLATE"]) {
			expect(found, `seed ${seed}`).toContain(`ERR_JOURNAL_${name}`);
		}
	});

	it.each([
		["ERR_JOURNAL_ORDER", "an inbox again after nothing", payload(putRepeat)],
		["ERR_JOURNAL_ORDER", "a change of nothing", Uint8Array.of(10, 3, 0, 1, 7)],
		["ERR_JOURNAL_RECORD", "a change beyond the inbox", Uint8Array.of(3, 2, 5, 5, 10, 3, 2, 1, 7)],
		["ERR_JOURNAL_RECORD", "a change cut short", Uint8Array.of(3, 2, 5, 5, 10, 2, 0, 2)],
		["ERR_JOURNAL_ORDER", "a skip into the past", payload((to) => putSkip(to, 0))],
		["ERR_JOURNAL_RECORD", "an unknown tag", Uint8Array.of(63, 0)],
		["ERR_JOURNAL_RECORD", "a length without an end", Uint8Array.of(3, 255, 255, 255, 255, 255)],
		["ERR_JOURNAL_RECORD", "a length beyond the block", Uint8Array.of(3, 100, 1, 2)],
		["ERR_JOURNAL_LIMIT", "an endless inbox", payload((to) => putTick(to, new Uint8Array(3e5)))],
		[
			"ERR_JOURNAL_LIMIT",
			"an image of 4 GiB",
			encodeImage(0, { length: 2 ** 32 - 1, globals: [] }, new Uint8Array(8)),
		],
		["ERR_JOURNAL_LIMIT", "a million globals", Uint8Array.of(2, 5, 0, 0xc0, 0x84, 0x3d, 0)],
		[
			"ERR_JOURNAL_ORDER",
			"an image of another tick",
			encodeImage(7, { length: 0, globals: [] }, new Uint8Array(1)),
		],
	])("refuses with %s %s", (error, _, record) => {
		expect(readAll(withBlocks(whole, 1, [record])).problem).toMatchObject({ error });
	});

	it("refuses what follows the end, and a block longer than any can be", () => {
		const more = withBlocks(whole, Number.POSITIVE_INFINITY, [Uint8Array.of()]);
		expect(readAll(more).problem).toMatchObject({ error: "ERR_JOURNAL_ORDER" });
		const head = new Uint8Array(BLOCK_HEAD_BYTES);
		const view = new DataView(head.buffer);
		view.setUint32(0, JOURNAL_LIMITS.blockBytes + 1, true);
		view.setUint32(8, crc32(head.subarray(0, 8)), true);
		const long = Buffer.concat([withBlocks(whole, 1, []), head]);
		expect(readAll(long).problem).toMatchObject({ error: "ERR_JOURNAL_LIMIT" });
	});
});
