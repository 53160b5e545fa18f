import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	BotWorker,
	mergeTotals,
	readBotsOptions,
	type Summary,
	type Totals,
} from "../../bots/index.ts";
import type { SeriesRow } from "../../bots/metrics/series-rows.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runToEnd } from "../support/start-server.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

const TOKEN = "a token for tests";

let server: OpenServer;
let url: string;
/** A server that tells nobody its metrics. */
let silent: OpenServer;
let silentUrl: string;
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-bots-"));
	server = await openServer({ games: [await moduleFile("dots")], admin: { token: TOKEN } });
	url = (await server.listen(0)).url.replace("http", "ws");
	silent = await openServer({ games: [await moduleFile("dots")], http: { metrics: "off" } });
	silentUrl = (await silent.listen(0)).url.replace("http", "ws");
});
afterAll(() => Promise.all([server.close(), silent.close()]));

function workerOf(args: readonly string[]): BotWorker {
	const options = readBotsOptions(["--url", url, "--game", "dots", "--seed", "1", ...args]);
	return new BotWorker({ ...options, behaviour: null, first: 0, every: 1 });
}

/** Plays `count` bots in this process for a while. */
async function play(count: number, seconds: number, args: readonly string[]): Promise<Totals> {
	const worker = workerOf(args);
	await worker.scaleTo(count, 200);
	const totals = await worker.measure(seconds);
	await worker.leave();
	return totals;
}

/** Runs the command and reads the summary that it wrote. */
async function runBots(args: readonly string[]) {
	const json = path.join(folder, `${Math.random()}.json`);
	const base = ["bots", "--game", "dots", "--duration", "1s", "--json", json];
	const where = args.includes("--url") ? [] : ["--url", url];
	const { code, stdout, stderr } = await runToEnd([...base, ...where, ...args]);
	const summary = JSON.parse(await readFile(json, "utf8")) as Summary;
	return { code, stdout, stderr, summary };
}

describe("a worker of bots", () => {
	it("plays, and measures every snapshot and the inputs", async () => {
		const totals = await play(8, 1, []);
		expect(totals).toMatchObject({
			clients: 8,
			connected: 8,
			connectedAtEnd: 8,
			disconnects: 0,
			decodeErrors: 0,
			errorsByName: {},
			snapshotRate: 20,
		});
		expect(totals.rates).toHaveLength(8);
		expect(totals.snapshots).toBeGreaterThan(8);
		// one of them sees for all
		expect(totals.decoded).toBeGreaterThan(0);
		expect(totals.decoded).toBeLessThan(totals.snapshots / 4);
		const inputs = totals.latencies.counts.reduce((a, b) => a + b, 0);
		expect(inputs).toBeGreaterThan(8);
	});

	it("decodes everything when told to", async () => {
		const totals = await play(4, 1, ["--decode", "all"]);
		expect(totals.decoded).toBe(totals.snapshots);
		expect(totals.decodeErrors).toBe(0);
	});

	it("grows and shrinks", async () => {
		const worker = workerOf([]);
		for (const count of [3, 6, 2]) {
			await worker.scaleTo(count, 200);
			expect(await worker.measure(0.1)).toMatchObject({ clients: count, connectedAtEnd: count });
		}
		await worker.leave();
	});

	it("opens rooms and fills each with so many", async () => {
		const totals = await play(9, 0.5, ["--rooms", "3", "--clients", "3", "--admin-token", TOKEN]);
		expect(totals).toMatchObject({ connected: 9, decodeErrors: 0 });
		expect(totals.rooms).toHaveLength(3);
	});

	it("has players come and go, for whom others go on decoding", async () => {
		const totals = await play(6, 2, ["--churn", "10"]);
		expect(totals.churned).toBeGreaterThan(2);
		expect(totals).toMatchObject({ disconnects: 0, decodeErrors: 0, errorsByName: {} });
		const joins = totals.joins.counts.reduce((a, b) => a + b, 0);
		expect(joins).toBeGreaterThan(6);
	});

	it("breaks connections in storms, and counts the way back apart", async () => {
		const totals = await play(6, 2, ["--storm", "100%", "--storm-every", "700ms"]);
		expect(totals.stormed).toBeGreaterThanOrEqual(6);
		expect(totals).toMatchObject({ disconnects: 0, decodeErrors: 0 });
		const rejoins = totals.rejoins.counts.reduce((a, b) => a + b, 0);
		expect(rejoins).toBeGreaterThan(0);
		expect(totals.reconnects).toBeGreaterThanOrEqual(rejoins);
	});

	it("stops to read for a while, and measures only those who go on", async () => {
		const slow = ["--slow-readers", "50%", "--slow-for", "500ms", "--slow-every", "1s"];
		const totals = await play(8, 2, slow);
		expect(totals).toMatchObject({ slowReaders: 4, disconnects: 0, decodeErrors: 0 });
		expect(totals.pauses).toBeGreaterThanOrEqual(4);
		expect(totals.rates).toHaveLength(4);
	});

	it("plays over simulated links, which every message takes", async () => {
		const totals = await play(4, 1.5, ["--latency", "60-80ms", "--jitter", "5ms"]);
		expect(totals).toMatchObject({ connected: 4, disconnects: 0, decodeErrors: 0 });
		// nothing comes back sooner than both ways take
		const least = totals.latencies.counts.findIndex((n) => n > 0);
		const atLeast60 = (await play(4, 0.5, [])).latencies.counts.findIndex((n) => n > 0);
		expect(least).toBeGreaterThan(atLeast60);
	});

	it("adds up with others", async () => {
		const [a, b] = await Promise.all([play(2, 0.5, []), play(3, 0.5, [])]);
		const both = mergeTotals([a, b]);
		expect(both).toMatchObject({ connected: 5, snapshots: a.snapshots + b.snapshots });
		expect(both.workers).toHaveLength(2);
	});
});

describe("hotstep bots", () => {
	it("plays with 8 bots from 2 threads and writes down what they got", async () => {
		const { code, stdout, summary } = await runBots(["--count", "8", "--workers", "2"]);
		expect(code, stdout).toBe(0);
		expect(summary).toMatchObject({
			clients: 8,
			connected: 8,
			disconnects: 0,
			decodeErrors: 0,
			errors: 0,
			seconds: 1,
			rooms: 1,
			snapshotGapMs: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
			trustworthy: expect.any(Boolean),
			server: { cpu: expect.any(Number), droppedTicks: expect.any(Number), missing: null },
		});
		expect(summary.inputLatencyMs.p50).toBeGreaterThan(0);
		expect(summary.toolWorkers.map(({ bots }) => bots)).toEqual([4, 4]);
		expect(stdout).toContain(`seed ${summary.seed}`);
		expect(stdout).not.toContain("not measured");
		// no terminal: plain lines
		for (const control of ["\r", "\x1b"]) expect(stdout).not.toContain(control);
	});

	it("exits with 99 when a threshold is crossed or cannot be measured, and says which", async () => {
		const { code, stdout } = await runBots([
			"--url",
			silentUrl,
			"--clients",
			"2",
			"--fail-on",
			"connected<2",
			"--fail-on",
			"connected>1",
			"--fail-on",
			"server.cpu>5",
		]);
		expect(code).toBe(99);
		expect(stdout).toMatch(/passed +connected<2: 2/);
		expect(stdout).toMatch(/FAILED +connected>1: 2/);
		expect(stdout).toMatch(/FAILED +server.cpu>5: not measured/);
		expect(stdout).toContain("CPU not measured");
	});

	it("writes its metrics alone to stdout when asked to", async () => {
		const run = ["bots", "--url", url, "--game", "dots", "--clients", "2", "--duration", "1s"];
		const { code, stdout, stderr } = await runToEnd([...run, "--json", "-"]);
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toMatchObject({ connected: 2 });
		expect(stderr).toContain("2 of 2");
	});

	it("says what is wrong with its arguments, and exits with 1", async () => {
		const lazy = path.join(folder, "lazy.mjs");
		await writeFile(lazy, "export const behaviour = { create: () => () => {} };");
		for (const [args, why] of [
			[["--behaviour", "nowhere.js"], /nowhere\.js/],
			[["--behaviour", lazy], /thinksPerSecond/],
			[["--json", path.join(folder, "nowhere/x.json")], /--json/],
			[["--html", folder], /--html/],
			[["--game", "dots", "--rooms", "2", "--admin-token", "wrong-token"], /ERR_ADMIN_TOKEN/],
		] as const) {
			const { code, stdout, stderr } = await runToEnd(["bots", "--url", url, ...args]);
			expect(code).toBe(1);
			expect(stderr).toMatch(/^hotstep: ERR_CONFIG: .*\n$/);
			expect(stderr).toMatch(why);
			expect(stdout).toBe("");
		}
	});

	it("says where a behaviour failed, and exits with 1", async () => {
		const file = path.join(folder, "broken.mjs");
		const think = "() => { throw new Error('no idea'); }";
		await writeFile(
			file,
			`export const behaviour = { thinksPerSecond: 5, create: () => ${think} };`,
		);
		const run = ["bots", "--url", url, "--game", "dots", "--clients", "2", "--behaviour", file];
		const { code, stderr } = await runToEnd(run);
		expect(code).toBe(1);
		expect(stderr).toMatch(/^hotstep: ERR_CONFIG: a thread of bots ended: Error: no idea\n/);
		expect(stderr).toContain("broken.mjs:1:");
	});

	it("names what it was refused for, and exits with 1", async () => {
		const run = ["bots", "--url", url, "--game", "nothing", "--clients", "2", "--json", "-"];
		const { code, stdout } = await runToEnd(run);
		expect(code).toBe(1);
		const summary = JSON.parse(stdout) as Summary;
		expect(summary).toMatchObject({ connected: 0, refused: 2, errors: 2 });
		expect(summary.errorsByName).toEqual({ ERR_GAME_UNKNOWN: 2 });
	});

	it("says what its metrics hold for, and how they came about second by second", async () => {
		const { code, summary } = await runBots(["--clients", "3", "--duration", "3s"]);
		expect(code).toBe(0);
		expect(summary.server.version).toMatch(/^\d+\.\d+\.\d+/);
		expect(summary.modules).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
		expect(summary.machine).toMatchObject({ node: process.versions.node });
		expect(summary.machine.cores).toBeGreaterThan(0);
		const { series } = summary as unknown as { series: SeriesRow[] };
		expect(series.length).toBeGreaterThanOrEqual(3);
		const snapshots = series.reduce((sum, row) => sum + row.snapshots, 0);
		expect(snapshots).toBeGreaterThan(3 * 3 * 10);
		expect(series.some(({ snapshotGapMs }) => (snapshotGapMs?.p50 ?? 0) > 10)).toBe(true);
	});

	it("searches for a capacity and ends at its bound", async () => {
		const html = path.join(folder, "capacity.html");
		const run = [
			"bots",
			"--url",
			url,
			"--game",
			"dots",
			"--duration",
			"500ms",
			"--warm-up",
			"100ms",
		];
		const search = ["--find-capacity", "--start-clients", "2", "--max-clients", "4"];
		// thresholds that a busy machine keeps too
		const bound = ["--fail-on", "snapshotGapMs.p50>5000", "--html", html];
		const { code, stdout } = await runToEnd([...run, ...search, ...bound]);
		expect(code, stdout).toBe(0);
		expect(stdout).toMatch(/ 2 clients .* passed/);
		expect(stdout).toContain("4 clients or more");
		const page = await readFile(html, "utf8");
		expect(page).toContain("How many players dots holds");
		// the search ended at its bound: that is no limit of the server's
		expect(page).toContain('<p class="notice unsure">');
		expect(page).not.toContain('<p class="notice good">');
		expect(page).toContain("Snapshot gap by clients");
	});

	it("searches no further when there is nobody to play with, and says why", async () => {
		const where = ["--url", url, "--game", "nosuch", "--duration", "500ms", "--warm-up", "100ms"];
		const search = ["--find-capacity", "--start-clients", "2", "--max-clients", "4"];
		const { code, stdout, stderr } = await runToEnd(["bots", ...where, ...search]);
		expect(code, stdout).toBe(1);
		expect(stderr).toContain("ERR_CONFIG: nobody could connect");
		expect(stderr).toContain("ERR_GAME_UNKNOWN");
		expect(stdout).not.toContain("FAILED");
	});
});

describe.runIf(hasBrowser())("the bots' report", () => {
	it("shows its plots in a browser without a network, at any width", async () => {
		const html = path.join(folder, "report.html");
		const bound = ["--fail-on", "snapshotGapMs.p99>60000", "--html", html];
		const { code, stdout } = await runBots(["--clients", "3", "--duration", "3s", ...bound]);
		expect(code, stdout).toBe(0);
		const browser = await launchBrowser();
		try {
			for (const [width, colorScheme] of [
				[1280, "light"],
				[390, "dark"],
			] as const) {
				const page = await browser.newPage({
					offline: true,
					colorScheme,
					viewport: { width, height: 900 },
				});
				const problems: string[] = [];
				const requests: string[] = [];
				page.on("pageerror", (error) => problems.push(error.message));
				page.on("request", (request) => requests.push(request.url()));
				await page.goto(`file://${html}`);
				const seen = await page.evaluate(() => ({
					plots: [...document.querySelectorAll("figure > svg")].map((svg) => ({
						name: svg.getAttribute("aria-label"),
						drawn: [...svg.querySelectorAll<SVGPathElement>("path.line")].map((p) =>
							p.getTotalLength(),
						),
						width: svg.getBoundingClientRect().width,
					})),
					missing: document.querySelectorAll(".missing").length,
					overflow: document.documentElement.scrollWidth - innerWidth,
				}));
				expect(problems).toEqual([]);
				expect(requests.filter((request) => !/^(file|data):/.test(request))).toEqual([]);
				expect(seen.plots.map(({ name }) => name)).toEqual([
					"Snapshot gap",
					"Input latency",
					"Bytes per client",
					"Server: tick lateness",
					"Server: CPU",
					"This tool",
					"This tool: timers late",
					"Clients",
				]);
				for (const { drawn, width: shown } of seen.plots) {
					expect(Math.min(...drawn)).toBeGreaterThan(10);
					expect(shown).toBeGreaterThan(300);
				}
				expect(seen.missing).toBe(0);
				expect(seen.overflow).toBe(0);
				const picture = await page.screenshot({ fullPage: true });
				expect(picture.length).toBeGreaterThan(10_000);
				await page.close();
			}
		} finally {
			await browser.close();
		}
	});
});
