import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
	ClosedAnswer,
	Overview,
	RoomAnswer,
	StateAnswer,
} from "../../../protocol/admin-answers.ts";
import { type JournalFolder, recordTo } from "../../../server/journal/journal-folder.ts";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import { silentLog } from "../../../server/log.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { judge, type RoomFacts } from "../../../server/ops/admin/warnings.ts";
import { ClosedRooms } from "../../../server/ops/closed-rooms.ts";
import { FaultLog } from "../../../server/room/fault-log.ts";
import type { FaultReport } from "../../../server/room/fault-report.ts";
import { Moments } from "../../../server/room/moments.ts";
import { Room } from "../../../server/room/room.ts";
import { type LiveServer, listen, Neighbour } from "../../support/live-server.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

const TOKEN = "a-token-of-a-test";

const CALM: RoomFacts = {
	tickMs: 1000 / 60,
	isPaused: false,
	onProbation: false,
	rollbacks: 0,
	abortedTicks: 0,
	sinceFaultMs: Number.POSITIVE_INFINITY,
	sinceDropMs: Number.POSITIVE_INFINITY,
	droppedTicks: 0,
	latenessMsPeak: 3,
	fuelShare: 0.2,
	lagging: 0,
	clients: 16,
};

function report(tick: number, change: Partial<FaultReport> = {}): FaultReport {
	return {
		kind: "trap",
		detail: `row ${tick} is odd`,
		room: "r",
		tick,
		moduleHash: "abc",
		version: 1,
		frames: [],
		inbox: "",
		fuelSpent: 1,
		outcome: { kind: "retried", withoutPlayer: 0 },
		...change,
	};
}

describe("what needs attention", () => {
	it.each<[string, Partial<RoomFacts>, string[]]>([
		["a calm room", {}, []],
		["late by less than a tick", { latenessMsPeak: 16 }, []],
		["late by a tick", { latenessMsPeak: 17 }, ["attention late"]],
		["late by two", { latenessMsPeak: 34 }, ["alarm late"]],
		["paused, whatever its clock says", { isPaused: true, latenessMsPeak: 900 }, ["alarm paused"]],
		["a tick failed just now", { abortedTicks: 1, sinceFaultMs: 500 }, ["alarm failed"]],
		["a tick failed an hour ago", { abortedTicks: 1, sinceFaultMs: 3.6e6 }, ["attention failed"]],
		["time was dropped just now", { droppedTicks: 9, sinceDropMs: 0 }, ["alarm dropped"]],
		["half a minute ago", { droppedTicks: 9, sinceDropMs: 30_000 }, ["attention dropped"]],
		["long ago", { droppedTicks: 9, sinceDropMs: 90_000 }, []],
		["late, but nobody is there", { latenessMsPeak: 34, clients: 0 }, ["attention late"]],
		["one of 16 lags", { lagging: 1 }, ["attention lagging"]],
		["most lag", { lagging: 9 }, ["alarm lagging"]],
		["a single player who lags", { lagging: 1, clients: 1 }, ["attention lagging"]],
		["fuel gets short", { fuelShare: 0.75 }, ["attention fuel"]],
		["fuel runs out", { fuelShare: 0.95 }, ["alarm fuel"]],
		["new rules", { onProbation: true }, ["attention probation"]],
		["taken back", { rollbacks: 2 }, ["attention rolledBack"]],
	])("%s", (_, facts, expected) => {
		const found = judge({ ...CALM, ...facts }).map(({ grade, kind }) => `${grade} ${kind}`);
		expect(found).toEqual(expected);
	});
});

describe("a room's moments", () => {
	it("are bounded, and those who come and go give way to what matters more", () => {
		const moments = new Moments();
		moments.note("swap", 1, "v1 → v2");
		for (let i = 0; i < 2 * SERVER_LIMITS.roomMoments; i++) {
			moments.note(i % 2 ? "leave" : "join", 10 + i, "Ann");
		}
		expect(moments.list).toHaveLength(SERVER_LIMITS.roomMoments);
		expect(moments.list[0]).toMatchObject({ kind: "swap", tick: 1 });
		expect(moments.list[1]).toMatchObject({ tick: 10 + SERVER_LIMITS.roomMoments + 1 });
		for (let i = 0; i < 2 * SERVER_LIMITS.roomMoments; i++) moments.note("swap", 9_000 + i, "");
		expect(moments.list).toHaveLength(SERVER_LIMITS.roomMoments);
		expect(moments.list.every(({ kind }) => kind === "swap")).toBe(true);
	});

	it("of a fault in a row are one, with its first and last tick", () => {
		const moments = new Moments();
		for (let tick = 5; tick < 500; tick++) moments.note("fault", tick, `trap ${tick}`);
		expect(moments.list).toEqual([
			{ kind: "fault", tick: 5, toTick: 499, count: 495, detail: "trap 499" },
		]);
		expect([moments.lastTick("fault"), moments.lastTick("swap")]).toEqual([499, -1]);
		moments.note("dropped", 500, "");
		moments.note("fault", 501, "");
		moments.note("dropped", 502, "");
		moments.note("join", 502, "Ann");
		moments.note("fault", 503, "");
		moments.note("fault", 5_000, "");
		expect(moments.list.map(({ kind, tick, count }) => `${kind} ${tick} ${count}`)).toEqual([
			"fault 5 496",
			"dropped 500 2",
			"join 502 1",
			"fault 503 1",
			"fault 5000 1",
		]);
	});
});

describe("a fault that repeats", () => {
	it("is one entry, however its numbers change; others keep theirs", () => {
		const faults = new FaultLog();
		for (let tick = 0; tick < 100; tick++) {
			faults.add(report(tick));
			if (tick % 10 === 0) faults.add(report(tick, { detail: "other", frames: ["f (a.ts:1:1)"] }));
			if (tick === 50) faults.add(report(tick, { moduleHash: "def" }));
		}
		expect(
			faults.repeated.map(({ count, firstTick, report: last }) => [count, firstTick, last.tick]),
		).toEqual([
			[1, 50, 50],
			[10, 0, 90],
			[100, 0, 99],
		]);
		expect(faults.reports).toHaveLength(SERVER_LIMITS.faultReports);
		for (let i = 0; i < 100; i++) faults.add(report(i, { moduleHash: `${i}` }));
		expect(faults.repeated).toHaveLength(SERVER_LIMITS.faultReports);
	});
});

describe("the admin API", () => {
	let fragile: GameModule;
	let live: LiveServer;
	let journals: JournalFolder;
	let folder: string;
	let neighbour: Neighbour;
	beforeAll(async () => {
		fragile = await loadVariant({
			main: replace(
				"export function tick(): void {",
				"export function tick(): void { if (ctx.tick >= 100 && dot.used > 0) unreachable();",
			),
		});
		folder = await mkdtemp(path.join(tmpdir(), "hotstep-monitor-"));
		journals = recordTo(folder, silentLog);
		live = await listen({
			games: [await loadFixture("dots")],
			admin: { token: TOKEN },
			rooms: { recorder: journals },
		});
		neighbour = await Neighbour.join(live.url, "dots");
	});
	afterAll(async () => {
		await neighbour.leave();
		await live.server.close();
		await rm(folder, { recursive: true });
	});

	async function ask<T>(path: string): Promise<T> {
		const headers = { authorization: `Bearer ${TOKEN}` };
		return (await (await fetch(`${live.url}/admin/${path}`, { headers })).json()) as T;
	}
	function open(game: GameModule): Room {
		const room = live.server.core.directory.open(game);
		if (!(room instanceof Room)) throw new Error(room.error);
		return room;
	}
	const dots = () => live.server.core.directory.games.get("dots") as GameModule;

	it("sums up all rooms, and finds, filters and sorts them", async () => {
		const [calm, paused] = [open(dots()), open(dots())];
		paused.pause();
		const list = async (query: string) => {
			const { rooms, matched } = await ask<Overview>(`overview?${query}`);
			return [matched, ...rooms.map(({ id }) => id)];
		};
		const { room } = neighbour;
		expect(await ask<Overview>("overview")).toMatchObject({
			roomCount: 3,
			totals: { players: 1, spectators: 0, kinds: { paused: 1 } },
		});
		expect(await list("")).toEqual([3, room, calm.id, paused.id]);
		expect((await list("sort=attention")).slice(0, 2)).toEqual([3, paused.id]);
		expect((await list("sort=players")).slice(0, 2)).toEqual([3, room]);
		expect(await list("only=paused")).toEqual([1, paused.id]);
		expect((await list("only=alarm")).slice(1)).toContain(paused.id);
		expect(await list("search=nEIGHb")).toEqual([1, room]);
		expect(await list(`search=${calm.id.slice(2).toLowerCase()}`)).toEqual([1, calm.id]);
		expect(await list("search=dots%20v1&limit=1")).toEqual([3, room]);
		expect(await list("search=dots%20v2")).toEqual([0]);
		expect(await ask("overview?sort=rank")).toMatchObject({ error: "ERR_ADMIN_QUERY" });
		const long = "x".repeat(SERVER_LIMITS.adminSearchChars + 1);
		expect(await ask(`overview?search=${long}`)).toMatchObject({ error: "ERR_ADMIN_QUERY" });
		paused.resume();
		for (const each of [calm, paused]) live.server.core.directory.close(each, "empty");
		expect((await ask<Overview>("overview")).totals.kinds.paused).toBeUndefined();
	});

	it("keeps a room that failed, with its faults, its moments and its journal", async () => {
		const room = open(fragile);
		const joined = room.join(new RecordingSink(), "Ann");
		expect(joined).not.toHaveProperty("error");
		await expect.poll(() => room.fault !== null, { timeout: 10_000 }).toBe(true);
		const { rooms } = await ask<ClosedAnswer>("closed");
		const line = rooms[0];
		expect(line).toMatchObject({ id: room.id, why: "fault", tick: 100, version: 1, faults: 1 });
		expect(line?.lastFault).toMatch(/^trap: /);
		expect((await ask<Overview>("overview")).closed).toEqual({ failed: 1, revision: line?.key });
		const answer = await ask<RoomAnswer>(`closed/${line?.key}`);
		expect(answer).toMatchObject({
			room: { id: room.id, tick: 100 },
			closed: { why: "fault" },
			faults: [{ kind: "trap", count: 1, tick: 100, outcome: "closed" }],
			moments: [
				{ kind: "join", tick: 0, detail: "Ann" },
				{ kind: "fault", tick: 100 },
			],
			recorded: { fromTick: 0, toTick: 100, file: line?.file },
		});
		const state = (tick: number) =>
			ask<StateAnswer>(`closed/${line?.key}/state?table=dot&tick=${tick}`);
		await expect.poll(() => state(100), { timeout: 10_000 }).toMatchObject({ tick: 100 });
		expect(await state(50)).toMatchObject({ source: "file", page: { table: "dot" } });
		expect((await state(50)).page?.rows).toHaveLength(1);
		expect((await state(0)).page?.rows).toHaveLength(0);
		expect(await state(101)).toMatchObject({ error: "ERR_PAST_TICK" });
		expect(await ask("closed/9999")).toMatchObject({ error: "ERR_ADMIN_ROOM" });
		expect(await ask("closed/__proto__/state")).toMatchObject({ error: "ERR_ADMIN_ROOM" });
	}, 30_000);
});

describe("rooms that are over", () => {
	it("are a bounded number, and the failed ones stay when others close", async () => {
		const closed = new ClosedRooms();
		const room = { id: "r", game: "dots", version: 1, hash: "", tick: 1, tickRate: 60 };
		const answer = { room, faults: [], recorded: { file: null } } as unknown as RoomAnswer;
		closed.keep(answer, "fault", 1, null);
		for (let i = 0; i < 3 * SERVER_LIMITS.closedRooms; i++) closed.keep(answer, "empty", i, null);
		expect(closed.list).toHaveLength(SERVER_LIMITS.closedRooms + 1);
		expect([closed.failed, closed.list.at(-1)?.why]).toEqual([1, "fault"]);
		for (let i = 0; i < 3 * SERVER_LIMITS.closedRooms; i++) closed.keep(answer, "fault", i, null);
		expect(closed.failed).toBe(SERVER_LIMITS.closedRooms);
	});
});

describe("a room notes", () => {
	it("who came and went, pauses, dropped time", async () => {
		const clock = new VirtualClock();
		const room = new Room({ id: "r", game: await loadFixture("dots"), clock, seed: 1 });
		const ann = room.join(new RecordingSink(), "Ann");
		if ("error" in ann) throw new Error(ann.error);
		for (let i = 0; i < 5; i++) room.runTick();
		room.pause();
		room.resume();
		room.leave(ann);
		room.start(0);
		room.runDue(1_000_000);
		expect(room.moments.list.map(({ kind, tick }) => `${kind} ${tick}`)).toEqual([
			"join 0",
			"pause 5",
			"resume 5",
			"leave 5",
			expect.stringMatching(/^dropped \d+$/),
		]);
	});
});
