import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import { BLOCK_HEAD_BYTES, FILE_HEAD_BYTES } from "../../../../server/journal/block-file.ts";
import { readRoomLog } from "../../../../server/journal/room-log/read-room-log.ts";
import { folderOf } from "./fake-disk.ts";
import { judgeDamage, playWorld, type World } from "./log-world.ts";

type Files = Map<string, Buffer>;

/** Ways in which files are damaged. */
const DAMAGE: Readonly<Record<string, (files: Files, random: SeededRandom) => void>> = {
	"a flipped bit": (files, random) => {
		const bytes = pick(files, random);
		const at = random.below(bytes.length);
		bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
	},
	"a sector of zeros": (files, random) => {
		const bytes = pick(files, random);
		const at = random.below(bytes.length);
		// bytes that were zeros before are no damage
		bytes[at] = (bytes[at] as number) | 1;
		bytes.fill(0, at, Math.min(bytes.length, at + 512));
	},
	"bytes that are gone": (files, random) => {
		const names = [...files.keys()];
		const name = names[random.below(names.length)] as string;
		const bytes = files.get(name) as Buffer;
		// without some of its last block a file is as a crash would leave it
		const most = lastBlock(bytes) - 8;
		if (most <= 0) bytes[8] = (bytes[8] as number) ^ 0xff;
		else {
			const at = random.below(most);
			const end = at + 1 + random.below(8);
			files.set(name, Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]));
		}
	},
	"a file that is another": (files, random) => {
		const names = [...files.keys()];
		const [a = "", b = ""] = [names[random.below(names.length)], names[random.below(names.length)]];
		if (a !== b) files.set(a, files.get(b) as Buffer);
		else (files.get(a) as Buffer)[0] = 0x49;
	},
};

function pick(files: Files, random: SeededRandom): Buffer {
	return [...files.values()][random.below(files.size)] as Buffer;
}

/** Where the last block of a file begins. */
function lastBlock(bytes: Buffer): number {
	let at = FILE_HEAD_BYTES;
	for (let next = at; next < bytes.length; next += BLOCK_HEAD_BYTES + bytes.readUInt32LE(next))
		at = next;
	return at;
}

function damage(world: World, how: string, seed: number): string[] {
	const files = new Map([...world.disk.files].map(([name, bytes]) => [name, Buffer.from(bytes)]));
	DAMAGE[how]?.(files, new SeededRandom(seed));
	return judgeDamage(world, readRoomLog(folderOf(files)));
}

describe("a damaged room log", () => {
	it.each(Object.keys(DAMAGE))("names %s, or is not harmed: never another room", async (how) => {
		for (let seed = 1; seed <= 25; seed++) {
			const world = await playWorld(seed);
			for (let i = 0; i < 30; i++) {
				expect([how, seed, i, damage(world, how, i)]).toEqual([how, seed, i, []]);
			}
		}
	});

	it("names every flipped bit of a file, and where it is", async () => {
		const world = await playWorld(12, { wakes: 14 });
		const [name = ""] = [...world.disk.files].sort(([, a], [, b]) => a.length - b.length)[0] ?? [];
		const whole = world.disk.files.get(name) as Buffer;
		// minor versions are for those who write
		const silent = new Set([6, 7]);
		for (let at = 0; at < Math.min(whole.length, 2_000); at++) {
			for (const bit of [0, 3, 7]) {
				const bytes = Buffer.from(whole);
				bytes[at] = (bytes[at] as number) ^ (1 << bit);
				const contents = readRoomLog(folderOf(new Map([...world.disk.files, [name, bytes]])));
				expect([at, bit, judgeDamage(world, contents)]).toEqual([at, bit, []]);
				const told = contents.problems.filter((one) => one.file === name && one.offset <= at);
				expect([at, bit, told.length]).toEqual([at, bit, silent.has(at) ? 0 : 1]);
			}
		}
	});

	it("costs only the rooms whose records lay there", async () => {
		let whole = 0;
		let harmed = 0;
		for (let seed = 1; seed <= 20; seed++) {
			const world = await playWorld(seed, { wakes: 40 });
			const files = world.disk.files;
			const before = readRoomLog(folderOf(files));
			const random = new SeededRandom(seed);
			DAMAGE["a flipped bit"]?.(files, random);
			const after = readRoomLog(folderOf(files));
			whole += after.rooms.length;
			harmed += before.rooms.length - after.rooms.length;
		}
		expect(harmed).toBeGreaterThan(0);
		expect(whole).toBeGreaterThan(harmed);
	});
});
