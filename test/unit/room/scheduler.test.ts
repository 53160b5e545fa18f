import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Room } from "../../../server/room/room.ts";
import { Scheduler } from "../../../server/room/scheduler.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";

describe("the scheduler", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	/** A room that counts its calls. */
	function room(calls: number[], now: () => number): Room {
		let deadlineMs = 0;
		return {
			tickMs: 16,
			fault: null,
			start(atMs: number) {
				deadlineMs = atMs;
			},
			get deadlineMs() {
				return deadlineMs;
			},
			runDue() {
				calls.push(now());
			},
		} as unknown as Room;
	}

	it("runs what is overdue when it is poked, though no timer had a turn, and nothing else", () => {
		let ms = 0;
		const now = (): number => ms;
		const scheduler = new Scheduler({ now });
		const calls: number[] = [];
		scheduler.add(room(calls, now));
		for (; ms < 200; ms += 1) scheduler.poke();
		// 200 ms without a timer: a call for each tick
		expect(calls.length).toBeGreaterThanOrEqual(9);
		expect(calls.length).toBeLessThanOrEqual(13);
		scheduler.poke();
		const before = calls.length;
		scheduler.poke();
		expect(calls.length).toBe(before);
		scheduler.stop();
		ms += 1_000;
		scheduler.poke();
		expect(calls.length).toBe(before);
	});

	it("lets all rooms of a wake compute, then has it logged, and shows it only then", async () => {
		vi.useRealTimers();
		const clock = new VirtualClock();
		const game = await loadFixture("dots");
		const order: string[] = [];
		const scheduler = new Scheduler(clock, {
			flush: () => void order.push("log"),
			whenSafe: (show) => show(),
		});
		const rooms = ["a", "b"].map((id) => {
			const recorder = {
				open() {},
				abort() {},
				swap() {},
				close() {},
				tick: () => void order.push(`tick ${id}`),
			};
			const room = new Room({ id, game, clock, seed: 1, recorder });
			const sink = new RecordingSink();
			sink.sendShared = () => void order.push(`show ${id}`);
			room.join(sink, "Ann");
			return room;
		});
		for (const room of rooms) scheduler.add(room);
		// both fall due in one wake, though their deadlines lie apart
		for (const room of rooms) room.snapshotPhase = 0;
		clock.ms += 17;
		scheduler.poke();
		for (let i = 0; i < 5; i++) {
			clock.ms += 17;
			scheduler.poke();
		}
		scheduler.stop();
		const shown = order.flatMap((what, i) => (what.startsWith("show") ? [i] : []));
		expect(shown.length).toBeGreaterThanOrEqual(4);
		for (const at of shown) {
			const room = order[at]?.slice(-1);
			const before = order.slice(0, at);
			// between its tick and its snapshot the log was written
			expect(before.lastIndexOf("log")).toBeGreaterThan(before.lastIndexOf(`tick ${room}`));
		}
	});
});
