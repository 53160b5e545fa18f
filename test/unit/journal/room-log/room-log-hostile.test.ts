import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../../protocol/codec/byte-writer.ts";
import { LIMITS } from "../../../../protocol/limits.ts";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import {
	BLOCK_HEAD_BYTES,
	blockHead,
	FILE_HEAD_BYTES,
	fileHead,
	setBlockHead,
} from "../../../../server/journal/block-file.ts";
import { putPatch, putRecord, putSkip, putTick } from "../../../../server/journal/encode-record.ts";
import {
	putFor,
	putImage,
	putOpen,
	putSegment,
} from "../../../../server/journal/room-log/encode-log-record.ts";
import {
	LOG_MAGIC,
	LOG_MAJOR,
	LOG_MINOR,
	LOG_TAG,
} from "../../../../server/journal/room-log/log-format.ts";
import { LOG_LIMITS } from "../../../../server/journal/room-log/log-limits.ts";
import {
	type RoomLogContents,
	readRoomLog,
} from "../../../../server/journal/room-log/read-room-log.ts";
import { folderOf } from "./fake-disk.ts";
import { rulesOf } from "./fake-room.ts";
import { playWorld } from "./log-world.ts";

/** A segment with these blocks, whole and with good checksums. */
function segment(blocks: ((to: ByteWriter) => void)[], { name = "w1-a-1.hsl", n = 1 } = {}) {
	const parts: Uint8Array[] = [fileHead(LOG_MAGIC, LOG_MAJOR, LOG_MINOR)];
	const head = (to: ByteWriter) => putSegment(to, { worker: 1, incarnation: "a", n }, []);
	for (const fill of [head, ...blocks]) {
		const to = new ByteWriter(64);
		fill(to);
		const payload = to.bytes.subarray(0, to.length);
		parts.push(blockHead(payload), payload);
	}
	return [name, Buffer.concat(parts)] as const;
}

const about = (id: string, firstTick = 0) => ({
	...{ id, epoch: 1, game: "g", seed: 1, firstTick, settings: new Uint8Array(0) },
	...rulesOf("x"),
});

function opened(to: ByteWriter, key = 1, firstTick = 0): void {
	putFor(to, key, 1);
	putOpen(to, about(`r${key}`, firstTick), firstTick, [], 0);
}

function readBlocks(...blocks: ((to: ByteWriter) => void)[]): RoomLogContents {
	return readRoomLog(folderOf(new Map([segment(blocks)])));
}

function errorsOf({ problems, refused }: RoomLogContents): string[] {
	return [...problems, ...refused.map(({ problem }) => problem)].map(({ error }) => error);
}

const ZEROS = new Uint8Array(0);
const plainImage = (bytes: Uint8Array, length = 65_536, over: object = {}) => ({
	...{ tick: 0, number: 1, since: null, seatChanges: 0, globals: [], length },
	runs: { length: bytes.length, packing: "plain" as const, bytes },
	...over,
});

describe("a room log that somebody made up", () => {
	it("is read without a throw and in no time, whatever its records are", async () => {
		const random = new SeededRandom(77);
		for (let seed = 1; seed <= 12; seed++) {
			const world = await playWorld(seed);
			for (let i = 0; i < 40; i++) {
				const files = new Map([...world.disk.files].map(([name, b]) => [name, Buffer.from(b)]));
				for (const bytes of files.values()) {
					for (let at = FILE_HEAD_BYTES; at < bytes.length; ) {
						const from = at + BLOCK_HEAD_BYTES;
						const payload = bytes.subarray(from, from + bytes.readUInt32LE(at));
						if (payload.length > 0 && random.below(4) === 0) {
							payload[random.below(Math.min(60, payload.length))] = random.below(256);
							setBlockHead(bytes, at, payload);
						}
						at = from + payload.length;
					}
				}
				const contents = readRoomLog(folderOf(files));
				expect(contents.files.length).toBe(files.size);
				for (const { stretch } of contents.rooms) {
					expect(stretch.image?.length ?? 65_536).toBeLessThanOrEqual(LIMITS.memoryBytes);
				}
			}
		}
	});

	it("cannot make a reader hold more than a room may have", () => {
		const patches = readBlocks(
			(to) => opened(to),
			(to) => {
				putFor(to, 1, 2);
				putTick(to, new Uint8Array(LIMITS.inboxBytes));
				const patch = new ByteWriter(8);
				patch.varint(0);
				patch.varint(1);
				patch.u8(1);
				const most = LOG_LIMITS.inboxBytes / LIMITS.inboxBytes;
				for (let i = 0; i <= most; i++) putPatch(to, patch);
			},
		);
		expect(errorsOf(patches)).toEqual(["ERR_LOG_LIMIT"]);
		const skip = readBlocks(
			(to) => opened(to),
			(to) => {
				putFor(to, 1, 2);
				putSkip(to, 0xffff_ffff);
			},
		);
		expect(errorsOf(skip)).toEqual(["ERR_LOG_LIMIT"]);
		const long = readBlocks(
			(to) => opened(to),
			(to) => {
				putFor(to, 1, 2);
				putTick(to, new Uint8Array(LIMITS.inboxBytes + 1));
			},
		);
		expect(errorsOf(long)).toEqual(["ERR_LOG_LIMIT"]);
		const many = readBlocks((to) => {
			for (let key = 1; key <= LOG_LIMITS.rooms + 1; key++) opened(to, key);
		});
		expect(errorsOf(many)[0]).toBe("ERR_LOG_LIMIT");
	});

	it.each<[string, (to: ByteWriter) => void, string]>([
		[
			"runs that leave the memory",
			(to) => putImage(to, plainImage(Uint8Array.of(0xff, 0xff, 3, 2, 1, 1))),
			"ERR_LOG_IMAGE",
		],
		["runs that are cut off", (to) => putImage(to, plainImage(Uint8Array.of(1))), "ERR_LOG_IMAGE"],
		[
			"a deflated image that is none",
			(to) =>
				putImage(
					to,
					plainImage(ZEROS, 65_536, {
						runs: { length: 5, packing: "deflated", bytes: Uint8Array.of(9, 9) },
					}),
				),
			"ERR_LOG_IMAGE",
		],
		["a memory that is no page", (to) => putImage(to, plainImage(ZEROS, 65_000)), "ERR_LOG_RECORD"],
		[
			"a memory that is too large",
			(to) => putImage(to, plainImage(ZEROS, LIMITS.memoryBytes + 65_536)),
			"ERR_LOG_RECORD",
		],
		[
			"changes to an image that is not there",
			(to) => putImage(to, plainImage(ZEROS, 65_536, { since: 0 })),
			"ERR_LOG_ORDER",
		],
		[
			"an image of a tick to come",
			(to) => putImage(to, plainImage(ZEROS, 65_536, { tick: 9 })),
			"ERR_LOG_ORDER",
		],
		["a repeat of nothing", (to) => to.u8(LOG_TAG.repeat), "ERR_LOG_ORDER"],
		[
			"a tick that runs backwards",
			(to) => {
				putSkip(to, 5);
				putSkip(to, 4);
			},
			"ERR_LOG_ORDER",
		],
		["a tag that nobody knows", (to) => putRecord(to, 99, () => {}), "ERR_LOG_RECORD"],
		[
			"a record that leaves its block",
			(to) => {
				to.u8(LOG_TAG.tick);
				to.varint(100);
			},
			"ERR_LOG_RECORD",
		],
		["writes that are missing", (to) => putFor(to, 1, 9), "ERR_LOG_GAP"],
		["writes that come twice", (to) => putFor(to, 1, 1), "ERR_LOG_ORDER"],
		[
			"records of a room that was never opened",
			(to) => {
				putFor(to, 7, 1);
				putSkip(to, 1);
			},
			"ERR_LOG_ORDER",
		],
		["a room that becomes another", (to) => putOpen(to, about("other"), 0, [], 0), "ERR_LOG_ORDER"],
		[
			"a second head",
			(to) => putSegment(to, { worker: 1, incarnation: "a", n: 1 }, []),
			"ERR_LOG_ORDER",
		],
	])("is refused by name: %s", (_, fill, error) => {
		const contents = readBlocks(
			(to) => opened(to),
			(to) => {
				putFor(to, 1, 2);
				fill(to);
			},
		);
		expect(contents.rooms).toEqual([]);
		expect(new Set(errorsOf(contents))).toEqual(new Set([error]));
	});

	it("is refused when its file is another than it says, or two workers claim a room", () => {
		const named = readRoomLog(folderOf(new Map([segment([opened], { name: "w1-a-2.hsl" })])));
		expect(errorsOf(named)).toEqual(["ERR_LOG_ORDER"]);
		const [, bytes] = segment([(to) => opened(to)]);
		const other = new ByteWriter(64);
		putSegment(other, { worker: 2, incarnation: "a", n: 1 }, []);
		const payload = other.bytes.subarray(0, other.length);
		const first = FILE_HEAD_BYTES + BLOCK_HEAD_BYTES + bytes.readUInt32LE(FILE_HEAD_BYTES);
		const copy = Buffer.concat([
			bytes.subarray(0, 8),
			blockHead(payload),
			payload,
			bytes.subarray(first),
		]);
		const both = readRoomLog(
			folderOf(
				new Map([
					["w1-a-1.hsl", bytes],
					["w2-a-1.hsl", copy],
				]),
			),
		);
		expect([both.rooms, errorsOf(both)]).toEqual([[], ["ERR_LOG_TWICE"]]);
	});

	it("is listed again when a server deletes a segment while it is read", () => {
		const { list, open } = folderOf(new Map([segment([(to) => opened(to)])]));
		let lists = 0;
		const going = (times: number) => ({
			list: () => (lists++ < times ? [{ name: "w1-a-0.hsl", bytes: 1 }] : list()),
			open: (name: string) => (name === "w1-a-0.hsl" ? null : open(name)),
		});
		expect(readRoomLog(going(3)).rooms).toHaveLength(1);
		lists = 0;
		expect(errorsOf(readRoomLog(going(99)))).toEqual(["ERR_LOG_MISSING"]);
	});

	it("is refused without the beginning of a room that did not begin with tick 0", () => {
		const contents = readBlocks((to) => opened(to, 1, 50));
		expect(errorsOf(contents)).toEqual(["ERR_LOG_GAP"]);
	});
});
