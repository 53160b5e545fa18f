import { setImmediate as nextTurn } from "node:timers/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import type {
	LoggedRoom,
	RoomLogContents,
} from "../../../../server/journal/room-log/read-room-log.ts";
import {
	type Durability,
	RoomLogWriter,
} from "../../../../server/journal/room-log/room-log-writer.ts";
import { FakeDisk } from "./fake-disk.ts";
import { FakeRoom, GROW, runFake, STIR } from "./fake-room.ts";

/** What had been flushed at a moment: how many steps of each room, after so many operations of the disk. */
interface Mark {
	readonly ops: number;
	readonly steps: ReadonlyMap<FakeRoom, number>;
}

export interface World {
	readonly disk: FakeDisk;
	readonly rooms: readonly FakeRoom[];
	readonly marks: readonly Mark[];
}

export interface WorldOptions {
	readonly wakes?: number;
	readonly durability?: Durability;
	/** Breaks a writer on purpose. */
	readonly spoil?: (writer: RoomLogWriter) => void;
	/** Segments of so many bytes; some thousand, drawn, unless given. */
	readonly segmentBytes?: number;
}

/** Two workers with random rooms that play, swap, move from one to the other and close. */
export async function playWorld(seed: number, options: WorldOptions = {}): Promise<World> {
	const random = new SeededRandom(seed);
	const { wakes = 12 + random.below(40), durability = "process", spoil = () => {} } = options;
	const disk = new FakeDisk();
	let nowMs = 0;
	const imageEvery = 2 + random.below(9);
	const writers = [0, 1].map((worker) => {
		const writer = new RoomLogWriter({
			...{ worker, incarnation: `i${seed}`, disk, durability },
			segmentBytes: options.segmentBytes ?? 500 + random.below(6_000),
			now: () => nowMs,
			onTrouble: (name, detail) => {
				throw new Error(`${name}: ${detail}`);
			},
			plainBytes: random.below(3) * 600,
			policy: { isDue: ({ ticks }) => ticks >= imageEvery },
			deflate: async (bytes) => deflateRawSync(bytes),
		});
		spoil(writer);
		return writer;
	});
	const rooms: FakeRoom[] = [];
	const homes = new Map<FakeRoom, RoomLogWriter>();
	const epochs = new Map<string, number>();
	const marks: Mark[] = [];
	const open = (writer: RoomLogWriter, id: string, from?: FakeRoom): FakeRoom => {
		const epoch = (epochs.get(id) ?? 0) + 1;
		epochs.set(id, epoch);
		const room = new FakeRoom(writer, { id, epoch, ...(from ? { tick: from.tick, from } : {}) });
		rooms.push(room);
		homes.set(room, writer);
		return room;
	};
	const flush = (writer: RoomLogWriter): void => {
		writer.flush();
		const steps = new Map(marks.at(-1)?.steps);
		for (const [room, home] of homes) if (home === writer) steps.set(room, room.steps.length);
		marks.push({ ops: disk.ops.length, steps });
	};
	for (let wake = 0; wake < wakes; wake++) {
		nowMs += random.below(20) === 0 ? 5_000 : 16;
		for (const writer of writers) {
			if (random.below(wake < 3 ? 2 : 15) === 0) {
				const id = `r${random.below(6)}`;
				const isOpen = rooms.some((room) => room.id === id && !room.isClosed);
				if (!isOpen) open(writer, id);
			}
			for (const room of rooms) {
				if (homes.get(room) === writer && !room.isClosed) act(room, random);
			}
			flush(writer);
			if (random.below(3) === 0) await nextTurn();
		}
		const moving = rooms.find((room) => !room.isClosed && room.tick > 0);
		if (moving && random.below(15) === 0) {
			const other = writers.find((writer) => writer !== homes.get(moving)) as RoomLogWriter;
			open(other, moving.id, moving);
			flush(other);
			moving.close("moved");
		}
	}
	for (const writer of writers) flush(writer);
	return { disk, rooms, marks };
}

/** What a room does in one wake. */
function act(room: FakeRoom, random: SeededRandom): void {
	const ticks = random.below(8) === 0 ? 0 : 1 + random.below(2);
	for (let i = 0; i < ticks; i++) {
		const kind = random.below(20);
		if (kind === 0) room.play(null);
		else if (kind === 5) room.play(Uint8Array.of(random.below(4) === 0 ? GROW : STIR, kind));
		else if (kind < 4) room.play(new Uint8Array(0));
		else if (kind === 4) room.play(random.bytes(1 + random.below(600)));
		else room.play(new Uint8Array(24).fill(room.tick >> 2, 8, 8 + random.below(12)));
	}
	const what = random.below(60);
	if (what < 6)
		room.takeSeat(random.below(5), `p${random.below(9)}`, what < 2 ? 1e12 + what : null);
	else if (what < 9) room.leaveSeat(random.below(5));
	else if (what < 12) room.hash();
	else if (what === 12) room.swap(`v${random.below(9)}`);
	else if (what === 15 && room.tick > 5) room.close();
}

/** In words what of a room that was read is not as it was after some step of the range; null when all is. */
function compare(
	read: LoggedRoom,
	room: FakeRoom,
	[from, to]: readonly [number, number],
	mayMissHash: boolean,
): string | null {
	const { firstTick, image, inboxes } = read.stretch;
	const tick = firstTick + inboxes.length;
	const about = `${read.id} epoch ${read.epoch}`;
	if (read.seed !== room.seed || Buffer.from(read.settings).toString() !== read.id.repeat(2)) {
		return `${about} is another room`;
	}
	const { moduleHash, rawHash, lastHash } = read;
	const found = {
		tick,
		rules: { moduleHash, rawHash },
		seats: JSON.stringify(read.seats),
		lastHash: lastHash ? `${lastHash.tick} ${lastHash.hash}` : "none",
		isClosed: false,
	};
	const wanted = JSON.stringify(found);
	const known = room.steps.slice(from, to).map((step) => {
		// a hash of before the image is of no use
		// and one of its very tick may have gone with the segment before
		const at = Number.parseInt(step.lastHash, 10);
		const isOld = at < firstTick || (!lastHash && (mayMissHash || at === firstTick));
		return JSON.stringify(isOld ? { ...step, lastHash: "none" } : step);
	});
	if (!known.includes(wanted)) {
		return `${about}: ${wanted} is none of ${known.length} steps, like ${known[0]} … ${known.at(-1)}`;
	}
	let memory = image ? image.bytes.slice(0, image.length) : new Uint8Array(65_536);
	if (crc32(memory) !== room.sums.get(`${firstTick} ${moduleHash}`))
		return `${about}: the image of ${firstTick} is wrong`;
	for (let at = firstTick; at < tick; at++) {
		const inbox = inboxes[at - firstTick] ?? null;
		const real = room.inboxes.get(at) ?? null;
		const isSame =
			inbox === null ? real === null : real !== null && Buffer.compare(inbox, real) === 0;
		if (!isSame) return `${about}: the inbox of tick ${at} is wrong`;
		if (inbox !== null) memory = runFake(memory, inbox);
	}
	return null;
}

/** What a reader may not find after a crash, when `mark` had been flushed: anything but a prefix of what was. */
export function judgeCrash({ rooms }: World, contents: RoomLogContents, mark: Mark): string[] {
	const wrong = contents.problems.map(({ error, detail }) => `${error}: ${detail}`);
	for (const { problem } of contents.refused) wrong.push(`${problem.error}: ${problem.detail}`);
	for (const id of new Set(rooms.map((room) => room.id))) {
		const lives = rooms.filter((room) => room.id === id);
		const flushed = lives.filter((room) => (mark.steps.get(room) ?? 0) > 0).at(-1);
		const read = contents.rooms.find((room) => room.id === id);
		const closed = contents.closed.find((room) => room.id === id);
		const room = lives.find(({ epoch }) => epoch === (read ?? closed)?.epoch);
		const floor = room ? (mark.steps.get(room) ?? 0) : 0;
		const isOver = flushed?.steps[(mark.steps.get(flushed) ?? 0) - 1]?.isClosed ?? true;
		if (!room) {
			if (!isOver) wrong.push(`${id} is missing`);
		} else if (flushed && room.epoch < flushed.epoch) {
			// older files may outlive the news that a room is over
			if (!isOver || read) wrong.push(`${id} is read in epoch ${room.epoch}`);
		} else if (closed) {
			if (!room.isClosed) wrong.push(`${id} was never closed`);
		} else if (read) {
			if (flushed === room && isOver) wrong.push(`${id} is over, and read as open`);
			const why = compare(read, room, [Math.max(0, floor - 1), room.steps.length], false);
			if (why !== null) wrong.push(why);
		}
	}
	return wrong;
}

/** What a reader may not find in damaged files: anything but the truth, or a name for what is wrong. */
export function judgeDamage({ rooms }: World, contents: RoomLogContents): string[] {
	const wrong: string[] = [];
	const isTold = contents.problems.length > 0 || contents.refused.length > 0;
	for (const id of new Set(rooms.map((room) => room.id))) {
		const last = rooms.filter((room) => room.id === id).at(-1) as FakeRoom;
		const read = contents.rooms.find((room) => room.id === id);
		if (read) {
			const isLast = read.epoch === last.epoch && !last.isClosed;
			const why = isLast
				? compare(read, last, [last.steps.length - 1, last.steps.length], true)
				: `${id} is read in epoch ${read.epoch}`;
			if (why !== null) wrong.push(why);
		} else if (contents.closed.some((room) => room.id === id && room.epoch === last.epoch)) {
			if (!last.isClosed) wrong.push(`${id} is read as closed`);
		} else if (!last.isClosed && !isTold) wrong.push(`${id} is missing without a word`);
	}
	return wrong;
}
