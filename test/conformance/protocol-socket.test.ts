import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { GameModule } from "../../server/module/game-module.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import type { Room } from "../../server/room/room.ts";
import { buildMedley } from "../support/build-medley.ts";
import { steadyClock } from "../support/steady-clock.ts";
import { DocumentClient, type Seen } from "./document-client.ts";
import { type Value, writeMsgpack } from "./msgpack.ts";
import { expectedRows } from "./quantise.ts";
import type { Row } from "./tables-reader.ts";

let medley: GameModule;
let server: OpenServer;
let url: string;
beforeAll(async () => {
	medley = await buildMedley();
});
beforeEach(async () => {
	server = await openServer({ games: [medley], clock: steadyClock() });
	({ url } = await server.listen(0));
});
afterEach(() => server.close());

/** A WebSocket, the document's client behind it, and everything that it saw. */
class Line {
	readonly client = new DocumentClient();
	readonly seen: Seen[] = [];
	readonly texts: string[] = [];
	readonly tablesAt = new Map<number, string>();
	readonly closed: Promise<{ code: number; reason: string }>;
	/** What the document does not allow. */
	problem: unknown = null;
	private readonly socket: WebSocket;

	constructor(socket: WebSocket) {
		this.socket = socket;
		this.closed = once(socket, "close").then(([code, reason]) => ({
			code: code as number,
			reason: String(reason),
		}));
		socket.on("message", (data: Buffer, isBinary) => {
			if (!isBinary) this.problem = "a text frame";
			try {
				const seen = this.client.receive(new Uint8Array(data));
				if (!seen) return;
				this.seen.push(seen);
				this.tablesAt.set(seen.tick, asText(this.client.tables?.rows ?? []));
				this.send([2, seen.tick, seen.tick + 6, this.inputs(), 0]);
			} catch (thrown) {
				this.problem ??= thrown;
			}
		});
	}

	static async open(hello: Value[]): Promise<Line> {
		const socket = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: false });
		const line = new Line(socket);
		await once(socket, "open");
		line.send(hello);
		return line;
	}

	send(message: Value[]): void {
		this.socket.send(writeMsgpack(message));
	}

	/** Says goodbye; the server closes. */
	async leave(): Promise<void> {
		this.send([4]);
		expect(await this.closed).toEqual({ code: 1000, reason: "" });
	}

	/** Loses the connection without a word. */
	async lose(): Promise<void> {
		this.socket.terminate();
		await this.closed;
	}

	/** Three inputs: turn by the seat's number, fire in the second. */
	private inputs(): Uint8Array {
		const size = this.client.welcome?.schema.input.bytes ?? 0;
		const inputs = new Uint8Array(3 * size);
		for (let i = 0; i < 3; i++) inputs[i * size] = 1 + (this.client.welcome?.seat ?? 0);
		inputs[size + 1] = 1;
		return inputs;
	}
}

function asText(tables: readonly ReadonlyMap<number, Row>[]): string {
	return JSON.stringify(
		tables.map((rows) =>
			[...rows]
				.sort(([a], [b]) => a - b)
				.map(([row, { gen, values, steps }]) => [row, gen, values, steps]),
		),
	);
}

/** Notes, at each emission of the room, what a client must see. */
function recordTruth(room: Room, { client }: Line): Map<number, string> {
	const truth = new Map<number, string>();
	let before: ReadonlyMap<number, Row>[] = [];
	const capture = room.encoder.capture.bind(room.encoder);
	room.encoder.capture = (simulation, tick) => {
		capture(simulation, tick);
		before = (client.welcome?.schema.tables ?? []).map((shape, t) => {
			const live = simulation.tables[t];
			if (!live) throw new Error(`no table ${t}`);
			return expectedRows(shape, live, before[t] ?? new Map());
		});
		truth.set(tick, asText(before));
	};
	return truth;
}

describe("a live server, by PROTOCOL.md alone", () => {
	it("shows moving players to one another, tick for tick as the module has them", async () => {
		const ann = await Line.open([1, 2, "medley", null, "Ann", null, false]);
		await expect.poll(() => ann.client.welcome).not.toBeNull();
		const room = [...server.core.directory.rooms.values()][0];
		if (!room) throw new Error("no room");
		const truth = recordTruth(room, ann);
		await sleep(400);
		const bob = await Line.open([
			1,
			2,
			"medley",
			ann.client.welcome?.room ?? "",
			"Bob",
			null,
			false,
		]);
		await sleep(700);
		const cy = await Line.open([1, 2, "medley", null, "Cy", null, false]);
		await sleep(700);
		await bob.leave();
		await sleep(300);
		const dee = await Line.open([1, 2, "medley", null, "Dee", null, false]);
		await sleep(500);
		for (const line of [ann, bob, cy, dee]) {
			expect(line.problem).toBeNull();
			const compared = [...line.tablesAt].filter(([tick]) => truth.has(tick));
			expect(compared.length).toBeGreaterThan(5);
			// the recorder knows no steps before its own first emission
			for (const [tick, tables] of compared.slice(1)) expect(tables).toBe(truth.get(tick));
		}
		expect(ann.client.welcome?.roster).toEqual(
			new Map([
				[0, "Ann"],
				[1, "Dee"],
				[2, "Cy"],
			]),
		);
		expect(dee.client.welcome).toMatchObject({ seat: 1, room: room.id, moduleHash: medley.hash });
		for (const line of [ann, cy, dee]) await line.leave();
	});

	it("sends one keyframe and then a delta every third tick, and uses inputs sent in time", async () => {
		const line = await Line.open([1, 2, "medley", null, "Ann", null, false]);
		await expect.poll(() => line.seen.length, { timeout: 10_000 }).toBeGreaterThan(20);
		expect(line.problem).toBeNull();
		expect(line.seen.flatMap(({ kinds }) => kinds).lastIndexOf(0)).toBe(0);
		const gaps = line.seen.slice(1).map(({ tick }, i) => tick - (line.seen[i]?.tick ?? 0));
		expect(new Set(gaps)).toEqual(new Set([3]));
		const last = line.seen.at(-1);
		expect(last?.inputTick).toBe(last?.tick);
		expect(last?.slack).toBeGreaterThanOrEqual(0);
		expect(line.seen.some(({ events }) => events.some(({ event }) => event === "told"))).toBe(true);
		await line.leave();
	});

	it("answers a ping with the room's clock", async () => {
		const line = await Line.open([1, 2, "medley", null, "Ann", null, false]);
		await expect.poll(() => line.seen.length, { timeout: 10_000 }).toBeGreaterThan(3);
		// what a later version may say is ignored
		line.send([99, ["anything"], "x".repeat(300)]);
		for (const time of [12.75, 4_000_000_000, -1]) line.send([3, time]);
		await expect.poll(() => line.client.pongs.length).toBe(3);
		expect(line.client.pongs.map(({ time }) => time)).toEqual([12.75, 4_000_000_000, -1]);
		const newest = line.seen.at(-1)?.tick ?? 0;
		for (const { tick } of line.client.pongs) expect(Math.abs(tick - newest)).toBeLessThan(60);
		await line.leave();
	});

	it("gives the seat back after a lost connection, and another one after a goodbye", async () => {
		const ann = await Line.open([1, 2, "medley", null, "Ann", null, false]);
		await expect.poll(() => ann.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
		const { room = "", seat = null, token = null } = ann.client.welcome ?? {};
		const bob = await Line.open([1, 2, "medley", room, "Bob", null, false]);
		await expect.poll(() => bob.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
		await ann.lose();
		const again = await Line.open([1, 2, "medley", room, "Ann", token, false]);
		await expect.poll(() => again.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
		expect(again.client.welcome).toMatchObject({ room, seat, token });
		expect(again.seen[0]?.kinds).toEqual([0]);
		expect(again.client.tick).toBeGreaterThan(ann.client.tick);
		expect(bob.client.welcome?.roster).toEqual(
			new Map([
				[0, "Ann"],
				[1, "Bob"],
			]),
		);
		await again.leave();
		const other = await Line.open([1, 2, "medley", room, "Cy", token, false]);
		await expect.poll(() => other.client.welcome).not.toBeNull();
		expect(other.client.welcome?.token).not.toBe(token);
		const gone = await Line.open([1, 2, "medley", "no-such-room", "Ann", null, false]);
		expect(await gone.closed).toEqual({ code: 4009, reason: "ERR_ROOM_UNKNOWN" });
		for (const line of [bob, other]) {
			expect(line.problem).toBeNull();
			await line.leave();
		}
	});

	it("lets the newest connection have the seat", async () => {
		const older = await Line.open([1, 2, "medley", null, "Ann", null, false]);
		await expect.poll(() => older.client.welcome).not.toBeNull();
		const { room = "", token = null } = older.client.welcome ?? {};
		const newer = await Line.open([1, 2, "medley", room, "Ann", token, false]);
		expect(await older.closed).toEqual({ code: 4018, reason: "ERR_SEAT_TAKEN" });
		await expect.poll(() => newer.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
		expect(newer.client.welcome).toMatchObject({ room, seat: 0, token });
		await newer.leave();
	});

	it("shows the room to a spectator, who takes no seat", async () => {
		const ann = await Line.open([1, 2, "medley", null, "Ann", null, false]);
		await expect.poll(() => ann.seen.length, { timeout: 10_000 }).toBeGreaterThan(2);
		const room = ann.client.welcome?.room ?? "";
		const eve = await Line.open([1, 2, "medley", room, "Eve", null, true]);
		await expect.poll(() => eve.seen.length, { timeout: 10_000 }).toBeGreaterThan(5);
		expect(eve.client.welcome).toMatchObject({ room, seat: null, token: null });
		expect(eve.client.welcome?.roster).toEqual(new Map([[0, "Ann"]]));
		for (const [tick, tables] of eve.tablesAt) {
			if (ann.tablesAt.has(tick)) expect(tables).toBe(ann.tablesAt.get(tick));
		}
		for (const line of [ann, eve]) {
			expect(line.problem).toBeNull();
			await line.leave();
		}
	});
});
