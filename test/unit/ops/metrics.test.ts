import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { Exposition } from "../../../server/ops/metrics/exposition.ts";
import { Histogram } from "../../../server/ops/metrics/histogram.ts";
import { RoomMetrics } from "../../../server/ops/metrics/room-metrics.ts";
import { Room } from "../../../server/room/room.ts";
import { frameChannel } from "../../../server/room/room-timing.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { type Family, readExposition, sampleOf } from "../../support/exposition.ts";
import { type LiveServer, listen, Neighbour } from "../../support/live-server.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

const TOKEN = "a-token-of-a-test";

let dots: GameModule;
let next: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
	next = await loadVariant({
		schema: replace("version: 1", "version: 2"),
		main: replace(
			"export function tick(): void {",
			"export function tick(): void { if (input.dx[0] == 66) unreachable();",
		),
	});
});

describe("the text format", () => {
	it("has cumulative buckets, sums, counts and escaped labels", () => {
		const histogram = new Histogram([0.5, 1]);
		for (const value of [0.25, 0.5, 0.75, 2]) histogram.observe(value);
		const out = new Exposition();
		out.family("a_seconds", "histogram", "What a takes.");
		out.histogram("a_seconds", { game: 'a "b"\\\n' }, histogram);
		out.single("b", "gauge", "None.", Number.POSITIVE_INFINITY);
		const game = 'game="a \\"b\\"\\\\\\n"';
		expect(out.text.split("\n")).toEqual([
			"# HELP a_seconds What a takes.",
			"# TYPE a_seconds histogram",
			`a_seconds_bucket{${game},le="0.5"} 2`,
			`a_seconds_bucket{${game},le="1"} 3`,
			`a_seconds_bucket{${game},le="+Inf"} 4`,
			`a_seconds_sum{${game}} 3.5`,
			`a_seconds_count{${game}} 4`,
			"# HELP b None.",
			"# TYPE b gauge",
			"b +Inf",
			"",
		]);
		expect(sampleOf(readExposition(out.text), "a_seconds", { game: 'a "b"\\\n', le: "1" })).toBe(3);
	});
});

describe("what rooms tell", () => {
	let metrics: RoomMetrics | null = null;
	afterEach(() => metrics?.close());

	function open(game: GameModule, clock = new VirtualClock()): Room {
		const room = new Room({
			id: "r",
			game,
			clock,
			seed: 7,
			onReport: (failed, report) => metrics?.report(failed, report),
		});
		metrics?.opened(room);
		return room;
	}

	it("costs no look at the clock while nobody listens", () => {
		let looks = 0;
		const clock = { now: () => looks++ };
		const room = open(dots, clock as unknown as VirtualClock);
		const ticks = (n: number): number => {
			const before = looks;
			for (let i = 0; i < n; i++) room.runTick();
			return looks - before;
		};
		room.join(new RecordingSink(), "Ann");
		expect(ticks(30)).toBe(30);
		metrics = new RoomMetrics();
		// beginning and end of a frame; and of each of ten captures and the keyframe or delta after it
		expect(ticks(30)).toBe(30 * 3 + 10 * 4);
		metrics.close();
		expect(frameChannel.hasSubscribers).toBe(false);
		expect(ticks(30)).toBe(30);
	});

	it("counts ticks, faults, swaps and rollbacks for the version that they belong to", () => {
		metrics = new RoomMetrics();
		const room = open(dots);
		const ann = room.join(new RecordingSink(), "Ann");
		if ("error" in ann) throw new Error(ann.error);
		for (let i = 0; i < 20; i++) room.runTick();
		swapRoom(room, next);
		for (let i = 0; i < 5; i++) room.runTick();
		const inputs = new Uint8Array([66, 0]);
		room.receiveInput(ann, { type: "input", ackTick: 0, tick: room.tick, inputs });
		room.runTick();
		expect(room.game.version).toBe(1);
		for (let i = 0; i < 4; i++) room.runTick();
		metrics.closed(room);
		const counted = [...metrics.games.values()].map(({ version, counts, faults, tickSeconds }) => ({
			version,
			ticks: counts.ticks,
			swaps: counts.swaps,
			rollbacks: counts.rollbacks,
			aborted: counts.abortedTicks,
			faults: Object.fromEntries([...faults].filter(([, n]) => n > 0)),
			frames: tickSeconds.count,
		}));
		expect(counted).toEqual([
			{ version: "1", ticks: 25, swaps: 0, rollbacks: 0, aborted: 0, faults: {}, frames: 25 },
			{
				version: "2",
				ticks: 5,
				swaps: 1,
				rollbacks: 1,
				aborted: 1,
				faults: { "trap rolledBack": 1 },
				frames: 5,
			},
		]);
	});

	it("counts rules that an operator took back, long after the swap too, against them", async () => {
		const { server, url } = await listen({ games: [dots], admin: { token: TOKEN } });
		const player = await Neighbour.join(url, "dots");
		const [room] = server.core.directory.rooms.values();
		if (room === undefined) throw new Error("there is no room");
		const bytes = next.raw.slice();
		await server.core.deployments.deploy("dots", { bytes, origin: "v2", sourceMap: null }, "live");
		await expect.poll(() => room.game.version).toBe(2);
		const changedAt = room.tick;
		await expect.poll(() => room.tick).toBeGreaterThan(changedAt + 2);
		room.probation = null;
		await server.core.deployments.rollBack("dots");
		expect(room.game.version).toBe(1);
		const families = readExposition(await (await fetch(`${url}/metrics`)).text());
		const count = (name: string, version: string) => sampleOf(families, name, { version });
		await player.leave();
		await server.close();
		expect([count("hotstep_swaps_total", "2"), count("hotstep_rollbacks_total", "2")]).toEqual([
			1, 1,
		]);
		expect([count("hotstep_swaps_total", "1"), count("hotstep_rollbacks_total", "1")]).toEqual([
			0, 0,
		]);
	});

	it("adds bytes up by kind to what was sent in all", () => {
		metrics = new RoomMetrics();
		const room = open(dots);
		const sinks = [new RecordingSink(), new RecordingSink()];
		for (const sink of sinks) room.join(sink, "Ann");
		for (let i = 0; i < 60; i++) room.runTick();
		const { sentBytes, snapshotBytes, snapshots } = room.counters;
		const sent = sinks.flatMap(({ raw, messages }) =>
			raw.filter((_, i) => messages[i]?.type === "snapshot"),
		);
		expect(snapshots).toBe(sent.length);
		expect(snapshotBytes).toBe(sent.reduce((sum, bytes) => sum + bytes.length, 0));
		expect(Object.values(sentBytes).reduce((sum, n) => sum + n, 0)).toBe(snapshotBytes);
		expect(sentBytes.keyframe).toBeGreaterThan(0);
		expect(sentBytes.delta).toBeGreaterThan(0);
	});

	it("gives games and versions beyond the limit one label for all", () => {
		metrics = new RoomMetrics();
		const rooms = Array.from({ length: SERVER_LIMITS.metricGames + 8 }, (_, version) =>
			open({ ...dots, version, hash: String(version).padStart(64, "0") }),
		);
		for (const room of rooms) room.runTick();
		metrics.settle();
		const labels = [...metrics.games.values()].map(({ game, version }) => `${game} ${version}`);
		expect(labels).toHaveLength(SERVER_LIMITS.metricGames + 1);
		expect(labels.at(-1)).toBe("other other");
		expect([...metrics.games.values()].at(-1)?.counts.ticks).toBe(8);
	});

	it("forgets no count of a room that has closed, and nothing else of it", () => {
		metrics = new RoomMetrics();
		const room = open(dots);
		for (let i = 0; i < 10; i++) room.runTick();
		metrics.closed(room);
		room.runTick();
		metrics.settle();
		expect([...metrics.games.values()].map(({ counts }) => counts.ticks)).toEqual([10]);
		expect([metrics.watchOf(room), [...metrics.running]]).toEqual([null, []]);
	});
});

describe("GET /metrics", () => {
	let live: LiveServer;
	let neighbour: Neighbour;
	let families: Map<string, Family>;
	beforeAll(async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-metrics-"));
		live = await listen({
			...{ games: [dots], admin: { token: TOKEN }, recovery: { folder } },
			webhook: { url: "http://127.0.0.1:9/", secret: "a secret of tests" },
			hooks: { request: () => ({}) },
		});
		neighbour = await Neighbour.join(live.url, "dots");
		await neighbour.moreSnapshots(5);
		families = await scrape();
	});
	afterAll(async () => {
		await neighbour.leave();
		await live.server.close();
	});

	async function scrape(): Promise<Map<string, Family>> {
		const response = await fetch(`${live.url}/metrics`);
		expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
		return readExposition(await response.text());
	}

	it("follows the format, the naming rules and the base units", () => {
		for (const [name, { type, help }] of families) {
			expect(name).toMatch(/^(hotstep|process|nodejs)_[a-z0-9_]+$/);
			expect(name.endsWith("_total")).toBe(type === "counter");
			expect(name).not.toMatch(/_(ms|millis|milliseconds|kb|mb|percent)(_|$)/);
			expect(help).toMatch(/^[A-Z].*\.$/);
		}
	});

	it("has histograms whose buckets grow to their count", () => {
		const histograms = [...families].filter(([, { type }]) => type === "histogram");
		expect(histograms.length).toBeGreaterThan(3);
		for (const [name, { samples }] of histograms) {
			const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
			const values = buckets.map(({ value }) => value);
			expect(values).toEqual([...values].sort((a, b) => a - b));
			expect(buckets.at(-1)?.labels.le).toBe("+Inf");
			expect(samples.find((s) => s.name === `${name}_count`)?.value).toBe(values.at(-1));
		}
	});

	it("labels by game and version, never by room or player", () => {
		const names = new Set<string>();
		for (const { samples } of families.values()) {
			for (const { labels } of samples) for (const name of Object.keys(labels)) names.add(name);
		}
		expect([...names].sort()).toEqual([
			"build",
			"error",
			"game",
			"kind",
			"le",
			"outcome",
			"reason",
			"target",
			"version",
		]);
		expect(sampleOf(families, "hotstep_clients", { game: "dots", version: "1" })).toBe(1);
		expect(sampleOf(families, "hotstep_connections_total")).toBe(1);
	});

	it("counts what goes on", async () => {
		const before = await scrape();
		await neighbour.moreSnapshots(3);
		const after = await scrape();
		const growth = (name: string, labels = {}): number =>
			sampleOf(after, name, labels) - sampleOf(before, name, labels);
		expect(growth("hotstep_ticks_total")).toBeGreaterThanOrEqual(6);
		expect(growth("hotstep_snapshots_total")).toBeGreaterThanOrEqual(2);
		expect(growth("hotstep_snapshot_bytes_total", { kind: "delta" })).toBeGreaterThan(0);
		expect(growth("hotstep_snapshot_bytes_total", { kind: "keyframe" })).toBe(0);
		expect(growth("hotstep_fuel_units_total")).toBeGreaterThan(0);
	});

	it("says whether rooms are protected by their log, and what that wrote", () => {
		const figure = (name: string): number => families.get(name)?.samples[0]?.value ?? -1;
		expect(figure("hotstep_log_held")).toBe(1);
		expect(figure("hotstep_log_written_bytes_total")).toBeGreaterThan(100);
		expect(figure("hotstep_log_lag_bytes")).toBeGreaterThanOrEqual(0);
	});

	it("has every metric that the dashboard and the alerts ask for", () => {
		const known = new Set(["up"]);
		for (const { samples } of families.values()) for (const { name } of samples) known.add(name);
		const read = (name: string): string =>
			readFileSync(new URL(`../../../docs/monitoring/${name}`, import.meta.url), "utf8");
		const dashboard = JSON.parse(read("dashboard.json")) as Dashboard;
		const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map((t) => t.expr));
		expressions.push(...dashboard.templating.list.map(({ definition = "" }) => definition));
		expect(expressions.length).toBeGreaterThan(40);
		const alerts = read("alerts.yml");
		const asked = (text: string): string[] => text.match(/\b(hotstep|process|nodejs)_\w+/g) ?? [];
		expect(
			[...asked(expressions.join("\n")), ...asked(alerts)].filter((n) => !known.has(n)),
		).toEqual([]);
	});

	it("has a dashboard whose panels do not overlap and name their data source", () => {
		const file = new URL("../../../docs/monitoring/dashboard.json", import.meta.url);
		const { panels, uid, schemaVersion, templating } = JSON.parse(
			readFileSync(file, "utf8"),
		) as Dashboard;
		expect([uid, schemaVersion]).toEqual(["hotstep", 39]);
		expect(templating.list.map(({ name }) => name)).toContain("datasource");
		expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
		const taken = new Set<string>();
		for (const { gridPos, type, datasource } of panels) {
			if (type !== "row") expect(datasource?.uid).toMatch(/^\$\{datasource\}$/);
			for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
				for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
					expect([x < 24, taken.has(`${x} ${y}`)]).toEqual([true, false]);
					taken.add(`${x} ${y}`);
				}
			}
		}
	});
});

interface Dashboard {
	readonly uid: string;
	readonly schemaVersion: number;
	readonly panels: readonly {
		readonly id: number;
		readonly type: string;
		readonly datasource?: { readonly uid: string };
		readonly gridPos: { x: number; y: number; w: number; h: number };
		readonly targets?: readonly { readonly expr: string }[];
	}[];
	readonly templating: {
		readonly list: readonly { readonly name: string; readonly definition?: string }[];
	};
}
