import { describe, expect, it } from "vitest";
import { interleave, median, ratios, spreadOf, timePieces } from "../../../bench/measure.ts";
import { bytesCircle } from "../../../bench/measurements/bytes-circle.ts";
import { readBenchOptions } from "../../../bench/options.ts";
import { MEASUREMENTS } from "../../../bench/registry.ts";
import { check, judge } from "../../../bench/result.ts";
import { formatResult } from "../../../bench/table.ts";

describe("the benchmark's arithmetic", () => {
	it("takes the middle of samples in any order, or the mean of the two in the middle", () => {
		expect(median([9, 1, 5])).toBe(5);
		expect(median([4, 1, 3, 2])).toBe(2.5);
		expect(median([7])).toBe(7);
		expect(median([])).toBeNaN();
	});

	it("gives the range of samples as a share of their median", () => {
		expect(spreadOf([8, 10, 13])).toBe(0.5);
		expect(spreadOf([3, 3, 3])).toBe(0);
		expect(spreadOf([0, 0])).toBe(0);
	});

	it("divides samples of the same round", () => {
		expect(ratios([2, 9], [4, 3])).toEqual([0.5, 3]);
	});

	it("runs tasks in turn and leaves the warm-up out", () => {
		const calls: string[] = [];
		const task = (name: string, value: number) => () => {
			calls.push(name);
			return value;
		};
		const samples = interleave({ a: task("a", 1), b: task("b", 2) }, 3);
		expect(samples).toEqual({ a: [1, 1, 1], b: [2, 2, 2] });
		expect(calls.join("")).toBe("ab".repeat(5));
	});

	it("does not time what prepares a piece", () => {
		const order: string[] = [];
		const ms = timePieces(
			3,
			(i) => order.push(`piece ${i}`),
			(i) => {
				order.push(`prepare ${i}`);
				const untilMs = performance.now() + 5;
				while (performance.now() < untilMs);
			},
		);
		expect(order.slice(0, 2)).toEqual(["prepare 0", "piece 0"]);
		expect(ms).toBeLessThan(5);
	});
});

describe("a result", () => {
	it("meets a goal at or below it, and none when there is none", () => {
		const found = { id: "x", value: 2, unit: "B", spread: 0 };
		expect(judge({ ...found, goal: 2 })).toMatchObject({ goal: 2, met: true });
		expect(judge({ ...found, goal: 1.9 })).toMatchObject({ goal: 1.9, met: false });
		const bare = { peers: [], checks: [], notMeasured: [], goal: null, atLeast: false, met: null };
		expect(judge(found)).toEqual({ ...found, ...bare });
		expect(judge({ ...found, goal: 3, atLeast: true })).toMatchObject({ met: false });
	});

	it("is judged before it is rounded for people", () => {
		const result = judge({ id: "x", value: 2.00004, unit: "B", spread: 0.123456, goal: 2 });
		expect(result).toMatchObject({ value: 2, spread: 0.1235, met: false });
	});

	it("is met only when all of its checks are", () => {
		const found = { id: "x", value: 2, unit: "B", spread: 0, goal: 3 };
		const held = check("rate", 20, "Hz", 19.95, true);
		const broken = check("dropped", 1, "", 0);
		expect(judge({ ...found, checks: [held] }).met).toBe(true);
		expect(judge({ ...found, checks: [held, broken] }).met).toBe(false);
	});

	it("names its checks, its peers and what is missing below it", () => {
		const found = judge({
			...{ id: "x", value: 2, unit: "B", spread: 0.1, goal: 3 },
			checks: [check("rate", 19, "Hz", 19.95, true)],
			peers: [{ name: "msgpack", value: 30.5, unit: "B" }],
			notMeasured: ["Colyseus: it is not there"],
		});
		const [own, ...rest] = formatResult(found).split("\n");
		expect(own).toMatch(/^x +2 B +10 % {2}≤ 3 met$/);
		expect(rest[0]).toMatch(/^ {2}rate +19 Hz +≥ 19\.95 MISSED$/);
		expect(rest[1]).toMatch(/^ {2}msgpack +30\.5 B$/);
		expect(rest[2]).toBe("  not measured: Colyseus: it is not there");
	});

	it("has the same shape from every measurement", async () => {
		const result = await bytesCircle.run();
		expect(Object.keys(result).sort()).toEqual(
			[
				"atLeast",
				"checks",
				"goal",
				"id",
				"met",
				"notMeasured",
				"peers",
				"spread",
				"unit",
				"value",
			].sort(),
		);
		expect(result.value).toBeGreaterThan(0);
		for (const peer of result.peers) expect(Object.keys(peer)).toEqual(["name", "value", "unit"]);
	});
});

describe("the benchmark's arguments", () => {
	it("picks measurements by id, each of which there is once", () => {
		const ids = MEASUREMENTS.map((m) => m.id);
		expect(new Set(ids).size).toBe(ids.length);
		const { measurements, jsonFile, write } = readBenchOptions([
			"--only",
			"tick-swarm,bytes-arena",
		]);
		expect(measurements.map((m) => m.id)).toEqual(["tick-swarm", "bytes-arena"]);
		expect(jsonFile).toBeNull();
		expect(write).toBe(false);
	});

	it.each([[["--only", "nothing"]], [["--bogus"]], [["tick-swarm"]]])("refuses %j", (args) => {
		expect(() => readBenchOptions(args)).toThrow(expect.objectContaining({ name: "ERR_CONFIG" }));
	});
});
