import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import { readRoomLog } from "../../../../server/journal/room-log/read-room-log.ts";
import { folderOf } from "./fake-disk.ts";
import { judgeCrash, playWorld, type World } from "./log-world.ts";

/** Reads what a crash at this place leaves, and judges it. */
function crashAt(world: World, ops: number, bytes: number): string[] {
	const contents = readRoomLog(folderOf(world.disk.filesAt(ops, bytes)));
	const mark = world.marks.findLast((one) => one.ops <= ops) ?? { ops: 0, steps: new Map() };
	return judgeCrash(world, contents, mark);
}

describe("a room log after a crash", () => {
	it("has everything that was flushed, and nothing but a prefix of what was written", async () => {
		for (let seed = 1; seed <= 60; seed++) {
			const world = await playWorld(seed);
			const random = new SeededRandom(seed);
			expect([seed, crashAt(world, world.disk.ops.length, 0)]).toEqual([seed, []]);
			for (let i = 0; i < 12; i++) {
				const ops = random.below(world.disk.ops.length);
				const op = world.disk.ops[ops];
				const bytes = op?.op === "write" ? random.below(op.bytes.length) : 0;
				expect([seed, ops, bytes, crashAt(world, ops, bytes)]).toEqual([seed, ops, bytes, []]);
			}
		}
	});

	it("is cut at every byte of its last block, and of the one with which a file begins", async () => {
		let cuts = 0;
		for (let seed = 1; seed <= 4; seed++) {
			const world = await playWorld(seed, { wakes: 40, segmentBytes: 1_500 });
			const { ops } = world.disk;
			const isFit = (bytes: Buffer) => bytes.length > 60 && bytes.length < 400;
			const last = ops.findLastIndex((op) => op.op === "write" && isFit(op.bytes));
			const head = ops.findLastIndex(
				(op, i) => op.op === "write" && ops[i - 1]?.op === "create" && op.bytes.length > 40,
			);
			for (const at of [last, head]) {
				const op = ops[at];
				const length = op?.op === "write" ? op.bytes.length : 0;
				for (let bytes = 0; bytes <= length; bytes++) {
					expect([seed, at, bytes, crashAt(world, at, bytes)]).toEqual([seed, at, bytes, []]);
				}
				cuts += length;
			}
		}
		expect(cuts).toBeGreaterThan(500);
	});
});
