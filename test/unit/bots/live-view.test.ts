import { describe, expect, it } from "vitest";
import { LiveView } from "../../../bots/console/live-view.ts";
import { Histogram } from "../../../bots/metrics/histogram.ts";
import { Series } from "../../../bots/metrics/series.ts";

function run(): Series {
	const series = new Series();
	const none = new Histogram().data;
	series.add({
		second: 0,
		playing: 1_000,
		clients: 1_000,
		snapshots: 20_000,
		receivedBytes: 1e6,
		sentBytes: 1e5,
		refused: 100,
		disconnects: 100,
		gaps: none,
		latencies: none,
		lateness: none,
		busy: 1,
	});
	series.addOutside(0, 1, { cpu: 1, tickLatenessP99Ms: 1 });
	return series;
}

/** What a terminal of `columns` gets for a view that is shown once and taken off again. */
function shownIn(columns: number): string {
	let text = "";
	const out = { isTTY: true, columns, write: (part: string) => (text += part) };
	const view = new LiveView(1_000, out as unknown as NodeJS.WriteStream);
	view.show(run(), "measuring", 3, 10);
	view.clear();
	return text;
}

describe("the live view", () => {
	it("does not call it a gap of 0 ms when nothing came", () => {
		expect(shownIn(200)).toMatch(/snapshot gap +p50 none +p99 none/);
		expect(shownIn(200)).toContain("gap p99 none");
	});

	it.each([40, 80, 200])("takes as many lines of a terminal of %i columns as it takes off", (n) => {
		const [shown = "", up = "", rest] = shownIn(n).split("\x1b[");
		expect(rest).toBe("J");
		const rows = shown.trimEnd().split("\n");
		expect(rows.length).toBeGreaterThan(6);
		expect(up).toBe(`${rows.length}A`);
		for (const row of rows) expect(row.length).toBeLessThanOrEqual(n);
	});
});
