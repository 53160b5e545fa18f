import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { loadGame } from "../../server/index.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { Sink } from "../load/sink.ts";
import { SinkTally } from "../load/sink-tally.ts";
import { DIST } from "../root.ts";
import { type Held, whatIsHeld } from "./memory.ts";

const SEATS = 10;
/** Sinks go without a word; their seats are to be free again at once. */
const SEAT_GRACE_MS = 0;
const STEP_MS = 100;
/** Clients talk every so many steps, as those of the benchmark do. */
const TALK_EVERY = 2;
const INPUT_BYTES = 4;
/** An empty room goes this fast, so that each cycle sees all of its rooms go. */
const EMPTY_ROOM_MS = 100;
const GONE_MS = 20_000;

/** What is left when everybody has gone. */
export interface CycleReport extends Held {
	/** Instances of rules that are still reachable, each with a linear memory. */
	instances: number;
	rooms: number;
	connections: number;
	/** What the cycle did. */
	joins: number;
	roomsOpened: number;
	swapped: number;
	/** Clients that the server or the network threw out, and the server's drops since its start. */
	lost: number;
	drops: Record<string, number>;
}

/**
 * A server that lives on while players come and go: each cycle fills rooms of arena by and by, lets
 * clients join and leave, puts other rules in, and ends with everybody gone and every room disposed of.
 */
export class Churn {
	private readonly server: OpenServer;
	private readonly port: number;
	private readonly next: Uint8Array<ArrayBuffer>;
	private readonly random = new SeededRandom(23).next;
	private readonly tally = new SinkTally();
	private readonly instances: WeakRef<object>[] = [];
	private joins = 0;

	static async start(): Promise<Churn> {
		const arena = await loadGame(path.join(DIST, "games/arena.wasm"));
		const game = { ...arena, descriptor: { ...arena.descriptor, maxPlayers: SEATS } };
		const server = await openServer({
			games: [game],
			rooms: { emptyRoomMs: EMPTY_ROOM_MS, seatGraceMs: SEAT_GRACE_MS },
		});
		const { port } = await server.listen(0);
		const next = new Uint8Array(await readFile(path.join(DIST, "swaps/arena-v2.wasm")));
		return new Churn(server, port, next);
	}

	private constructor(server: OpenServer, port: number, next: Uint8Array<ArrayBuffer>) {
		this.server = server;
		this.port = port;
		this.next = next;
	}

	/** Lets up to `most` clients come and go for `seconds`, and sees all of it off. */
	async cycle(most: number, seconds: number): Promise<CycleReport> {
		const { server, tally } = this;
		const opened = server.core.counters.roomsOpened;
		const { joins } = this;
		const lost = tally.lost;
		const clients = new Set<Sink>();
		const steps = Math.max(2, Math.round((seconds * 1000) / STEP_MS));
		let swapped = 0;
		for (let step = 0; step < steps; step++) {
			const stepEnds = pause(STEP_MS);
			await this.comeAndGo(clients, most, steps);
			if (step % TALK_EVERY === 0) for (const client of clients) client.say();
			if (step === steps >> 1) swapped = await this.swap();
			await stepEnds;
		}
		for (const client of clients) client.leave();
		clients.clear();
		await this.untilGone();
		// the next cycle begins with the rules that this one began with
		await server.core.deployments.rollBack("arena");
		const held = await whatIsHeld();
		return {
			...held,
			instances: this.instances.filter((ref) => ref.deref() !== undefined).length,
			rooms: server.core.directory.rooms.size,
			connections: await this.connections(),
			joins: this.joins - joins,
			roomsOpened: server.core.counters.roomsOpened - opened,
			swapped,
			lost: tally.lost - lost,
			drops: Object.fromEntries(server.core.counters.drops),
		};
	}

	async stop(): Promise<void> {
		await this.server.close();
	}

	/** A few join, and some of those who are here leave. */
	private async comeAndGo(clients: Set<Sink>, most: number, steps: number): Promise<void> {
		const arrivals = Math.max(2, Math.ceil((4 * most) / steps));
		const opening: Promise<void>[] = [];
		for (let i = 0; i < arrivals && clients.size < most; i++) {
			const target = {
				port: this.port,
				dialect: "hotstep",
				game: "arena",
				inputBytes: INPUT_BYTES,
			} as const;
			const client = new Sink(target, this.joins++, this.tally);
			clients.add(client);
			opening.push(client.open(this.port));
		}
		await Promise.all(opening);
		for (const client of clients) {
			if (this.random() >= arrivals / (2 * most)) continue;
			client.leave();
			clients.delete(client);
		}
		this.noteInstances();
	}

	/** Remembers, without holding on to it, every instance that runs now. */
	private noteInstances(): void {
		const known = new Set(this.instances.map((ref) => ref.deref()));
		for (const { simulation } of this.server.core.directory.rooms.values()) {
			if (!known.has(simulation)) this.instances.push(new WeakRef(simulation));
		}
	}

	private async swap(): Promise<number> {
		const candidate = { bytes: this.next.slice(), origin: "arena version 2", sourceMap: null };
		const deployed = await this.server.core.deployments.deploy("arena", candidate, "live");
		if ("error" in deployed) throw new Error(`${deployed.error}: ${deployed.detail}`);
		this.noteInstances();
		return deployed.swapped.length;
	}

	private async connections(): Promise<number> {
		const response = await fetch(`http://127.0.0.1:${this.port}/healthz`);
		return ((await response.json()) as { connections: number }).connections;
	}

	/** @throws Error when rooms stay although nobody is in them */
	private async untilGone(): Promise<void> {
		const { rooms } = this.server.core.directory;
		for (let waited = 0; rooms.size > 0; waited += STEP_MS) {
			if (waited > GONE_MS) throw new Error(`${rooms.size} rooms are still open`);
			await pause(STEP_MS);
		}
	}
}
