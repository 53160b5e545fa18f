import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { Lane, type Packet } from "../../testing/lane.ts";
import { type Link, laneOptions } from "../../testing/link.ts";
import { Timeline } from "../../testing/timeline.ts";

const HEADER_BYTES = 60;

/** A lane, and the size and time of each message that has arrived. */
function createLane(link: Link, seed = 1) {
	const timeline = new Timeline();
	const arrivals: { bytes: number; atMs: number }[] = [];
	const lane = new Lane(timeline, new SeededRandom(seed), laneOptions(link, "down"), (packet) => {
		if (packet.kind !== "data") return;
		arrivals.push({ bytes: packet.bytes.length, atMs: timeline.now() });
	});
	const message = (bytes: number): Packet => ({ kind: "data", bytes: new Uint8Array(bytes) });
	return { timeline, lane, arrivals, send: (bytes: number) => lane.send(message(bytes)) };
}

describe("one direction of a link", () => {
	it("delivers everything once and in order, late by the delay and no more than jitter and stalls", async () => {
		const { timeline, arrivals, send } = createLane({
			delayMs: 40,
			jitterMs: 30,
			stallsPerSecond: 1,
			stallMs: 200,
		});
		for (let i = 1; i <= 1_000; i++) timeline.at(i * 20, () => send(i));
		await timeline.run(60_000);
		expect(arrivals.map(({ bytes }) => bytes)).toEqual(
			Array.from({ length: 1_000 }, (_, i) => i + 1),
		);
		const late = arrivals.map(({ bytes, atMs }) => atMs - bytes * 20);
		expect(Math.min(...late)).toBeGreaterThanOrEqual(40);
		expect(Math.max(...late)).toBeLessThanOrEqual(40 + 30 + 200);
		// a stall of 200 ms holds ten messages up, and they arrive at once
		const together = new Map<number, number>();
		for (const { atMs } of arrivals) together.set(atMs, (together.get(atMs) ?? 0) + 1);
		expect([...together.values()].filter((n) => n >= 8).length).toBeGreaterThan(5);
	});

	it("is the same for the same seed", async () => {
		const runs = [3, 3, 4].map(async (seed) => {
			const { timeline, arrivals, send } = createLane({ jitterMs: 50, stallsPerSecond: 1 }, seed);
			for (let i = 1; i <= 200; i++) timeline.at(i * 20, () => send(i));
			await timeline.run(10_000);
			return arrivals;
		});
		const [a, b, c] = await Promise.all(runs);
		expect(b).toEqual(a);
		expect(c).not.toEqual(a);
	});

	it("carries so many bytes a second", async () => {
		const { timeline, arrivals, send } = createLane({ delayMs: 10, bytesPerSecond: 10_000 });
		for (let i = 0; i < 5; i++) send(1_000 - HEADER_BYTES);
		await timeline.run(10_000);
		expect(arrivals.map(({ atMs }) => atMs)).toEqual([110, 210, 310, 410, 510]);
	});

	it("shows the sender that bytes wait only when the kernel's buffer is full", async () => {
		const { timeline, lane, send } = createLane({ bytesPerSecond: 10_000 });
		const full: number[] = [];
		for (let kib = 1; kib <= 70; kib++) {
			send(1_024 - HEADER_BYTES);
			if (lane.isFull) full.push(kib);
		}
		expect(full).toEqual([65, 66, 67, 68, 69, 70]);
		await timeline.run(1_000);
		expect(lane.isFull).toBe(false);
	});

	it("lets a stall hold everything, and then deliver it at once", async () => {
		const { timeline, lane, arrivals, send } = createLane({ delayMs: 20 });
		for (let i = 0; i < 30; i++) timeline.at(i * 10, () => send(100));
		await timeline.run(55);
		lane.stall(200);
		await timeline.run(1_000);
		const times = arrivals.map(({ atMs }) => atMs);
		expect(times.slice(0, 4)).toEqual([20, 30, 40, 50]);
		expect(times.filter((atMs) => atMs === 255).length).toBe(20);
		expect(times.slice(24)).toEqual([260, 270, 280, 290, 300, 310]);
	});

	it("keeps what arrives while nobody reads, first in the receiver's buffer, then in the sender's", async () => {
		const { timeline, lane, arrivals, send } = createLane({
			receiveBufferBytes: 10_000,
			sendBufferBytes: 5_000,
		});
		lane.stopReading();
		let taken = 0;
		for (; !lane.isFull; taken++) {
			send(1_000 - HEADER_BYTES);
			await timeline.run(timeline.now() + 10);
		}
		expect([taken, arrivals.length]).toEqual([16, 0]);
		lane.read();
		expect([arrivals.length, lane.isFull, lane.isEmpty]).toEqual([16, false, true]);
	});

	it("loses what is under way when it is cut, and is full of what is sent after", async () => {
		const { timeline, lane, arrivals, send } = createLane({ delayMs: 50 });
		send(100);
		await timeline.run(60);
		send(100);
		lane.kill();
		for (let i = 0; i < 100; i++) send(1_000);
		await timeline.run(1_000);
		expect([arrivals.length, lane.isFull]).toEqual([1, true]);
	});

	it("refuses figures that make no sense, by name", () => {
		expect(() => laneOptions({ delayMs: -1 }, "up")).toThrow("link.delayMs");
		expect(() => laneOptions({ down: { jitterMs: Number.NaN } }, "down")).toThrow("link.jitterMs");
		expect(() => laneOptions({ bytesPerSecond: 0 }, "up")).toThrow("link.bytesPerSecond");
	});
});

describe("Timeline", () => {
	it("goes from moment to moment, in order of time and then of planning", async () => {
		const timeline = new Timeline();
		const random = new SeededRandom(9);
		const planned = Array.from({ length: 2_000 }, (_, i) => ({ i, atMs: random.below(50) }));
		const seen: { i: number; atMs: number }[] = [];
		for (const { i, atMs } of planned) {
			timeline.at(atMs, () => seen.push({ i, atMs: timeline.now() }));
		}
		await timeline.run(100);
		expect(seen).toEqual([...planned].sort((a, b) => a.atMs - b.atMs || a.i - b.i));
		expect(timeline.now()).toBe(100);
	});

	it("repeats and stops, and settles promises before time goes on", async () => {
		const timeline = new Timeline();
		const seen: string[] = [];
		const stop = timeline.every(10, () => seen.push(`every ${timeline.now()}`));
		timeline.after(25, async () => {
			await null;
			await null;
			seen.push(`after ${timeline.now()}`);
			stop();
		});
		timeline.after(15, () => seen.push("never"))();
		await timeline.run(100);
		expect(seen).toEqual(["every 10", "every 20", "after 25"]);
	});

	it("stops where something throws, and can go on from there", async () => {
		const timeline = new Timeline();
		timeline.at(10, () => {
			throw new Error("no");
		});
		let ran = false;
		timeline.at(20, () => {
			ran = true;
		});
		await expect(timeline.run(100)).rejects.toThrow("no");
		expect([timeline.now(), ran]).toEqual([10, false]);
		await timeline.run(100);
		expect(ran).toBe(true);
	});

	it("says so when two want it to run at once", async () => {
		const timeline = new Timeline();
		const first = timeline.run(10);
		await expect(timeline.run(10)).rejects.toThrow("await");
		await first;
	});
});
