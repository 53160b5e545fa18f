import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { silentLog } from "../../server/log.ts";
import { Supervisor } from "../../server/worker/supervisor.ts";
import { moduleFile } from "../fixtures/build-module.ts";

let supervisor: Supervisor | null = null;
const rooms: Room[] = [];
afterEach(async () => {
	for (const room of rooms.splice(0)) room.leave();
	await supervisor?.close();
	supervisor = null;
});

async function start(clients: number): Promise<Supervisor> {
	const started = new Supervisor({
		doors: {},
		workers: 1,
		log: silentLog,
		relay: () => {},
		...{ isLogTemporary: false, succession: null, replaced: () => {} },
		config: {
			logLevel: "error",
			recordFolder: null,
			recordRetention: null,
			server: {
				games: [await moduleFile("dots")],
				rooms: {},
				connections: {},
				deployments: {},
				recovery: null,
			},
		},
		maxConnections: clients,
		adminToken: null,
		adminRemote: false,
		isBalancing: false,
		metrics: "local",
		pageFolder: null,
		monitorFolder: null,
	});
	supervisor = started;
	await started.start();
	const { url } = await started.listen(0, "127.0.0.1");
	while (rooms.length < clients) {
		rooms.push(await connect(url.replace("http", "ws"), { game: "dots", name: "Ann" }));
	}
	return started;
}

/** The seats of all sockets, once their worker has told them. */
async function seatsOf({ router }: Supervisor, count: number) {
	const told = () => router.socketsOf(1).filter(({ seat }) => seat !== null);
	await expect.poll(() => told().length).toBe(count);
	return new Map(told().map(({ number, seat }) => [number, seat as NonNullable<typeof seat>]));
}

describe("sockets of players that go through the supervisor", () => {
	it("go on where they were: nobody is disconnected, and nobody's seat is another's", async () => {
		const { router } = await start(8);
		const seats = await seatsOf(supervisor as Supervisor, 8);
		expect([...seats.values()].map(({ player }) => player).sort()).toEqual([
			0, 1, 2, 3, 4, 5, 6, 7,
		]);
		const before = rooms.map(({ stats }) => stats.tick);
		for (let round = 1; round <= 5; round++) {
			// the room is where it was: to its worker the socket comes from elsewhere
			router.move(1, 1, seats);
			await expect.poll(() => router.moved).toBe(8 * round);
			await expect
				.poll(() => router.socketsOf(1).filter(({ next }) => next === null).length)
				.toBe(8);
		}
		for (const [i, room] of rooms.entries()) {
			await expect.poll(() => room.stats.tick).toBeGreaterThan((before[i] as number) + 60);
			expect([room.status, room.reconnects, room.player]).toEqual(["playing", 0, i]);
		}
		// their worker hears them as well: it drops who sends nothing that it can apply
		expect((await seatsOf(supervisor as Supervisor, 8)).size).toBe(8);
	});

	it("is closed with 1001 when the seat is not there any more", async () => {
		const { router } = await start(1);
		const [room] = rooms as [Room];
		const [[number]] = [...(await seatsOf(supervisor as Supervisor, 1))];
		const back = new Promise<void>((resolve) => {
			room.onStatus((status) => status === "reconnecting" && resolve());
		});
		router.move(
			1,
			1,
			new Map([[number as number, { room: "nowhere", player: 0, capabilities: [] }]]),
		);
		await back;
		await expect.poll(() => room.status).toBe("playing");
	});
});
