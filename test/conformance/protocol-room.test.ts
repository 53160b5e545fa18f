import { beforeAll, describe, expect, it } from "vitest";
import type { LiveTable } from "../../protocol/abi/simulation.ts";
import { type Random, SeededRandom } from "../../protocol/seeded-random.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import type { Player } from "../../server/room/player.ts";
import { Room } from "../../server/room/room.ts";
import { swapRoom } from "../../server/swap/swap-room.ts";
import { buildMedley } from "../support/build-medley.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../support/recording-sink.ts";
import { DocumentClient, type HeardEvent, type Seen } from "./document-client.ts";
import { expectedRows } from "./quantise.ts";
import type { Row } from "./tables-reader.ts";

let medley: GameModule;
beforeAll(async () => {
	medley = await buildMedley();
});

/** A player and, at the other end of the line, a client that knows only the document. */
class Watcher {
	readonly sink = new RecordingSink();
	readonly client = new DocumentClient();
	readonly seen: Seen[] = [];
	readonly heard: HeardEvent[] = [];
	readonly player: Player;
	acknowledges = true;
	private read = 0;

	constructor(room: Room, name: string) {
		const player = room.join(this.sink, name);
		if ("error" in player) throw new Error(player.error);
		this.player = player;
		this.takeIn();
	}

	/** Decodes what arrived since. */
	takeIn(): void {
		for (; this.read < this.sink.raw.length; this.read++) {
			const seen = this.client.receive(this.sink.raw[this.read]);
			if (!seen) continue;
			this.seen.push(seen);
			this.heard.push(...seen.events);
		}
	}
}

function asText(row: Row | undefined): string {
	return row ? JSON.stringify([row.gen, row.values, row.steps]) : "nothing";
}

/** The first row in which two tables differ, or null. */
function difference(seen: ReadonlyMap<number, Row>, real: ReadonlyMap<number, Row>): string | null {
	for (const row of new Set([...seen.keys(), ...real.keys()])) {
		const [a, b] = [asText(seen.get(row)), asText(real.get(row))];
		if (a !== b) return `row ${row}: seen ${a}, in truth ${b}`;
	}
	return null;
}

/** One room with players who come, go, stall and play at random. */
class Play {
	readonly room: Room;
	readonly all: Watcher[] = [];
	readonly here = new Set<Watcher>();
	checked = 0;
	/** Rows of spatial tables that a client was not shown. */
	unseen = 0;
	private readonly clock = new VirtualClock();
	private readonly random: Random;
	private emission: ReadonlyMap<number, Row>[];
	private emissionTick = -1;

	constructor(game: GameModule, seed: number) {
		this.random = new SeededRandom(seed).next;
		this.room = new Room({ id: "r", game, clock: this.clock, seed });
		this.emission = game.schema.tables.map(() => new Map());
	}

	run(ticks: number): this {
		for (let i = 0; i < ticks; i++) {
			if (this.room.hasFreeSeat && this.random() < 0.06) this.join();
			for (const watcher of this.here) this.act(watcher);
			this.clock.ms += this.room.tickMs;
			this.room.runTick();
			if (this.room.fault) throw new Error(this.room.fault.detail);
			if (this.room.encoder.tick !== this.emissionTick) this.check();
		}
		return this;
	}

	private join(): void {
		const watcher = new Watcher(this.room, `p${this.all.length}`);
		this.all.push(watcher);
		this.here.add(watcher);
	}

	private act(watcher: Watcher): void {
		const { room, random } = this;
		const { size } = room.game.descriptor.input;
		const inputs = Uint8Array.from({ length: size * 2 }, () => random() * 256);
		const ackTick = watcher.acknowledges ? Math.max(0, watcher.client.tick) : 0;
		const tick = Math.max(0, room.tick + Math.floor(random() * 6) - 2);
		room.receiveInput(watcher.player, { type: "input", ackTick, tick, inputs, viewAge: 0 });
		if (random() < 0.01) watcher.sink.isBusy = !watcher.sink.isBusy;
		if (random() < 0.01) watcher.acknowledges = !watcher.acknowledges;
		if (random() < 0.008) {
			room.leave(watcher.player);
			this.here.delete(watcher);
		}
	}

	/** Compares what every client that got this snapshot decoded with the columns themselves. */
	private check(): void {
		this.emissionTick = this.room.encoder.tick;
		const schema = this.all[0]?.client.welcome?.schema;
		this.emission = (schema?.tables ?? []).map((shape, t) => {
			const live = this.room.simulation.tables[t];
			if (!live) throw new Error(`no table ${t}`);
			return expectedRows(shape, live, this.emission[t] as ReadonlyMap<number, Row>);
		});
		for (const watcher of this.here) {
			watcher.takeIn();
			if (watcher.client.tick !== this.emissionTick) continue;
			this.emission.forEach((real, t) => {
				const seen = watcher.client.tables?.rows[t] ?? new Map<number, Row>();
				const isSpatial = schema?.tables[t]?.isSpatial === true;
				expect(
					difference(seen, isSpatial ? this.inSight(watcher, t, real, seen) : real),
				).toBeNull();
			});
			this.checked++;
		}
	}

	/** Of the rows of a spatial table those that the client has, and those that it has to have. */
	private inSight(
		{ player }: Watcher,
		t: number,
		real: ReadonlyMap<number, Row>,
		seen: ReadonlyMap<number, Row>,
	): Map<number, Row> {
		const { tables } = this.room.simulation;
		const radius = this.room.game.descriptor.interest?.radius ?? Number.POSITIVE_INFINITY;
		const placeOf = (table: LiveTable | undefined, row: number): [number, number] => {
			const axis = (name: "x" | "y") =>
				Number(table?.columns.find(({ about }) => about.axis === name)?.values[row]);
			return [axis("x"), axis("y")];
		};
		const own = tables[0]?.columns.find(({ about }) => about.owner)?.values ?? [];
		const ownRow = own.findIndex((n, row) => tables[0]?.gen[row] !== 0 && n === player.number);
		const [x, y] = placeOf(tables[0], ownRow);
		const rows = [...real].filter(([row]) => {
			const [rowX, rowY] = placeOf(tables[t], row);
			return seen.has(row) || Math.hypot(rowX - x, rowY - y) < radius;
		});
		this.unseen += real.size - rows.length;
		return new Map(rows);
	}
}

describe("a client written from PROTOCOL.md alone", () => {
	it.each([1, 2, 3])(
		"sees the module's columns, quantised, in every snapshot of a busy room (seed %i)",
		(seed) => {
			const { all, checked } = new Play(medley, seed).run(900);
			const kinds = all.flatMap(({ seen }) => seen.flatMap((s) => s.kinds));
			const count = (kind: number) => kinds.filter((k) => k === kind).length;
			expect(checked).toBeGreaterThan(500);
			expect(count(0)).toBe(all.filter(({ seen }) => seen.length > 0).length);
			expect(count(1)).toBeGreaterThan(300);
			expect(count(2)).toBeGreaterThan(10);
		},
	);

	it("sees what is near, exactly, in a game that says how far its players see", async () => {
		const wide = await buildMedley((schema) =>
			schema
				.replace("input: {", "interest: { radius: 60, cell: 30 }, input: {")
				.replace("x: f32().quantize(1 / 4)", 'x: f32().quantize(1 / 4).axis("x")')
				.replace("spin: f32().quantizeAngle(2)", 'spin: f32().quantizeAngle(2).axis("y")'),
		);
		const { all, checked, unseen } = new Play(wide, 6).run(900);
		const kinds = all.flatMap(({ seen }) => seen.flatMap((s) => s.kinds));
		const count = (kind: number) => kinds.filter((k) => k === kind).length;
		expect(checked).toBeGreaterThan(500);
		expect(unseen).toBeGreaterThan(1000);
		expect(count(0)).toBeGreaterThan(all.length);
		expect(count(1)).toBeGreaterThan(300);
		expect(count(2)).toBeGreaterThan(10);
	});

	it.each(["dots", "arena"] as const)("does so in %s, too", async (name) => {
		const { checked } = new Play(await loadFixture(name), 4).run(600);
		expect(checked).toBeGreaterThan(300);
	});

	it("knows from an event's age the very tick in which it happened", () => {
		const { all } = new Play(medley, 5).run(600);
		const told = all.flatMap(({ heard }) => heard.filter(({ event }) => event === "told"));
		expect(told.length).toBeGreaterThan(100);
		for (const { tick, fields } of told) expect(tick).toBe(fields.tick);
	});

	it("hears its own events once and never another player's", () => {
		const room = new Room({ id: "r", game: medley, clock: new VirtualClock(), seed: 1 });
		const watchers = ["a", "b"].map((name) => new Watcher(room, name));
		const [first] = watchers;
		const inputs = Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0); // turn 0, fire
		for (let i = 0; i < 30; i++) {
			if (first) {
				room.receiveInput(first.player, { type: "input", ackTick: 0, tick: i, inputs, viewAge: 0 });
			}
			room.runTick();
			for (const watcher of watchers) watcher.takeIn();
		}
		const told = watchers.map(({ heard }) => heard.filter(({ event }) => event === "told"));
		expect(told[0]?.map(({ tick }) => tick)).toEqual(Array.from({ length: 30 }, (_, i) => i));
		expect(told[1]).toEqual([]);
		const booms = watchers.map(({ heard }) => heard.filter(({ event }) => event === "boom"));
		expect(booms[1]).toEqual(booms[0]);
		expect(booms[1]?.length).toBe(60);
	});

	it("follows a room to other rules, with events of the old ones under way", async () => {
		const next = await buildMedley((schema) =>
			schema
				.replace("version: 3", "version: 4")
				.replace("events: {", "events: { fresh: { a: f64, b: f64 },")
				.replace("drift: i16()", "drift: i16().private()")
				.replace("heat: i8(", "luck: u8({ default: 7 }), heat: i8("),
		);
		const room = new Room({ id: "r", game: medley, clock: new VirtualClock(), seed: 1 });
		const watcher = new Watcher(room, "a");
		const inputs = Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0); // fire: events in every tick
		room.receiveInput(watcher.player, { type: "input", ackTick: 0, tick: 0, inputs, viewAge: 0 });
		for (let i = 0; i < 10; i++) room.runTick();
		expect(room.tick % 3).not.toBe(0);
		expect(swapRoom(room, next)).toHaveProperty("report");
		for (let i = 0; i < 8; i++) room.runTick();
		watcher.takeIn();
		const { client, seen, heard } = watcher;
		expect(client.swaps).toEqual([10]);
		expect(seen.flatMap(({ kinds }) => kinds)).toEqual([0, 1, 1, 0, 1, 1]);
		expect(heard.filter(({ event }) => event === "fresh")).toEqual([]);
		for (const { event, tick, fields } of heard)
			if (event === "told") expect(fields.tick).toBe(tick);
		const [mover] = client.welcome?.schema.tables ?? [];
		const row = client.tables?.rows[0]?.get(0);
		const value = (name: string) =>
			row?.values[mover?.columns.findIndex((c) => c.name === name) ?? -1];
		expect(value("luck")).toBe(7);
		expect(value("drift")).toBeUndefined();
		expect(value("shots")).toBe((4_000_000_000 + 18) | 0);
	});
});
