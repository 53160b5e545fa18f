import { afterEach, describe, expect, it, vi } from "vitest";
import { ByteWriter } from "../../../../protocol/codec/byte-writer.ts";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import { readRoomLog } from "../../../../server/journal/room-log/read-room-log.ts";
import { RoomImages } from "../../../../server/journal/room-log/room-images.ts";
import { RoomLog } from "../../../../server/journal/room-log/room-log.ts";
import type { RoomLogWriter } from "../../../../server/journal/room-log/room-log-writer.ts";
import { RoomTrack } from "../../../../server/journal/room-log/room-track.ts";
import { Segments } from "../../../../server/journal/room-log/segments.ts";
import { folderOf } from "./fake-disk.ts";
import { judgeCrash, judgeDamage, playWorld } from "./log-world.ts";

afterEach(() => vi.restoreAllMocks());

/** The first seed with which a crash, a damage or an end shows that something is wrong; null when none does. */
async function findFault(
	spoil: (writer: RoomLogWriter) => void = () => {},
): Promise<string | null> {
	for (let seed = 1; seed <= 40; seed++) {
		const world = await playWorld(seed, { spoil, wakes: 40, segmentBytes: 800 });
		const random = new SeededRandom(seed);
		const { files, ops } = world.disk;
		const last = world.marks.at(-1);
		const found = last ? judgeCrash(world, readRoomLog(folderOf(files)), last) : [];
		for (let i = 0; i < 6; i++) {
			const at = random.below(ops.length);
			const mark = world.marks.findLast((one) => one.ops <= at);
			const left = readRoomLog(folderOf(world.disk.filesAt(at, 0)));
			if (mark) found.push(...judgeCrash(world, left, mark));
			const damaged = new Map([...files].map(([name, bytes]) => [name, Buffer.from(bytes)]));
			const bytes = [...damaged.values()][random.below(damaged.size)] as Buffer;
			bytes[random.below(bytes.length)] = 0x55;
			// the byte may have been that before
			const isSame = [...damaged].every(([name, one]) => files.get(name)?.equals(one));
			if (!isSame) found.push(...judgeDamage(world, readRoomLog(folderOf(damaged))));
		}
		if (found.length > 0) return `seed ${seed}: ${found[0]}`;
	}
	return null;
}

interface Inside {
	packed: { segment: number; room: RoomLog }[];
	inBuffer: unknown[];
}

/** Ways to get it wrong, each of which loses or invents something. */
const BROKEN: Readonly<Record<string, (() => void) | ((writer: RoomLogWriter) => void)>> = {
	"a flush forgets a record of a room now and then": (writer) => {
		const begin = writer.begin.bind(writer);
		let calls = 0;
		writer.begin = (room) => (++calls % 23 === 0 ? new ByteWriter(65_536) : begin(room));
	},
	"a flush forgets to write": (writer) => {
		const flush = writer.flush.bind(writer);
		let calls = 0;
		writer.flush = () => {
			if (++calls % 5 !== 0) flush();
		};
	},
	"a segment is deleted one image too early": () => {
		const { expire } = Segments.prototype;
		vi.spyOn(Segments.prototype, "expire").mockImplementation(function (this: Segments, from) {
			expire.call(this, from + 1);
		});
	},
	"an image counts for the segment in which it was not taken": () => {
		const { add } = RoomImages.prototype;
		vi.spyOn(RoomImages.prototype, "add").mockImplementation(function (this: RoomImages) {
			const inside = this as unknown as Inside & { segments: Segments };
			inside.packed = inside.packed.map((one) => ({ ...one, segment: inside.segments.n }));
			add.call(this);
		});
	},
	"a room may be had again before its image is written": () => {
		const { take } = RoomImages.prototype;
		vi.spyOn(RoomImages.prototype, "take").mockImplementation(function (this: RoomImages) {
			const { due, segments } = this as unknown as { due: Set<RoomLog>; segments: Segments };
			for (const room of due) if (segments.n > 0) room.neededFrom = segments.n;
			take.call(this);
		});
	},
	"a room is not described in a new segment": () => {
		const { describe: describeRoom } = RoomLog.prototype;
		vi.spyOn(RoomLog.prototype, "describe").mockImplementation(function (this: RoomLog, to, n) {
			describeRoom.call(this, to, n);
			this.describedIn = n + 1;
		});
	},
	"the inbox behind an image is not written out": () => {
		const { mark } = RoomLog.prototype;
		vi.spyOn(RoomLog.prototype, "mark").mockImplementation(function (this: RoomLog) {
			const inside = this as unknown as { inboxes: { forget(): void } };
			const { forget } = inside.inboxes;
			inside.inboxes.forget = () => {};
			mark.call(this);
			inside.inboxes.forget = forget;
		});
	},
	"images are told apart by their tick alone": () => {
		const { image } = RoomTrack.prototype;
		vi.spyOn(RoomTrack.prototype, "image").mockImplementation(function (
			this: RoomTrack,
			one,
			place,
		) {
			const last = this.chain.at(-1);
			const isLike = one.since !== null && last !== undefined && last.tick < one.tick;
			image.call(this, isLike ? { ...one, since: last.number } : one, place);
		});
	},
	"a reader does not notice that records are missing": () => {
		vi.spyOn(RoomTrack.prototype, "reached").mockImplementation(function (this: RoomTrack, seq) {
			this.seq = seq;
			Object.assign(this, { doubt: null });
		});
	},
	"a reader does not suspect what damage may have touched": () => {
		vi.spyOn(RoomTrack.prototype, "suspect").mockImplementation(() => {});
	},
	"an image makes up for seats that were missed": () => {
		const track = RoomTrack.prototype as unknown as { makesUp(): boolean };
		vi.spyOn(track, "makesUp").mockImplementation(() => true);
	},
};

describe("the checks of the room log", () => {
	it("find nothing wrong with it as it is", async () => {
		expect(await findFault()).toBeNull();
	});

	it.each(Object.entries(BROKEN))("find out when %s", async (_, spoil) => {
		const isWriter = spoil.length > 0;
		if (!isWriter) (spoil as () => void)();
		const found = await findFault(isWriter ? spoil : undefined).catch((thrown) => String(thrown));
		expect(found).not.toBeNull();
	});
});
