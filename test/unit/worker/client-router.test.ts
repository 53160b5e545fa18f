import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeClientMessage } from "../../../protocol/messages/client-message.ts";
import { silentLog } from "../../../server/log.ts";
import { Entrance } from "../../../server/match/doors/entrance.ts";
import { ClientRouter } from "../../../server/worker/client-router.ts";
import type { Order } from "../../../server/worker/messages/order.ts";
import type { Report } from "../../../server/worker/messages/report.ts";
import type { WorkerProcess } from "../../../server/worker/worker-pool.ts";

const GAME = { name: "dots", version: 1, hash: "", maxPlayers: 16 };
const SEAT = { room: "ABCDEFGH", player: 0, capabilities: [] };
const CARRIED = { unread: Buffer.from("half"), unsent: Buffer.alloc(0) };

let http: Server;
let router: ClientRouter;
let lostRooms: string[];
/** What each worker was told. */
let told: [worker: number, order: Order][];
let gone: Set<number>;
let fate: "close" | "keep";
/** Rooms that move, until when. */
let moving: Map<string, Promise<void>>;
const clients: Socket[] = [];

beforeEach(async () => {
	told = [];
	gone = new Set();
	fate = "close";
	moving = new Map();
	const processOf = (worker: number): WorkerProcess | null => {
		const send = (order: Order): boolean => told.push([worker, order]) > 0;
		return gone.has(worker) ? null : ({ connected: true, send } as unknown as WorkerProcess);
	};
	router = new ClientRouter({
		log: silentLog,
		processOf,
		order: (worker, order) => processOf(worker)?.send(order) ?? false,
		entrance: new Entrance({}, () => 0),
		maxConnections: 3,
		orphans(_, rooms, sockets) {
			lostRooms = rooms.map(({ id }) => id);
			if (fate === "close") for (const { number } of sockets) router.abandon(number);
		},
		whenStill: (room) => moving.get(room) ?? null,
	});
	for (const worker of [1, 2]) router.hear(worker, { type: "ready", games: [GAME], control: "" });
	http = createServer();
	http.on("upgrade", (request, socket, head) => router.upgrade(request, socket as Socket, head));
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
});

afterEach(() => {
	for (const client of clients.splice(0)) client.destroy();
	router.close();
	http.close();
});

/** A client that asks to upgrade, and the order that came of it. */
async function enter(url = "/"): Promise<Socket> {
	const before = told.length;
	const client = connect((http.address() as AddressInfo).port, "127.0.0.1");
	clients.push(client);
	client.on("error", () => {});
	client.write(
		`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbehind`,
	);
	await expect
		.poll(() => told.length + (client.readableLength > 0 ? 1 : 0))
		.toBeGreaterThan(before);
	return client;
}

const last = () => told.at(-1) as [number, Order];
const room = (id: string, players = 0, epoch = 1) => {
	return { id, game: "dots", maxPlayers: 16, players, epoch };
};
const rooms = (...opened: ReturnType<typeof room>[]): Report => {
	return { type: "rooms", opened, changed: [], closed: [] };
};

describe("the router of clients", () => {
	it("hands a socket over with its request and what came behind it", async () => {
		router.hear(2, rooms(room("ABCDEFGH")));
		await enter("/dots/ABCDEFGH");
		expect(last()).toEqual([
			2,
			{
				type: "open",
				socket: 1,
				url: "/dots/ABCDEFGH",
				headers: { host: "x", connection: "Upgrade", upgrade: "websocket" },
				behind: Buffer.from("behind"),
				isTooMany: false,
			},
		]);
	});

	it("brings a client on to the worker that has what its hello asks for", async () => {
		await enter();
		const [at] = last();
		const other = 3 - at;
		router.hear(other, rooms(room("ABCDEFGH")));
		const hello = encodeClientMessage({
			type: "hello",
			game: "dots",
			room: "ABCDEFGH",
			name: "Ann",
		});
		router.hear(at, { type: "asked", socket: 1, hello });
		expect(last()).toEqual([at, { type: "release", sockets: [1] }]);
		router.hear(at, { type: "released", socket: 1, carried: CARRIED });
		expect(last()).toEqual([other, { type: "adopt", socket: 1, carried: CARRIED, seat: null }]);
		// what the first says of it now comes too late
		router.hear(at, { type: "gone", socket: 1 });
		expect(router.size).toBe(1);
	});

	it("leaves a client where it is when nobody has what it asks for", async () => {
		await enter();
		const [at] = last();
		const hello = encodeClientMessage({ type: "hello", game: "chess", room: null, name: "Ann" });
		router.loads.remove(3 - at);
		router.hear(at, { type: "asked", socket: 1, hello });
		expect(last()).toEqual([at, { type: "stay", socket: 1 }]);
		router.hear(at, { type: "asked", socket: 1, hello: Buffer.from([0xc1]) });
		expect(last()).toEqual([at, { type: "stay", socket: 1 }]);
	});

	it("lets those wait whose room moves, whether they name it or not", async () => {
		await enter();
		const [at] = last();
		router.hear(at, rooms(room("ABCDEFGH")));
		const before = told.length;
		for (const named of ["ABCDEFGH", null]) {
			let still = (): void => {};
			moving.set("ABCDEFGH", new Promise((resolve) => (still = resolve)));
			const message = { type: "hello", game: "dots", room: named, name: "Ann" } as const;
			router.hear(at, { type: "asked", socket: 1, hello: encodeClientMessage(message) });
			await Promise.resolve();
			expect(told.length).toBe(before);
			moving.clear();
			router.index.own("ABCDEFGH", 3 - at, 2);
			still();
			await expect.poll(() => last()).toEqual([at, { type: "release", sockets: [1] }]);
			told.length = before;
			router.index.own("ABCDEFGH", at, 1);
		}
	});

	it("sends sockets on as their worker says, each to its seat", async () => {
		await enter();
		await enter();
		const [at] = last();
		router.sendOn(at, 3 - at, [
			{ socket: 2, seat: SEAT },
			{ socket: 99, seat: SEAT },
		]);
		router.hear(at, { type: "released", socket: 2, carried: CARRIED });
		expect(last()).toEqual([3 - at, { type: "adopt", socket: 2, carried: CARRIED, seat: SEAT }]);
		expect(router.moved).toBe(1);
	});

	it("keeps sockets of a lost worker for whoever takes over their rooms", async () => {
		fate = "keep";
		const client = await enter();
		const [at] = last();
		router.hear(at, { type: "seated", socket: 1, seat: SEAT });
		gone.add(at);
		router.lost(at);
		expect(router.adopt(1, 3 - at, SEAT)).toBe(true);
		const none = { unread: Buffer.alloc(0), unsent: Buffer.alloc(0) };
		expect(last()).toEqual([3 - at, { type: "adopt", socket: 1, carried: none, seat: SEAT }]);
		expect(router.adopt(1, 3 - at, SEAT)).toBe(false);
		expect(client.destroyed).toBe(false);
		const ended = once(client.resume(), "end");
		router.hear(3 - at, { type: "gone", socket: 1 });
		await ended;
	});

	it("tells clients of a lost worker that nobody has their room", async () => {
		const client = await enter();
		gone.add(last()[0]);
		router.hear(last()[0], rooms(room("ABCDEFGH")));
		router.lost(last()[0]);
		expect(lostRooms).toEqual(["ABCDEFGH"]);
		const [bytes] = (await once(client, "data")) as [Buffer];
		expect(bytes.subarray(0, 4)).toEqual(Buffer.from([0x88, 21, 1001 >> 8, 1001 & 255]));
		expect(bytes.subarray(4).toString()).toBe("ERR_SERVER_SHUTDOWN");
		expect(router.size).toBe(0);
	});

	it("says so when there are more clients than there may be", async () => {
		for (let i = 0; i < 4; i++) await enter();
		expect(told.map(([, order]) => order.type === "open" && order.isTooMany)).toEqual([
			false,
			false,
			false,
			true,
		]);
	});

	it("answers 503 when no worker takes clients", async () => {
		router.loads.remove(1);
		router.loads.remove(2);
		const client = await enter();
		expect(String(client.read())).toContain("503 Service Unavailable");
	});
});
