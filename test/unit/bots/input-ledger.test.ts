import { describe, expect, it } from "vitest";
import { InputLedger } from "../../../bots/worker/input-ledger.ts";

describe("a bot's input ledger", () => {
	const collect = (ledger: InputLedger, inputTick: number, nowMs: number): number[] => {
		const took: number[] = [];
		ledger.received(inputTick, nowMs, (ms) => took.push(ms));
		return took;
	};

	it("times each input up to the first snapshot that includes it, once", () => {
		const ledger = new InputLedger();
		ledger.sent(69_998, 2, 100, 100);
		ledger.sent(70_000, 3, 130, 130);
		expect(collect(ledger, 69_999, 150)).toEqual([50, 50]);
		expect(collect(ledger, 70_001, 200)).toEqual([70, 70]);
		expect(collect(ledger, 70_001, 250)).toEqual([]);
	});

	it("counts from when sending was due, over the turns that were missed", () => {
		const ledger = new InputLedger();
		ledger.sent(100, 4, 0, 80);
		expect(collect(ledger, 103, 100)).toEqual([80, 60, 40, 20]);
	});

	it("forgets nothing of a silence that is longer than it remembers single inputs", () => {
		const ledger = new InputLedger();
		// ten seconds without an answer at 60 Hz
		for (let tick = 0; tick < 600; tick++) {
			ledger.sent(1_000 + tick, 1, (tick * 1000) / 60, (tick * 1000) / 60);
		}
		const ages: number[] = [];
		ledger.overdue(10_000, (ms) => ages.push(ms));
		expect(ages).toHaveLength(540);
		const first = collect(ledger, 1_099, 10_000);
		expect(first).toHaveLength(100);
		expect(first[0]).toBeCloseTo(10_000, 6);
		const rest = collect(ledger, 1_599, 10_000);
		expect(rest).toHaveLength(500);
		expect(rest[0]).toBeCloseTo(10_000 - (100 * 1000) / 60, 6);
		expect(rest[499]).toBeCloseTo(1000 / 60, 6);
		expect(collect(ledger, 1_599, 10_000)).toEqual([]);
	});

	it("gives the age of what was never answered, when that is long ago", () => {
		const ledger = new InputLedger();
		ledger.sent(100, 1, 0, 0);
		ledger.sent(101, 1, 1_500, 1_500);
		const ages: number[] = [];
		ledger.overdue(2_000, (ms) => ages.push(ms));
		expect(ages).toEqual([2_000]);
	});
});
