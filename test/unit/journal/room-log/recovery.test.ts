import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Simulation } from "../../../../protocol/abi/simulation.ts";
import { stateHash } from "../../../../protocol/abi/state-hash.ts";
import { SeededRandom } from "../../../../protocol/seeded-random.ts";
import { runTick } from "../../../../server/history/stretch.ts";
import { Attempts } from "../../../../server/journal/room-log/attempts.ts";
import { folderDisk } from "../../../../server/journal/room-log/log-disk.ts";
import { removeFiles } from "../../../../server/journal/room-log/log-folder.ts";
import { LOG_LIMITS } from "../../../../server/journal/room-log/log-limits.ts";
import {
	expiredFiles,
	type LoggedRoom,
	type LoggedStretch,
	readRoomLog,
} from "../../../../server/journal/room-log/read-room-log.ts";
import { planRecovery } from "../../../../server/journal/room-log/recovery-plan.ts";
import { RoomLogWriter } from "../../../../server/journal/room-log/room-log-writer.ts";
import { type GameModule, instantiate } from "../../../../server/module/game-module.ts";
import { ModuleFiles } from "../../../../server/module/module-files.ts";
import { loadFixture } from "../../../support/load-fixture.ts";
import { sha } from "./fake-room.ts";

let dots: GameModule;
let folder: string;
beforeAll(async () => {
	dots = await loadFixture("dots");
});
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-log-"));
});
afterEach(() => rm(folder, { recursive: true }));

function begin(seed: number): Simulation {
	const simulation = instantiate(dots, () => {});
	expect(simulation.init(seed)).toBeNull();
	return simulation;
}

function openWriter(incarnation: string): RoomLogWriter {
	return new RoomLogWriter({
		...{ worker: 0, incarnation, disk: folderDisk(folder), durability: "process" as const },
		onTrouble: (name, detail) => expect([name, detail]).toEqual([]),
	});
}

/** Plays a room of dots and logs it, as a worker does. */
async function play(writer: RoomLogWriter, ticks: number): Promise<Simulation> {
	const simulation = begin(5);
	const random = new SeededRandom(9);
	const log = writer.open({
		about: {
			...{ id: "lobby", epoch: 1, game: dots.name, seed: 5, firstTick: 0, moduleHash: dots.hash },
			rawHash: await new ModuleFiles(path.join(folder, "modules")).keep(dots),
			settings: new TextEncoder().encode('{"map":"a"}'),
		},
		tickRate: 60,
		state: simulation,
	});
	const { inbox, descriptor } = simulation;
	for (let tick = 0; tick < ticks; tick++) {
		inbox.clear();
		if (tick === 3) {
			inbox.join(1, "ann");
			const tokenHash = sha("ann's token");
			log.seat({ number: 1, name: "ann", user: "u1", tokenHash, heldUntilMs: null });
		}
		if (tick > 3) inbox.input(1, random.bytes(descriptor.input.size), 0, 0);
		if (tick === ticks - 10) inbox.join(2, "bob");
		const bytes = inbox.written().slice();
		expect(runTick(simulation, tick, bytes)).toBeNull();
		log.tick(tick, bytes, simulation.fuelSpent);
		if ((tick + 1) % 60 === 0) log.hash(tick + 1, stateHash(simulation, tick + 1));
		writer.flush();
		if (tick % 60 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
	}
	return simulation;
}

/** Runs a stretch on rules from the log's own folder; gives the hash at its end. */
async function recover(room: LoggedRoom, stretch: LoggedStretch): Promise<Simulation> {
	const game = await new ModuleFiles(path.join(folder, "modules")).load(room.rawHash);
	expect(game.hash).toBe(room.moduleHash);
	const simulation = instantiate(game, () => {});
	expect(simulation.init(room.seed)).toBeNull();
	if (stretch.image !== null) simulation.restore(stretch.image);
	stretch.inboxes.forEach((inbox, i) => {
		if (inbox !== null) expect(runTick(simulation, stretch.firstTick + i, inbox)).toBeNull();
	});
	return simulation;
}

describe("recovery from a folder", () => {
	it("brings a room back to the very state, with its seats, though its writer never ended", async () => {
		const simulation = await play(openWriter("one"), 700);
		const { rooms, problems } = readRoomLog(folder);
		expect(problems).toEqual([]);
		const [room] = rooms as [LoggedRoom];
		expect(room).toMatchObject({ id: "lobby", epoch: 1, game: "dots", lastHash: { tick: 660 } });
		expect(room.seats).toEqual([
			{ number: 1, name: "ann", user: "u1", tokenHash: sha("ann's token"), heldUntilMs: null },
		]);
		expect(room.stretch.firstTick).toBeGreaterThan(400);
		const plan = planRecovery(room, 0, 60);
		const again = await recover(room, plan.stretch as LoggedStretch);
		expect(stateHash(again, 700)).toBe(stateHash(simulation, 700));
		expect(plan).toMatchObject({ step: "all", hash: room.lastHash, report: null });
	});

	it("goes on in a new life with a higher epoch, after which the old files may go", async () => {
		await play(openWriter("one"), 100);
		const before = readRoomLog(folder);
		const [room] = before.rooms as [LoggedRoom];
		const simulation = await recover(room, room.stretch);
		const writer = openWriter("two");
		const { id, game, seed, settings, moduleHash, rawHash, seats } = room;
		const about = { id, epoch: 2, game, seed, settings, moduleHash, rawHash, firstTick: 100 };
		writer.open({ about, tickRate: 60, state: simulation, seats });
		writer.flush();
		const both = readRoomLog(folder);
		expect(both.rooms.map(({ epoch, series }) => [epoch, series])).toEqual([[2, "w0-two"]]);
		const dead = new Set(["w0-one"]);
		expect(expiredFiles(before, () => false, dead)).toEqual([]);
		// nothing in it is needed, but its writer may live
		expect(expiredFiles(before, (_, epoch) => epoch === 1, new Set())).toEqual([]);
		const old = expiredFiles(before, (_, epoch) => epoch === 1, dead);
		expect(old).toEqual(["w0-one-1.hsl"]);
		await removeFiles(folder, [...old, "w0-gone-1.hsl"]);
		const after = readRoomLog(folder);
		expect(after.rooms[0]?.stretch.firstTick).toBe(100);
		const again = await recover(
			after.rooms[0] as LoggedRoom,
			(after.rooms[0] as LoggedRoom).stretch,
		);
		expect(stateHash(again, 100)).toBe(stateHash(simulation, 100));
		expect((await readdir(folder)).sort()).toEqual(["modules", "w0-two-1.hsl"]);
	});

	it("leaves more out with each attempt that killed the process, and closes the room in the end", async () => {
		await play(openWriter("one"), 700);
		const [room] = readRoomLog(folder).rooms as [LoggedRoom];
		const { firstTick, inboxes } = room.stretch;
		const file = path.join(folder, "attempts");
		const steps: string[] = [];
		for (let life = 0; life < 5; life++) {
			// each life of the process reads what the last one noted
			const attempts = new Attempts(file);
			const plan = planRecovery(room, attempts.count(room, 60), 60);
			steps.push(plan.step);
			expect(attempts.note(room)).toBeNull();
			appendFileSync(file, '{"id":"lob');
			if (plan.step === "withoutLastInputs") {
				expect(plan).toMatchObject({ doubtfulTicks: 60, hash: null });
				const lengths = plan.stretch?.inboxes.slice(-12).map((inbox) => inbox?.length);
				// bob's join stays
				expect(lengths?.filter((length) => length !== 0)).toHaveLength(1);
				expect(plan.stretch?.inboxes.slice(0, -60)).toEqual(inboxes.slice(0, -60));
				await recover(room, plan.stretch as LoggedStretch);
			}
			if (plan.step === "imageAlone") {
				expect(plan.stretch).toMatchObject({ firstTick, inboxes: [] });
				expect(plan.makeUp).toEqual({ leave: [], join: [2] });
				expect(plan.doubtfulTicks).toBe(inboxes.length);
			}
			if (plan.step === "close")
				expect([plan.stretch, plan.report]).toEqual([
					null,
					expect.stringMatching(/^ERR_LOG_POISON: room lobby/),
				]);
		}
		expect(steps).toEqual(["all", "withoutLastInputs", "imageAlone", "close", "close"]);
	});

	it("forgives a room that has long outlived its attempts, and one that is another of the same name", async () => {
		await play(openWriter("one"), 700);
		const [room] = readRoomLog(folder).rooms as [LoggedRoom];
		const file = path.join(folder, "attempts");
		const attempts = new Attempts(file);
		attempts.note(room);
		const later = (ticks: number): LoggedRoom => ({
			...room,
			stretch: { ...room.stretch, firstTick: room.stretch.firstTick + ticks },
		});
		expect(attempts.count(room, 60)).toBe(1);
		expect(attempts.count(later(599), 60)).toBe(1);
		expect(attempts.count(later(600), 60)).toBe(0);
		expect(attempts.count({ ...room, seed: 6 }, 60)).toBe(0);
		writeFileSync(file, `{}\n[]\nnull\n\u0000\n${"x".repeat(LOG_LIMITS.attemptsBytes)}\n`);
		expect(new Attempts(file).count(room, 60)).toBe(0);
		expect(readFileSync(file).length).toBeLessThan(100);
		attempts.clear();
		expect(new Attempts(file).count(room, 60)).toBe(0);
		expect(new Attempts(path.join(folder, "no", "where")).note(room)).toMatch(/ENOENT/);
	});

	it("makes nothing of inboxes that no host wrote", () => {
		const room = (inboxes: Uint8Array[]): LoggedRoom =>
			({
				id: "x",
				epoch: 1,
				lastHash: null,
				stretch: { firstTick: 0, image: null, inboxes },
			}) as never;
		const random = new SeededRandom(4);
		for (let i = 0; i < 2_000; i++) {
			const odd = room([random.bytes(random.below(40)), random.bytes(random.below(40))]);
			for (const attempts of [0, 1, 2, 3, 9])
				expect(planRecovery(odd, attempts, 60).step).toBeDefined();
		}
	});

	it("is told of a disk that is really full", async (context) => {
		const mount = path.join(folder, "small");
		try {
			execFileSync("mkdir", [mount]);
			execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", mount], { stdio: "pipe" });
		} catch {
			return context.skip("only root can make a small file system");
		}
		try {
			const said: string[] = [];
			let nowMs = 0;
			const writer = new RoomLogWriter({
				...{ worker: 0, incarnation: "t", disk: folderDisk(mount), durability: "process" as const },
				now: () => nowMs,
				onTrouble: (name) => said.push(name),
				onHeld: () => said.push("held"),
			});
			const about = { id: "a", epoch: 1, game: "dots", seed: 1, firstTick: 0 };
			const hashes = { moduleHash: sha("a"), rawHash: sha("b"), settings: new Uint8Array(0) };
			const state = begin(1);
			const log = writer.open({ about: { ...about, ...hashes }, tickRate: 60, state });
			const random = new SeededRandom(1);
			for (let tick = 0; tick < 400; tick++) {
				log.tick(tick, random.bytes(1_000), 1);
				writer.flush();
				nowMs += 16;
			}
			expect(said).toEqual(["ERR_LOG_FULL"]);
			const { rooms, problems, files } = readRoomLog(mount);
			expect([problems, files[0]?.cutAt]).toEqual([[], expect.any(Number)]);
			expect(rooms[0]?.stretch.inboxes.length).toBeGreaterThan(80);
			execFileSync("mount", ["-o", "remount,size=8m", mount]);
			nowMs += LOG_LIMITS.mostRetryMs;
			for (let tick = 400; tick < 420; tick++) {
				log.tick(tick, random.bytes(1_000), 1);
				writer.flush();
				await new Promise((resolve) => setTimeout(resolve, 2));
			}
			expect(said).toEqual(["ERR_LOG_FULL", "held"]);
			const [again] = readRoomLog(mount).rooms as [LoggedRoom];
			expect(again.stretch.firstTick + again.stretch.inboxes.length).toBe(420);
			await writer.finish();
		} finally {
			execFileSync("umount", ["-l", mount]);
		}
	});
});
