import { setImmediate as nextTurn } from "node:timers/promises";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import { LOG_LIMITS } from "../../../../server/journal/room-log/log-limits.ts";
import { readRoomLog } from "../../../../server/journal/room-log/read-room-log.ts";
import {
	type Durability,
	RoomLogWriter,
} from "../../../../server/journal/room-log/room-log-writer.ts";
import { FakeDisk } from "./fake-disk.ts";
import { FakeRoom } from "./fake-room.ts";

/** A writer on a disk of a test's, with a clock that stands until it is moved. */
function setUp(durability: Durability = "process", options: { segmentBytes?: number } = {}) {
	const disk = new FakeDisk();
	const said: string[] = [];
	const clock = { nowMs: 1_000 };
	const writer = new RoomLogWriter({
		...{ worker: 1, incarnation: "a", disk, durability, ...options },
		now: () => clock.nowMs,
		deflate: async (bytes) => deflateRawSync(bytes),
		onTrouble: (name) => said.push(name),
		onHeld: () => said.push("held"),
	});
	/** A wake: a tick of each room, a flush, 16 ms, in which an image is packed. */
	const wake = async (...rooms: FakeRoom[]): Promise<void> => {
		for (const room of rooms) room.play(new Uint8Array(20).fill(room.tick));
		writer.flush();
		clock.nowMs += 16;
		await nextTurn();
	};
	return { disk, said, clock, writer, wake };
}

function read(disk: FakeDisk) {
	return readRoomLog(disk.folder);
}

function ticksOf(disk: FakeDisk): Record<string, number> {
	const { rooms, refused } = read(disk);
	const ends = rooms.map(({ id, stretch }) => [id, stretch.firstTick + stretch.inboxes.length]);
	return Object.fromEntries([...ends, ...refused.map(({ id }) => [id, -1])]);
}

describe("the room log's writer", () => {
	it("writes a wake of many rooms with one call, and nothing when nothing happened", async () => {
		const { disk, writer, wake } = setUp();
		const rooms = ["a", "b", "c"].map((id) => new FakeRoom(writer, { id, epoch: 1 }));
		await wake(...rooms);
		const before = disk.ops.length;
		await wake(...rooms);
		expect(disk.ops.length).toBe(before + 1);
		await wake();
		expect(disk.ops.length).toBe(before + 1);
		expect(ticksOf(disk)).toEqual({ a: 2, b: 2, c: 2 });
	});

	it("writes nothing at all with durability none", async () => {
		const { disk, writer, wake } = setUp("none");
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		for (let i = 0; i < 300; i++) await wake(room);
		room.swap("v2");
		room.close();
		await wake();
		expect(disk.ops).toEqual([]);
		expect(writer.state).toMatchObject({
			isHeld: false,
			trouble: null,
			writtenBytes: 0,
			lagBytes: 0,
		});
	});

	it("takes an image every four seconds, or when the ticks since would take 25 ms", async () => {
		const { writer, wake } = setUp();
		const cheap = new FakeRoom(writer, { id: "a", epoch: 1 });
		for (let i = 0; i < 240 * 3 + 2; i++) await wake(cheap);
		expect(writer.state.images).toBe(3);
		const dear = new FakeRoom(writer, { id: "b", epoch: 1 });
		cheap.close();
		for (let i = 0; i < 60; i++) {
			dear.log.tick(i, new Uint8Array(1), LOG_LIMITS.imageFuel / 5);
			dear.tick++;
			writer.flush();
		}
		// not more often than four times a second
		expect(writer.state.images).toBe(3 + 4);
	});

	it("keeps two segments, and deletes the old one when what replaces it is on the disk", async () => {
		const { disk, writer, wake } = setUp("process", { segmentBytes: 4_000 });
		const rooms = ["a", "b"].map((id) => new FakeRoom(writer, { id, epoch: 1 }));
		disk.holdsSyncs = true;
		for (let i = 0; i < 600; i++) await wake(...rooms);
		const waiting = disk.files.size;
		expect(waiting).toBeGreaterThan(1);
		expect(disk.ops.some(({ op }) => op === "remove")).toBe(false);
		disk.letGo();
		for (let i = 0; i < 2_000; i++) {
			await wake(...rooms);
			expect(disk.files.size).toBeLessThanOrEqual(2);
		}
		expect(writer.state.segments).toBe(disk.files.size);
		expect(disk.ops.filter(({ op }) => op === "create").length).toBeGreaterThan(2);
		expect(ticksOf(disk)).toEqual({ a: 2_600, b: 2_600 });
		expect(disk.openFiles).toBe(1);
	});

	it("images a room that stands still too, so that its old segment can go", async () => {
		const { disk, writer, wake } = setUp("process", { segmentBytes: 4_000 });
		const [busy, still] = ["busy", "still"].map((id) => new FakeRoom(writer, { id, epoch: 1 }));
		await wake(busy as FakeRoom, still as FakeRoom);
		for (let i = 0; i < 2_000; i++) await wake(busy as FakeRoom);
		const names = [...disk.files.keys()];
		expect(names).not.toContain("w1-a-1.hsl");
		expect(ticksOf(disk)).toEqual({ busy: 2_001, still: 1 });
	});

	it("goes on when the disk is full, says so once, and begins anew when there is room again", async () => {
		const { disk, said, clock, writer, wake } = setUp();
		const rooms = ["a", "b"].map((id) => new FakeRoom(writer, { id, epoch: 1 }));
		for (let i = 0; i < 100; i++) await wake(...rooms);
		disk.free = 50;
		for (let i = 0; i < 2_000; i++) await wake(...rooms);
		expect(said).toEqual(["ERR_LOG_FULL"]);
		expect(writer.state).toMatchObject({
			isHeld: false,
			trouble: "ERR_LOG_FULL",
			roomsWithoutImage: 2,
		});
		expect(writer.state.failingSinceMs).toBeGreaterThan(2_500);
		expect(writer.state.lagBytes).toBe(0);
		// what was written before can still be had, and no heap of empty files lies there
		expect(Object.keys(ticksOf(disk))).toEqual(["a", "b"]);
		expect(disk.files.size).toBeLessThan(4);
		disk.free = 1e9;
		clock.nowMs += LOG_LIMITS.mostRetryMs;
		rooms[0]?.close();
		for (let i = 0; i < 10; i++) {
			await wake(rooms[1] as FakeRoom);
		}
		expect(said).toEqual(["ERR_LOG_FULL", "held"]);
		expect(writer.state).toMatchObject({ isHeld: true, trouble: null, roomsWithoutImage: 0 });
		expect(ticksOf(disk)).toEqual({ b: rooms[1]?.tick });
		// and a second time is told again
		disk.writeError = "EIO";
		await wake(rooms[1] as FakeRoom);
		expect(said).toEqual(["ERR_LOG_FULL", "held", "ERR_LOG_WRITE"]);
	});

	it("notices that its file was deleted, says so, and begins anew", async () => {
		const { disk, said, clock, writer, wake } = setUp();
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		for (let i = 0; i < 100; i++) await wake(room);
		expect(said).toEqual([]);
		// somebody cleans up the folder
		for (const name of disk.files.keys()) disk.remove(name, () => {});
		for (let i = 0; i < 70; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_WRITE"]);
		clock.nowMs += LOG_LIMITS.retryMs;
		for (let i = 0; i < 5; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_WRITE", "held"]);
		expect(ticksOf(disk)).toEqual({ a: room.tick });
	});

	it("lives through errors at every write and every file, whatever its rooms do meanwhile", async () => {
		for (let at = 0; at < 40; at++) {
			const { disk, said, clock, writer, wake } = setUp("process", { segmentBytes: 1_000 });
			let writes = 0;
			disk.onWrite = () => {
				disk.writeError = writes++ === at ? "EIO" : null;
			};
			const rooms = [new FakeRoom(writer, { id: "a", epoch: 1 })];
			for (let i = 0; i < 60; i++) {
				if (i === 20) rooms.push(new FakeRoom(writer, { id: "b", epoch: 1 }));
				if (i === 30) rooms[0]?.swap("v2");
				if (i === 35) rooms[1]?.takeSeat(1, "p");
				await wake(...rooms);
				if (i % 7 === 0) clock.nowMs += 5_000;
			}
			clock.nowMs += 20_000;
			for (let i = 0; i < 10; i++) {
				await wake(...rooms);
			}
			expect([at, said]).toEqual([at, writes > at ? ["ERR_LOG_WRITE", "held"] : []]);
			expect([at, ticksOf(disk)]).toEqual([at, { a: 70, b: 50 }]);
			expect([at, read(disk).problems]).toEqual([at, []]);
		}
	});

	it("never asks a file again whose sync failed: its rooms begin anew in another", async () => {
		const { disk, said, clock, writer, wake } = setUp("disk");
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		for (let i = 0; i < 20; i++) await wake(room);
		disk.syncError = "EIO";
		for (let i = 0; i < 20; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_WRITE"]);
		disk.syncError = null;
		clock.nowMs += LOG_LIMITS.mostRetryMs;
		for (let i = 0; i < 20; i++) {
			await wake(room);
		}
		expect(said).toEqual(["ERR_LOG_WRITE", "held"]);
		expect(disk.askedAgain).toEqual([]);
		expect(ticksOf(disk)).toEqual({ a: 60 });
	});

	it("syncs every 100 ms with durability disk, and not at all with process", async () => {
		for (const [durability, most] of [["disk", 12] as const, ["process", 0] as const]) {
			const { disk, writer, wake } = setUp(durability);
			const room = new FakeRoom(writer, { id: "a", epoch: 1 });
			for (let i = 0; i < 60; i++) await wake(room);
			expect(disk.syncs).toBeLessThanOrEqual(most);
			expect(disk.syncs).toBeGreaterThanOrEqual(most * 0.75);
		}
	});

	it("tells of a sync that takes two seconds once, and when the disk keeps up again", async () => {
		const { disk, said, writer, wake } = setUp("disk");
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		disk.holdsSyncs = true;
		for (let i = 0; i < 125; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_SLOW"]);
		expect(writer.state).toMatchObject({ isHeld: false, trouble: "ERR_LOG_SLOW" });
		expect(writer.state.lagBytes).toBeGreaterThan(500);
		disk.letGo();
		for (let i = 0; i < 80; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_SLOW", "held"]);
		expect(writer.state).toMatchObject({ isHeld: true, lagBytes: expect.any(Number) });
	});

	it("tells of a write that takes two seconds", async () => {
		const { disk, said, clock, writer, wake } = setUp();
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		await wake(room);
		disk.onWrite = () => {
			clock.nowMs += 2_000;
		};
		await wake(room);
		disk.onWrite = () => {};
		expect(said).toEqual(["ERR_LOG_SLOW"]);
		for (let i = 0; i < 80; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_SLOW", "held"]);
	});

	it("shows nothing that is not on the disk with durability confirmed, unless the disk does not keep up", async () => {
		const { disk, said, writer, wake } = setUp("confirmed");
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		await wake(room);
		const shown: number[] = [];
		const show = (): void => {
			const { tick } = room;
			writer.whenSafe(() => shown.push(tick));
		};
		show();
		expect(shown).toEqual([1]);
		disk.holdsSyncs = true;
		await wake(room);
		show();
		await wake(room);
		show();
		expect(shown).toEqual([1]);
		disk.letGo();
		expect(shown).toEqual([1, 2, 3]);
		disk.holdsSyncs = true;
		for (let i = 0; i < 10; i++) {
			await wake(room);
			show();
		}
		expect(shown).toEqual([1, 2, 3]);
		for (let i = 0; i < 10; i++) await wake(room);
		expect(said).toEqual(["ERR_LOG_SLOW"]);
		expect(shown.at(-1)).toBe(13);
		show();
		expect(shown.at(-1)).toBe(23);
	});

	it("compares a large memory in slices, and lets an image go that a swap makes worthless", async () => {
		const later: (() => void)[] = [];
		const disk = new FakeDisk();
		const writer = new RoomLogWriter({
			...{ worker: 1, incarnation: "a", disk, durability: "process" as const },
			onTrouble: (name) => expect(name).toBeNull(),
			later: (run) => later.push(run),
			policy: { isDue: ({ ticks }) => ticks >= 10 },
		});
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		room.memory = new Uint8Array(8 * 1024 * 1024).fill(7);
		for (let i = 0; i < 10; i++) room.play(new Uint8Array(4));
		writer.flush();
		expect(later.length).toBe(1);
		let slices = 0;
		while (slices++ < 3) later.shift()?.();
		room.swap("v2");
		while (later.length > 0) later.shift()?.();
		for (let i = 0; i < 5; i++) room.play(new Uint8Array(4));
		writer.flush();
		await nextTurn();
		writer.flush();
		expect(writer.state.images).toBe(1);
		const [found] = read(disk).rooms;
		expect(found?.stretch).toMatchObject({ firstTick: 10, inboxes: { length: 5 } });
		expect(found?.moduleHash).toBe(room.rules.moduleHash);
	});

	it("packs no more what packing does not make smaller, until the next segment", async () => {
		const packed: number[] = [];
		const disk = new FakeDisk();
		const writer = new RoomLogWriter({
			...{ worker: 1, incarnation: "a", disk, durability: "process" as const },
			onTrouble: (name) => expect(name).toBeNull(),
			deflate: async (bytes) => {
				packed.push(bytes.length);
				return deflateRawSync(bytes);
			},
			policy: { isDue: ({ ticks }) => ticks >= 1 },
		});
		const [noise, text] = ["noise", "text"].map((id) => new FakeRoom(writer, { id, epoch: 1 }));
		const random = new SeededRandom(1);
		for (let i = 0; i < 5; i++) {
			noise?.memory.set(random.bytes(40_000));
			text?.memory.fill(i + 1);
			for (const room of [noise, text]) room?.play(new Uint8Array(1));
			writer.flush();
			await nextTurn();
			writer.flush();
		}
		const sizes = packed.map((bytes) => (bytes > 50_000 ? "text" : "noise"));
		expect(sizes).toEqual(["noise", "text", "text", "text", "text", "text"]);
		expect(read(disk).rooms.map(({ stretch }) => stretch.firstTick)).toEqual([5, 5]);
	});

	it("brings everything to the disk when it finishes, and closes its files", async () => {
		const { disk, writer, wake } = setUp();
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		await wake(room);
		room.play(new Uint8Array(3));
		await writer.finish();
		expect(ticksOf(disk)).toEqual({ a: 2 });
		expect(disk.openFiles).toBe(0);
		expect(disk.syncs).toBeGreaterThan(0);
		const { length } = disk.ops;
		await wake(room);
		expect(disk.ops.length).toBe(length);
	});

	it("refuses what a reader would refuse, before it is written", async () => {
		const { writer } = setUp();
		expect(() => new FakeRoom(writer, { id: "x".repeat(129), epoch: 1 })).toThrow(RangeError);
		const room = new FakeRoom(writer, { id: "a", epoch: 1 });
		expect(() => room.takeSeat(1_024, "p")).toThrow(RangeError);
		expect(() => room.takeSeat(1, "p".repeat(97))).toThrow(RangeError);
		expect(() => room.takeSeat(1, "p", -1)).toThrow(RangeError);
	});
});
