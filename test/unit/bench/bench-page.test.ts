import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barChart } from "../../../bench/bar-chart.ts";
import { appendHistory, commitOf, type HistoryLine, readHistory } from "../../../bench/history.ts";
import { benchPage, groupsOf } from "../../../bench/page.ts";
import { check, judge, type Measurement, type Result } from "../../../bench/result.ts";

const machine = { cpu: "a", cores: 2, memoryGiB: 4, system: "linux 6", node: "v20.19.0" };

function line(time: string, ...results: HistoryLine["results"]): HistoryLine {
	return { time, commit: "abc", machine, results };
}

function result(id: string, value: number): Result {
	return judge({ id, value, unit: "B", spread: 0.25 });
}

function measurement(id: string): Measurement {
	return { id, about: `about ${id}`, run: async () => result(id, 0) };
}

describe("the history of runs", () => {
	let folder = "";
	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), "hotstep-history-"));
	});
	afterAll(() => rm(folder, { recursive: true }));

	it("gives back what was added, in order, and nothing when there is no file", async () => {
		const file = path.join(folder, "history.jsonl");
		expect(await readHistory(file)).toEqual([]);
		const lines = [
			line("2026-01-01", result("x", 1)),
			line("2026-01-02", { id: "x", failed: "no" }),
		];
		for (const one of lines) await appendHistory(file, one);
		expect(await readHistory(file)).toEqual(lines);
	});

	it("names a line that is broken", async () => {
		const file = path.join(folder, "broken.jsonl");
		await writeFile(file, '{"time":"2026"}\n{"ti\n');
		await expect(readHistory(file)).rejects.toThrow(/line 2 is no JSON/);
	});

	it("marks a commit that the files differ from", async () => {
		const git = (...args: string[]) =>
			execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
				cwd: folder,
			});
		git("init", "-q");
		await writeFile(path.join(folder, "a"), "1");
		git("add", "a");
		git("commit", "-qm", "a");
		expect(commitOf(folder)).toMatch(/^[0-9a-f]{7,}$/);
		await writeFile(path.join(folder, "a"), "2");
		expect(commitOf(folder)).toMatch(/^[0-9a-f]{7,}\+$/);
		await rm(path.join(folder, ".git"), { recursive: true });
	});
});

describe("the page of benchmarks", () => {
	it("shows each measurement's newest result and says which have none", () => {
		const history = [
			line("2026-01-01T00:00:00Z", result("x", 1), result("y", 5)),
			line("2026-01-02T00:00:00Z", result("x", 2)),
			line("2026-01-03T00:00:00Z", { id: "x", failed: "no" }),
		];
		const { markdown } = benchPage(history, ["x", "y", "z"].map(measurement));
		expect(markdown).toContain("| **result** | 2 B |");
		expect(markdown).toContain("| **result** | 5 B |");
		expect(markdown).not.toContain("| **result** | 1 B |");
		expect(markdown).toContain("## Without a result\n\n- `z` (about z)\n");
	});

	it("says of every promise whether it is met", () => {
		const found = judge({
			...{ id: "x", value: 2, unit: "B", spread: 0, goal: 3 },
			checks: [check("rate", 19, "Hz", 19.95, true)],
			notMeasured: ["Colyseus: it is\nnot there"],
		});
		const { markdown } = benchPage([line("2026-01-01T00:00:00Z", found)], [measurement("x")]);
		expect(markdown).toContain("| **result** | 2 B | ≤ 3 | yes |");
		expect(markdown).toContain("| rate | 19 Hz | ≥ 19.95 | **no** |");
		expect(markdown).toContain("Not measured: Colyseus: it is not there");
	});

	it("sets contenders beside each other", () => {
		const peers = [
			{ name: "hotstep: CPU", value: 3, unit: "µs" },
			{ name: "raw ws: CPU", value: 4, unit: "µs" },
			{ name: "raw ws: alone", value: 9, unit: "B" },
		];
		const found = judge({ id: "x", value: 1, unit: "", spread: 0, peers });
		const { markdown } = benchPage([line("2026-01-01T00:00:00Z", found)], [measurement("x")]);
		expect(markdown).toContain("|  | hotstep | raw ws |\n| --- | --- | --- |\n| CPU, µs | 3 | 4 |");
		expect(markdown).toContain("| raw ws: alone | 9 B |");
	});

	it("draws what contenders have in common, or peers of the value's unit", () => {
		const peers = [
			{ name: "hotstep: CPU", value: 3, unit: "µs" },
			{ name: "raw ws, equal bytes: CPU", value: 4, unit: "µs" },
			{ name: "hotstep: lonely", value: 1, unit: "B" },
		];
		expect(groupsOf(judge({ id: "x", value: 1, unit: "", spread: 0, peers }))).toEqual([
			{
				title: "CPU",
				unit: "µs",
				bars: [
					{ name: "hotstep", value: 3 },
					{ name: "raw ws, equal bytes", value: 4 },
				],
			},
		]);
		const alike = [{ name: "msgpack", value: 30, unit: "B" }];
		expect(groupsOf(judge({ id: "x", value: 2, unit: "B", spread: 0, peers: alike }))).toEqual([
			{
				title: "B",
				unit: "B",
				bars: [
					{ name: "hotstep", value: 2 },
					{ name: "msgpack", value: 30 },
				],
			},
		]);
		expect(groupsOf(result("x", 1))).toEqual([]);
	});

	it("draws bars to one scale and escapes names", () => {
		const svg = barChart("x", [
			{
				title: "a < b",
				unit: "B",
				bars: [
					{ name: "hotstep", value: 50 },
					{ name: 'the "other" & co', value: 100 },
				],
			},
		]);
		expect([...svg.matchAll(/width="([\d.]+)" height="14"/g)].map(([, w]) => Number(w))).toEqual([
			175, 350,
		]);
		expect(svg).toContain("<title>x</title>");
		expect(svg).toContain("a &lt; b");
		expect(svg).toContain("the &quot;other&quot; &amp; co");
	});
});

it("the history that is kept can be read", async () => {
	const file = path.resolve(import.meta.dirname, "../../../bench/history.jsonl");
	const ids = (await readHistory(file)).flatMap(({ results }) => results.map(({ id }) => id));
	expect(ids).toContain("fanout-1x800");
	const page = await readFile(
		path.resolve(import.meta.dirname, "../../../docs/benchmarks.md"),
		"utf8",
	);
	for (const id of new Set(ids))
		expect(page).toMatch(new RegExp(`^(## ${id}|- \`${id}\` .*)$`, "m"));
});
