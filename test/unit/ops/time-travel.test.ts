import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { StateAnswer } from "../../../protocol/admin-answers.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { recordTo } from "../../../server/journal/journal-folder.ts";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import { silentLog } from "../../../server/log.ts";
import { type GameModule, instantiate } from "../../../server/module/game-module.ts";
import { readMap } from "../../../server/ops/time-travel/read-map.ts";
import { readState } from "../../../server/ops/time-travel/read-state.ts";
import { TimeTravel } from "../../../server/ops/time-travel/time-travel.ts";
import type { Recorder } from "../../../server/room/recorder.ts";
import { Room } from "../../../server/room/room.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { buildMedley } from "../../support/build-medley.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

const ALL = { table: "dot", offset: 0, limit: SERVER_LIMITS.adminRows, map: false };

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

/** A room of dots with two players who move differently in every tick. */
function playedRoom(
	ticks: number,
	seen: (room: Room) => void = () => {},
	recorder: Recorder | null = null,
): Room {
	const room = new Room({
		id: "r",
		game: dots,
		clock: new VirtualClock(),
		seed: 5,
		...(recorder ? { recorder } : {}),
	});
	const players = ["Ann", "Bob"].map((name) => room.join(new RecordingSink(), name));
	for (let i = 0; i < ticks; i++) {
		seen(room);
		players.forEach((player, p) => {
			if ("error" in player) throw new Error(player.error);
			const inputs = new Uint8Array([(i * 7 + p) % 100, (i * 3) % 50]);
			room.receiveInput(player, { type: "input", ackTick: 0, tick: room.tick, inputs });
		});
		room.runTick();
	}
	return room;
}

function rowsOf(state: StateAnswer | Refusal) {
	if ("error" in state) throw new Error(`${state.error}: ${state.detail}`);
	return state.page?.rows;
}

describe("states of the past", () => {
	it("are those that the room had, and looking changes nothing in it", async () => {
		const past = new TimeTravel();
		const seen = new Map<number, unknown>();
		const room = playedRoom(300, ({ simulation, tick }) => {
			seen.set(tick, rowsOf(readState(simulation, tick, "live", ALL)));
		});
		const before = room.stateHash();
		const first = room.history.firstTick;
		expect(first).toBeGreaterThan(100);
		for (const tick of [first, first + 1, first + 40, 299]) {
			const state = await past.ask(room, tick, ALL, null);
			expect(state).toMatchObject({ tick, source: "memory", version: 1 });
			expect(rowsOf(state)).toEqual(seen.get(tick));
		}
		expect(room.stateHash()).toBe(before);
		for (const tick of [first - 1, 301, 0]) {
			expect(await past.ask(room, tick, ALL, null)).toMatchObject({ error: "ERR_PAST_TICK" });
		}
		past.close();
	});

	it("can be held, whatever the room forgets and becomes, and gone through in any order", async () => {
		const past = new TimeTravel();
		const seen = new Map<number, unknown>();
		const room = playedRoom(200, ({ simulation, tick }) => {
			seen.set(tick, rowsOf(readState(simulation, tick, "live", ALL)));
		});
		const held = past.hold(room);
		if ("error" in held) throw new Error(held.detail);
		expect(held.toTick).toBe(200);
		const next = await loadVariant({ schema: replace("version: 1", "version: 2") });
		for (let i = 0; i < 300; i++) room.runTick();
		swapRoom(room, next);
		room.runTick();
		expect(room.history.firstTick).toBe(500);
		for (const tick of [held.fromTick, 199, 150, 150, held.fromTick + 3]) {
			expect(rowsOf(await past.ask(room, tick, ALL, held.hold))).toEqual(seen.get(tick));
		}
		for (const tick of [held.fromTick - 1, 201]) {
			expect(await past.ask(room, tick, ALL, held.hold)).toMatchObject({ error: "ERR_PAST_TICK" });
		}
		for (let i = 0; i < SERVER_LIMITS.pastHolds; i++) past.hold(room);
		expect(await past.ask(room, 150, ALL, held.hold)).toMatchObject({ error: "ERR_PAST_HOLD" });
		past.close();
	});

	it("come from the journal's file when the room has forgotten them", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-past-"));
		const recorder = recordTo(folder, silentLog)(dots);
		const past = new TimeTravel();
		const seen = new Map<number, unknown>();
		const room = playedRoom(
			400,
			({ simulation, tick }) => {
				seen.set(tick, rowsOf(readState(simulation, tick, "live", ALL)));
			},
			recorder,
		);
		expect(room.history.firstTick).toBeGreaterThan(200);
		// a file that is still being written: what is not on the disk yet is said to be missing
		const ask = (tick: number) => past.ask(room, tick, ALL, null);
		await expect
			.poll(async () => "error" in (await ask(200)), { timeout: 10_000, interval: 50 })
			.toBe(false);
		for (const tick of [200, 60, 61, 0, 200]) {
			const state = await ask(tick);
			expect(state).toMatchObject({ tick, source: "file" });
			expect(rowsOf(state)).toEqual(seen.get(tick));
		}
		recorder.close(room);
		await recorder.finished;
		expect(recorder.bytes).toBe((await stat(recorder.file ?? "")).size);
		past.close();
		await rm(folder, { recursive: true });
	});

	it("are asked for a few at a time", async () => {
		const past = new TimeTravel();
		const room = playedRoom(100);
		const asked = Array.from({ length: SERVER_LIMITS.pastQueries + 3 }, () =>
			past.ask(room, 50, ALL, null),
		);
		const answers = await Promise.all(asked);
		expect(
			answers.filter((answer) => "error" in answer).map((a) => "error" in a && a.error),
		).toEqual(new Array(3).fill("ERR_PAST_BUSY"));
		const late = past.ask(room, 50, ALL, null);
		past.close();
		expect(await late).toMatchObject({ error: "ERR_PAST_CRASH" });
	});
});

describe("a state in JSON", () => {
	it("keeps 64 bits, NaN and infinities, which JSON has not", async () => {
		const medley = await buildMedley((schema) =>
			schema.replace("secret: u32()", "secret: u64()").replace("u16, u32 }", "u16, u32, u64 }"),
		);
		const simulation = instantiate(medley, () => {});
		const fill = (name: string, values: Readonly<Record<string, number | bigint>>): void => {
			const table = simulation.tables.find((t) => t.name === name);
			if (!table) throw new Error(name);
			table.gen[1] = 3;
			table.usedCell[0] = 2;
			for (const [column, value] of Object.entries(values)) {
				const found = table.columns.find(({ about }) => about.name === column);
				(found?.values as unknown as (number | bigint)[])[1] = value;
			}
		};
		fill("hidden", { secret: 2n ** 64n - 1n });
		fill("mover", {
			total: 1 / 3,
			speed: Number.NaN,
			raw: Number.NEGATIVE_INFINITY,
			x: 0.1,
			shots: 4e9,
		});
		const read = (table: string) => {
			const text = JSON.stringify(readState(simulation, 0, "live", { ...ALL, table }));
			const { page, tables } = JSON.parse(text) as StateAnswer;
			const names =
				tables.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? [];
			expect(page?.rows).toHaveLength(1);
			const [row, gen, ...cells] = page?.rows[0] ?? [];
			return { row, gen, ...Object.fromEntries(names.map((name, i) => [name, cells[i]])) };
		};
		expect(read("hidden")).toEqual({ row: 1, gen: 3, secret: "18446744073709551615" });
		expect(read("mover")).toMatchObject({
			total: 1 / 3,
			speed: "NaN",
			raw: "-Infinity",
			x: 0.1,
			shots: 4e9,
		});
	});

	it("has a page of live rows only, and a map that leaves out what is nowhere", async () => {
		const arena = await loadFixture("arena");
		const simulation = instantiate(arena, () => {});
		const ship = simulation.tables.find(({ name }) => name === "ship");
		if (!ship) throw new Error("no ship");
		const column = (name: string) =>
			ship.columns.find(({ about }) => about.name === name)?.values as Float32Array;
		for (const table of simulation.tables) table.gen.fill(0);
		ship.usedCell[0] = 0xffff_ffff; // whatever the module says
		for (const row of [2, 5, 9, 63]) {
			ship.gen[row] = 1;
			column("x")[row] = row;
			column("y")[row] = row === 9 ? Number.NaN : -row;
			column("player")[row] = row;
		}
		const page = (offset: number, limit: number) =>
			rowsOf(readState(simulation, 0, "live", { table: "ship", offset, limit, map: false }))?.map(
				([row]) => row,
			);
		expect([page(0, 200), page(1, 2), page(3, 200), page(4, 200)]).toEqual([
			[2, 5, 9, 63],
			[5, 9],
			[63],
			[],
		]);
		const map = readMap(simulation.tables);
		expect(map).toMatchObject({ minX: 2, maxX: 63, minY: -63, maxY: -2, every: 1 });
		const set = map?.sets.find(({ table }) => table === "ship");
		const words = (text = ""): number[] => {
			const bytes = Buffer.from(text, "base64");
			return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(i * 2));
		};
		expect([words(set?.rows), words(set?.owners ?? "")]).toEqual([
			[2, 5, 63],
			[2, 5, 63],
		]);
		expect([words(set?.x), words(set?.y)]).toEqual([
			[0, Math.round((3 / 61) * 65_535), 65_535],
			[65_535, Math.round((58 / 61) * 65_535), 0],
		]);
	});
});
