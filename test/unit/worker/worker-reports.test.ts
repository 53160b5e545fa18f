import { describe, expect, it } from "vitest";
import { LoadMeter, percentileMs } from "../../../server/worker/load-meter.ts";
import { RoomReporter } from "../../../server/worker/room-reporter.ts";

const room = (id: string, population: number) => ({
	id,
	population,
	epoch: 1,
	game: { name: "arena", descriptor: { maxPlayers: 4 } },
});
const listOf = (...rooms: ReturnType<typeof room>[]) => new Map(rooms.map((one) => [one.id, one]));

describe("what a worker reports of its rooms", () => {
	it("is what has changed, and now and then everybody's seats", () => {
		const reporter = new RoomReporter();
		expect(reporter.report(listOf(), false)).toBe(null);
		expect(reporter.report(listOf(room("a", 1), room("b", 0)), false)).toEqual({
			type: "rooms",
			opened: [
				{ id: "a", game: "arena", maxPlayers: 4, players: 1, epoch: 1 },
				{ id: "b", game: "arena", maxPlayers: 4, players: 0, epoch: 1 },
			],
			changed: [],
			closed: [],
		});
		expect(reporter.report(listOf(room("a", 1), room("b", 0)), false)).toBe(null);
		const later = listOf(room("a", 2));
		const changed = [{ id: "a", players: 2 }];
		expect(reporter.report(later, false)).toEqual({
			type: "rooms",
			opened: [],
			changed,
			closed: [{ id: "b", epoch: 1 }],
		});
		expect(reporter.report(later, true)).toEqual({
			type: "rooms",
			opened: [],
			changed,
			closed: [],
		});
	});
});

describe("what a worker measures of itself", () => {
	it("is the cores that it used since the last look", () => {
		const meter = new LoadMeter(1_000, 5);
		expect(meter.cpu(3_000, 6)).toBe(0.5);
		expect(meter.cpu(4_000, 8)).toBe(2);
		expect(meter.cpu(4_000, 8)).toBe(0);
	});

	it("is the lateness of ticks since the last look, also of rooms that are new or gone", () => {
		const meter = new LoadMeter(0, 0);
		const rooms = [new Float64Array(15), new Float64Array(15)].map((lateness) => ({
			counters: { lateness },
		}));
		const count = (index: number, bucket: number, ticks: number): void => {
			const { lateness } = (rooms[index] as (typeof rooms)[0]).counters;
			lateness[bucket] = (lateness[bucket] as number) + ticks;
		};
		expect(meter.latenessP99Ms(rooms)).toBe(0);
		count(0, 0, 990);
		count(1, 7, 11);
		expect(meter.latenessP99Ms(rooms)).toBe(32);
		count(0, 0, 1_000);
		expect(meter.latenessP99Ms(rooms)).toBe(0.25);
		expect(meter.latenessP99Ms(rooms.slice(1))).toBe(0);
	});

	it("leaves out the latest hundredth, and knows a bound for what is beyond all", () => {
		expect(percentileMs([99, 1], 0.99)).toBe(0.25);
		expect(percentileMs([98, 2], 0.99)).toBe(0.5);
		expect(percentileMs([...Array(14).fill(0), 1], 0.99)).toBe(4096);
	});
});
