import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Arrivals, WINDOW_GRACE_MS } from "../../bots/arrivals.ts";
import type { BotView } from "../../bots/behaviour.ts";
import { Histogram } from "../../bots/figures/histogram.ts";
import { genericBehaviour } from "../../bots/generic-behaviour.ts";
import { InputLedger } from "../../bots/input-ledger.ts";
import { readBotsOptions } from "../../bots/options.ts";
import { seededRandom } from "../../bots/random.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import { putSnapshotPrefix } from "../../protocol/messages/snapshot-frame.ts";
import { layoutRecord } from "../../protocol/schema/define-game.ts";
import { createServer, type HotstepServer } from "../../server/index.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runToEnd } from "../support/start-server.ts";

describe("the bots' histogram", () => {
	const times = (seed: number, count: number): number[] => {
		const random = seededRandom(seed);
		return Array.from({ length: count }, () => 10 ** (random() * 7 - 3));
	};
	const filled = (values: readonly number[]): Histogram => {
		const histogram = new Histogram();
		for (const value of values) histogram.recordMs(value);
		return histogram;
	};

	it("is the same merged from parts as filled in one go", () => {
		const parts = [times(1, 1000), times(2, 10), times(3, 500), []];
		const merged = new Histogram();
		for (const part of parts) merged.merge(filled(part).data);
		expect(merged.data).toEqual(filled(parts.flat()).data);
		expect(merged.total).toBe(1510);
	});

	it("knows percentiles to 1/64, and the maximum exactly", () => {
		const values = times(4, 5000);
		const sorted = [...values].sort((a, b) => a - b);
		const histogram = filled(values);
		for (const share of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
			const exact = sorted[Math.ceil(share * sorted.length) - 1];
			const found = histogram.percentileMs(share);
			expect(found).toBeGreaterThanOrEqual(Math.round(exact * 1000) / 1000);
			expect(found).toBeLessThanOrEqual((exact + 0.001) * (1 + 1 / 64));
		}
		expect(histogram.maxMs).toBe(Math.round((sorted.at(-1) ?? 0) * 1000) / 1000);
	});

	it("holds any time, and says 0 when it holds none", () => {
		expect(new Histogram().percentileMs(0.5)).toBe(0);
		const histogram = filled([-1, 0, 1e12]);
		expect(histogram.percentileMs(0.5)).toBe(0);
		expect(histogram.maxMs).toBe(0xffffffff / 1000);
	});
});

describe("a bot's window", () => {
	it("has the true rate, whatever the phase of the snapshots against it", () => {
		for (const phase of [0, 13, 49]) {
			const arrivals = new Arrivals();
			arrivals.open(1000, 3000);
			for (let ms = 900 + phase; !arrivals.isClosed; ms += 50) arrivals.add(ms);
			expect(arrivals.rate).toBeCloseTo(20, 9);
		}
	});

	it("has the true rate although the machine stalls at an edge", () => {
		const late = (ms: number): number =>
			(ms > 950 && ms < 1_200) || (ms > 2_950 && ms < 3_100) ? Math.ceil(ms / 250) * 250 : ms;
		const arrivals = new Arrivals();
		arrivals.open(1000, 3000);
		for (let ms = 0; !arrivals.isClosed; ms += 50) arrivals.add(late(ms + 7));
		expect(arrivals.rate).toBeCloseTo(20, 9);
	});

	it("counts snapshots that never came", () => {
		const arrivals = new Arrivals();
		arrivals.open(1000, 11_000);
		for (let ms = 0; !arrivals.isClosed; ms += 50) if (ms % 500 !== 0) arrivals.add(ms);
		expect(arrivals.rate).toBeCloseTo(18, 0);
	});

	it("counts silence at its end, and calls it a gap", () => {
		const arrivals = new Arrivals();
		arrivals.open(0, 10_000);
		for (let ms = 50; ms <= 5_000; ms += 50) arrivals.add(ms);
		const endMs = 10_000 + WINDOW_GRACE_MS;
		expect(arrivals.close(endMs)).toBe(endMs - 5_000);
		expect(arrivals.rate).toBeLessThan(10);
	});

	it("counts silence at its start", () => {
		const arrivals = new Arrivals();
		arrivals.open(0, 10_000);
		for (let ms = 5_000; !arrivals.isClosed; ms += 50) arrivals.add(ms);
		expect(arrivals.rate).toBeLessThan(11);
	});
});

describe("a bot's input ledger", () => {
	const snapshot = (inputTick: number): Uint8Array => {
		const bytes = new Uint8Array(16);
		return bytes.subarray(0, putSnapshotPrefix(bytes, 0, 70_000, inputTick, 2, 1));
	};
	const input = (tick: number, count: number): Uint8Array =>
		encodeClientMessage({ type: "input", ackTick: 300, tick, inputs: new Uint8Array(count * 2) });

	it("times each input up to the first snapshot that includes it, once", () => {
		const ledger = new InputLedger();
		ledger.sent(input(69_998, 2), 2, 100);
		ledger.sent(input(70_000, 3), 2, 130);
		const took: number[] = [];
		ledger.received(snapshot(69_999), 150, (ms) => took.push(ms));
		ledger.received(snapshot(70_001), 200, (ms) => took.push(ms));
		ledger.received(snapshot(70_001), 250, (ms) => took.push(ms));
		expect(took).toEqual([50, 50, 70, 70]);
	});

	it("takes no notice of other messages", () => {
		const ledger = new InputLedger();
		ledger.sent(encodeClientMessage({ type: "ping", time: 5 }), 2, 100);
		ledger.sent(encodeClientMessage({ type: "leave" }), 2, 100);
		ledger.received(Uint8Array.of(0x93, 3, 5, 9), 150, () => expect.unreachable());
	});
});

describe("a behaviour by the input's types", () => {
	it("stays within each type, moves everything, and repeats itself with its seed", () => {
		const spec = layoutRecord([
			["turn", "i8"],
			["level", "u8"],
			["aim", "f32"],
			["fire", "bool"],
		]);
		const play = (): Record<string, number | boolean>[] => {
			const think = genericBehaviour(spec).create(seededRandom(5));
			const input: Record<string, number | boolean> = { turn: 0, level: 0, aim: 0, fire: false };
			return Array.from({ length: 300 }, (_, i) => {
				think({ state: {}, player: 0, input, nowMs: i * 200 } as unknown as BotView);
				return { ...input };
			});
		};
		const plays = play();
		expect(play()).toEqual(plays);
		const range = (name: string) => {
			const values = plays.map((p) => Number(p[name]));
			return { least: Math.min(...values), most: Math.max(...values) };
		};
		expect(range("turn").least).toBeGreaterThanOrEqual(-128);
		expect(range("turn").most).toBeLessThanOrEqual(127);
		expect(range("level").least).toBe(0);
		expect(range("level").most).toBeLessThanOrEqual(255);
		expect(range("aim").most).toBeLessThanOrEqual(1);
		expect(range("fire")).toEqual({ least: 0, most: 1 });
		for (const name of ["turn", "level", "aim"]) expect(range(name).most).toBeGreaterThan(0);
	});
});

describe("hotstep bots", () => {
	let server: HotstepServer;
	let url: string;
	beforeAll(async () => {
		server = await createServer({ games: [await moduleFile("dots")] });
		url = (await server.listen(0)).url.replace("http", "ws");
	});
	afterAll(() => server.close());

	it.each([
		[["--count", "0"], "--count"],
		[["--count", "2.5"], "--count"],
		[["--seconds", "soon"], "--seconds"],
		[["--url", "http://127.0.0.1"], "--url"],
		[["--game", "../arena"], "--game"],
		[["--workers", "3", "--count", "2"], "--workers"],
		[["--bogus"], "--bogus"],
		[["arena"], "arena"],
	])("refuses %j", (args, culprit) => {
		const named = { name: "ERR_CONFIG", message: expect.stringContaining(culprit) };
		expect(() => readBotsOptions(args)).toThrow(expect.objectContaining(named));
	});

	it("says what is wrong with its arguments, and exits with 1", async () => {
		const { code, stderr } = await runToEnd(["bots", "--behaviour", "nowhere.js"]);
		expect(code).toBe(1);
		expect(stderr).toMatch(/^hotstep: ERR_CONFIG: .*nowhere\.js/);
	});

	it("plays with 8 bots from 2 threads and writes down what they got", async () => {
		const json = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-bots-")), "out.json");
		const run = ["bots", "--url", url, "--game", "dots", "--count", "8", "--workers", "2"];
		const { code, stdout } = await runToEnd([...run, "--seconds", "2", "--json", json]);
		expect(code, stdout).toBe(0);
		const summary = JSON.parse(await readFile(json, "utf8"));
		expect(summary).toMatchObject({
			clients: 8,
			connected: 8,
			disconnects: 0,
			decodeErrors: 0,
			errors: 0,
			errorsByName: {},
			seconds: 2,
			rooms: 1,
		});
		const spread = { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) };
		expect(summary).toMatchObject({
			snapshotsPerSecond: expect.any(Number),
			bytesPerClientPerSecond: expect.any(Number),
			snapshotGapMs: spread,
			inputLatencyMs: spread,
			trustworthy: expect.any(Boolean),
		});
		expect(summary.snapshotsPerSecond).toBeGreaterThan(0);
		expect(summary.inputLatencyMs.p50).toBeGreaterThan(0);
		expect(stdout).toContain(`seed ${summary.seed}`);
		expect(stdout).not.toContain("\r");
	});

	it("names what it was refused for, and exits with 1", async () => {
		const json = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-bots-")), "out.json");
		const run = ["bots", "--url", url, "--game", "nothing", "--count", "2", "--json", json];
		expect((await runToEnd(run)).code).toBe(1);
		const summary = JSON.parse(await readFile(json, "utf8"));
		expect(summary).toMatchObject({ connected: 0, errors: 2 });
		expect(summary.errorsByName).toEqual({ ERR_GAME_UNKNOWN: 2 });
	});
});
