import { beforeAll, describe, expect, it } from "vitest";
import { usedRows } from "../../../protocol/abi/simulation.ts";
import { ChunkDecoder } from "../../../protocol/codec/chunk-decoder.ts";
import {
	CHUNK,
	decodeServerMessage,
	type Snapshot,
} from "../../../protocol/messages/server-message.ts";
import { type Random, SeededRandom } from "../../../protocol/seeded-random.ts";
import { TokenBucket } from "../../../protocol/token-bucket.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import type { Player } from "../../../server/room/player.ts";
import { Room, type RoomOptions } from "../../../server/room/room.ts";
import type { Viewer } from "../../../server/room/viewer.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";

const RADIUS = 200;
/** A row that is farther away than this is never shown: window of cells, and hysteresis at both ends. */
const FARTHEST = 520;

let meadow: GameModule;
beforeAll(async () => {
	meadow = await loadFixture("meadow");
});

/** A client that holds what it was sent. */
class Client {
	readonly sink = new RecordingSink();
	readonly decoder = new ChunkDecoder(meadow.schema.tables);
	readonly kinds: number[] = [];
	tick = -1;
	private taken = 0;

	/** Applies what has come; the bytes of it. */
	take(): number {
		const fresh = this.sink.raw.slice(this.taken);
		this.taken = this.sink.raw.length;
		for (const bytes of fresh) {
			const message = decodeServerMessage(bytes);
			expect(message).not.toBeNull();
			if (message?.type === "snapshot") this.apply(message);
		}
		return fresh.reduce((sum, bytes) => sum + bytes.length, 0);
	}

	private apply({ tick, chunks }: Snapshot): void {
		this.decoder.begin();
		for (const { cell, kind, from, data } of chunks) {
			this.kinds.push(kind);
			if (kind === CHUNK.delta) expect(from).toBe(this.tick);
			if (kind === CHUNK.gone) expect(this.decoder.applyGone(data)).toBeNull();
			else if (kind <= CHUNK.catchUp) {
				expect(this.decoder.apply(kind, data, cell)).toBeNull();
			}
		}
		this.tick = tick;
	}

	rows(name: string): Map<number, number[]> {
		const t = meadow.schema.tables.findIndex((table) => table.name === name);
		const table = this.decoder.tables[t] as ChunkDecoder["tables"][number];
		const rows = new Map<number, number[]>();
		for (let row = 0; row < table.used; row++) {
			if (table.gen[row] === 0) continue;
			const values = table.columns.map(({ value }) => value[row] as number);
			rows.set(row, [table.gen[row] as number, ...values]);
		}
		return rows;
	}
}

interface Live {
	gen: number;
	x: number;
	y: number;
}

function liveRows(room: Room, name: string): Map<number, Live> {
	const table = room.simulation.tables.find((t) => t.name === name);
	if (!table) throw new Error(name);
	const column = (wanted: string) =>
		table.columns.find((c) => c.about.name === wanted)?.values as Float32Array;
	const [x, y] = [column("x"), column("y")];
	const rows = new Map<number, Live>();
	for (let row = 0; row < usedRows(table); row++) {
		if (table.gen[row] === 0) continue;
		rows.set(row, { gen: table.gen[row] as number, x: x[row] as number, y: y[row] as number });
	}
	return rows;
}

class Meadow {
	readonly clock = new VirtualClock();
	readonly room: Room;
	readonly clients = new Map<Client, Player | Viewer>();
	private readonly random: Random;

	constructor(seed: number, limits: Partial<RoomOptions> = {}) {
		this.random = new SeededRandom(seed).next;
		this.room = new Room({ id: "r", game: meadow, clock: this.clock, seed, ...limits });
		this.room.start(this.clock.ms);
	}

	join(): Client {
		const client = new Client();
		const player = this.room.join(client.sink, "Ann");
		if ("error" in player) throw new Error(player.error);
		this.clients.set(client, player);
		return client;
	}

	spectate(): Client {
		const client = new Client();
		const viewer = this.room.seats.spectate(client.sink);
		if ("error" in viewer) throw new Error(viewer.error);
		this.clients.set(client, viewer);
		return client;
	}

	/** Runs ticks; everybody walks about, and those who listen acknowledge. */
	run(ticks: number, deaf: ReadonlySet<Client> = new Set()): void {
		for (let i = 0; i < ticks; i++) {
			this.clock.ms += 1000 / 60;
			this.room.runTick();
			for (const [client, who] of this.clients) {
				if (deaf.has(client)) continue;
				client.take();
				const ackTick = Math.max(0, client.tick);
				if (!("inputs" in who)) this.room.receiveAck(who, ackTick);
				else {
					const inputs = Uint8Array.of(this.random() * 256, this.random() * 256);
					const { tick } = this.room;
					this.room.receiveInput(who, { type: "input", ackTick, tick, inputs });
				}
			}
		}
	}

	/** Runs on to a tick that has just been emitted. */
	settle(): void {
		do this.run(1);
		while (this.room.encoder.tick !== this.room.tick - 1);
	}

	/** Holds a client's rows against the module's: near ones are there and true, far ones are not. */
	check(client: Client): void {
		const who = this.clients.get(client);
		const own = who && "inputs" in who ? who.number : -1;
		const walkers = liveRows(this.room, "walker");
		const centre = [...walkers].find(([row]) => client.rows("walker").get(row)?.[1] === own)?.[1];
		for (const name of ["walker", "sheep"]) {
			const shown = client.rows(name);
			const live = liveRows(this.room, name);
			for (const [row, [gen]] of shown) expect(live.get(row)?.gen, `${name} ${row}`).toBe(gen);
			for (const [row, { gen, x, y }] of live) {
				const distance = centre ? Math.hypot(x - centre.x, y - centre.y) : 0;
				if (distance > FARTHEST) expect(shown.has(row), `${name} ${row}`).toBe(false);
				if (distance > RADIUS) continue;
				const [seenGen, ...values] = shown.get(row) ?? [];
				const at = name === "walker" ? 1 : 0;
				expect([seenGen, values[at], values[at + 1]], `${name} ${row}`).toEqual([
					gen,
					Math.floor(x * 16 + 0.5),
					Math.floor(y * 16 + 0.5),
				]);
			}
		}
		expect(client.rows("cloud").size).toBe(4);
		expect(client.rows("clock").size).toBe(1);
	}
}

describe("interest", () => {
	it("shows each player what is near and nothing that is far, wherever everything goes", () => {
		const meadow = new Meadow(11);
		const clients = Array.from({ length: 12 }, () => meadow.join());
		for (let round = 0; round < 60; round++) {
			meadow.run(10);
			meadow.settle();
			for (const client of clients) meadow.check(client);
		}
		const shown = clients.map((client) => client.rows("sheep").size);
		expect(Math.max(...shown)).toBeLessThan(60);
	});

	it("gives those who look from one cell the same bytes, encoded once", () => {
		const meadow = new Meadow(12);
		const spectators = Array.from({ length: 5 }, () => meadow.spectate());
		meadow.run(10);
		const { chunks } = meadow.room.encoder;
		const encode = chunks.writeDelta.bind(chunks);
		const cells: number[] = [];
		chunks.writeDelta = (out, cell = 0) => {
			cells.push(cell);
			encode(out, cell);
		};
		meadow.settle();
		expect(new Set(cells).size).toBe(cells.length);
		expect(new Set(spectators.map((s) => s.sink.raw.at(-1)?.toString())).size).toBe(1);
	});

	it("shows a spectator everything", () => {
		const meadow = new Meadow(13);
		meadow.join();
		const spectator = meadow.spectate();
		meadow.run(200);
		meadow.settle();
		meadow.check(spectator);
		expect(spectator.rows("sheep").size).toBe(liveRows(meadow.room, "sheep").size);
	});

	it("catches a client up that heard nothing for a minute, though the world has moved on", () => {
		const meadow = new Meadow(14);
		const clients = [meadow.join(), meadow.spectate(), meadow.join()];
		const [deaf, watcher, fine] = clients as [Client, Client, Client];
		meadow.run(100);
		const snapshots = deaf.sink.snapshots.length;
		meadow.run(60 * 60, new Set([deaf, watcher]));
		const bytes = deaf.take() + watcher.take();
		expect(bytes).toBeLessThan(2 * 256 * 1024);
		expect(deaf.sink.snapshots.length - snapshots).toBeLessThan(60);
		meadow.run(10);
		meadow.settle();
		for (const client of clients) meadow.check(client);
		expect(deaf.kinds).toContain(CHUNK.catchUp);
		expect(fine.kinds.filter((kind) => kind === CHUNK.catchUp)).toEqual([]);
	});

	it("keeps to a client's budget, the near before the far, and leaves nothing out for ever", () => {
		const rich = new Meadow(15);
		const poor = new Meadow(15, { clientBytesPerSecond: 5000 });
		const rate = (meadow: Meadow): number => {
			const client = meadow.spectate();
			meadow.run(240);
			const before = client.sink.raw.reduce((sum, bytes) => sum + bytes.length, 0);
			meadow.run(600);
			const after = client.sink.raw.reduce((sum, bytes) => sum + bytes.length, 0);
			const live = liveRows(meadow.room, "sheep");
			const shown = client.rows("sheep");
			const missing = [...live.keys()].filter((row) => !shown.has(row));
			expect(missing.length).toBeLessThan(live.size / 2);
			return (after - before) / 10;
		};
		const [richRate, poorRate] = [rate(rich), rate(poor)];
		expect(richRate).toBeGreaterThan(6000);
		expect(poorRate).toBeLessThan(5100);
	});

	it("leaves nothing behind with a spectator of cells that emptied while the budget left them out", () => {
		const meadow = new Meadow(15, { clientBytesPerSecond: 5000 });
		const spectator = meadow.spectate();
		meadow.run(1200);
		const viewer = meadow.clients.get(spectator) as Viewer;
		expect(viewer.lagging?.size).toBeGreaterThan(0);
		Object.assign(viewer, { budget: new TokenBucket(1e9, 1e9, meadow.clock.ms) });
		meadow.run(10);
		meadow.settle();
		expect(viewer.lagging).toBeNull();
		meadow.check(spectator);
		expect(spectator.rows("sheep").size).toBe(liveRows(meadow.room, "sheep").size);
	});

	it("shows the same with residuals coded, in fewer bytes", () => {
		const bytes = [false, true].map((codeResiduals) => {
			const meadow = new Meadow(17, { codeResiduals });
			const spectator = meadow.spectate();
			meadow.run(300);
			meadow.settle();
			meadow.check(spectator);
			return spectator.sink.raw.reduce((sum, message) => sum + message.length, 0);
		});
		expect(bytes[1]).toBeLessThan(bytes[0] as number);
	});

	it("tells of what happens at a place those who can see it", () => {
		const meadow = new Meadow(16);
		const player = meadow.join();
		const spectator = meadow.spectate();
		meadow.run(600);
		const bleats = (client: Client): number =>
			client.sink.snapshots
				.flatMap((s) => s.chunks)
				.filter((chunk) => chunk.kind === CHUNK.events)
				.reduce((sum, { data }) => sum + data.length / 10, 0);
		expect(bleats(spectator)).toBeGreaterThan(50);
		expect(bleats(player)).toBeLessThan(bleats(spectator) / 4);
	});

	it("tells those who look from everywhere of what happens where nothing is", () => {
		const meadow = new Meadow(18);
		const player = meadow.join();
		const early = meadow.spectate();
		meadow.run(60);
		const heard = (client: Client): string[] =>
			client.sink.snapshots
				.flatMap(({ chunks }) => chunks)
				.filter(({ kind, cell }) => kind === CHUNK.events && cell > 0)
				.map(({ data }) => Buffer.from(data.subarray(2)).toString("hex"));
		const marks: string[] = [];
		const bleatAt = (x: number, y: number): void => {
			const mark = new Uint8Array(new Float32Array([x, y]).buffer);
			marks.push(Buffer.from(mark).toString("hex"));
			meadow.room.outbox.eventNear(0, x, y, 100, mark);
		};
		// far beyond where sheep walk: no row is there, and none ever was
		for (const [x, y] of [
			[5000, 5000],
			[-5000, 4000],
			[0, -6000],
		] as const) {
			bleatAt(x, y);
			meadow.run(7);
		}
		bleatAt(6000, 0);
		const late = meadow.spectate();
		meadow.run(6);
		// a snapshot that is put together for one alone, too
		expect(heard(late)).toContain(marks.at(-1));
		expect(heard(early)).toEqual(expect.arrayContaining(marks));
		for (const mark of marks) expect(heard(player)).not.toContain(mark);
	});
});
