import { describe, expect, it } from "vitest";
import { workerForHello, workerForTarget } from "../../../server/worker/choose-worker.ts";
import { busyness, LoadBook, type WorkerLoad } from "../../../server/worker/load-book.ts";
import { readRequestTarget } from "../../../server/worker/request-target.ts";
import { RoomIndex } from "../../../server/worker/room-index.ts";

const IDLE: WorkerLoad = {
	cpu: 0,
	latenessP99Ms: 0,
	seats: 0,
	rooms: 0,
	connections: 0,
	rssBytes: 0,
	isFull: false,
};
const TOKEN = `ABCDEFGH.${"x".repeat(22)}`;

function book(...loads: Partial<WorkerLoad>[]): LoadBook {
	const book = new LoadBook();
	loads.forEach((load, i) => {
		book.add(i + 1);
		book.report(i + 1, { ...IDLE, ...load });
	});
	return book;
}

/** Sends so many clients to the least busy worker; says how many each got. */
function spread(loads: LoadBook, clients: number): number[] {
	const got: number[] = [];
	for (let i = 0; i < clients; i++) {
		const worker = loads.leastBusy() ?? 0;
		got[worker - 1] = (got[worker - 1] ?? 0) + 1;
		loads.arrive(worker);
	}
	return got;
}

describe("who is least busy", () => {
	it("goes by work, not by the number of rooms", () => {
		expect(
			book({ cpu: 0.9, rooms: 1, seats: 30 }, { cpu: 0.1, rooms: 50, seats: 60 }).leastBusy(),
		).toBe(2);
	});

	it("is not one whose ticks are late, however idle it looks", () => {
		expect(book({ cpu: 0.3, latenessP99Ms: 20 }, { cpu: 0.9 }).leastBusy()).toBe(2);
		expect(busyness({ ...IDLE, latenessP99Ms: 3 }, 0)).toBe(0);
	});

	it("spreads a burst that comes between two reports", () => {
		expect(spread(book({}, {}, {}, {}), 1_000)).toEqual([250, 250, 250, 250]);
		// 0.25 of a core is a hundred players of the usual cost
		expect(spread(book({ cpu: 0.25 }, {}), 300)).toEqual([100, 200]);
		// where 50 players cost a whole core, ten make up for a fifth
		expect(spread(book({ cpu: 1, seats: 50 }, { cpu: 0.8, seats: 40 }), 10)).toEqual([
			undefined,
			10,
		]);
	});

	it("is nobody where everybody is full or gone", () => {
		const loads = book({ isFull: true }, {});
		loads.remove(2);
		expect(loads.leastBusy()).toBe(null);
		loads.report(2, IDLE);
		expect(loads.leastBusy()).toBe(null);
	});
});

describe("where a client's address leads", () => {
	const games = new Set(["arena", "tag team"]);
	const read = (url: string) => readRequestTarget(url, games);

	it("reads game and room from its end, and a token's room before all", () => {
		expect(read("/arena")).toEqual({ game: "arena", room: null });
		expect(read("/behind/a/proxy/arena/ABCDEFGH")).toEqual({ game: "arena", room: "ABCDEFGH" });
		expect(read("/tag%20team/ABCDEFGH?x=1")).toEqual({ game: "tag team", room: "ABCDEFGH" });
		expect(read("/?room=ABCDEFGH")).toEqual({ game: null, room: "ABCDEFGH" });
		expect(read(`/arena/other?t=${TOKEN}`)).toEqual({ game: "arena", room: "ABCDEFGH" });
	});

	it("takes what makes no sense for nothing", () => {
		const nothing = { game: null, room: null };
		for (const url of [
			"/",
			"/play/now",
			"//",
			"/%",
			"?t=ABCDEFGH",
			"/?room=<script>",
			`/${"a".repeat(9_999)}`,
		]) {
			expect(read(url)).toEqual(nothing);
		}
		expect(read("/arena/%20")).toEqual({ game: "arena", room: null });
	});
});

describe("which worker a client goes to", () => {
	const room = (id: string, worker: number, players: number, game = "arena") => ({
		id,
		worker,
		players,
		game,
		maxPlayers: 4,
		epoch: 1,
	});
	const hello = (more: object = {}) => ({ game: "arena", room: null, token: null, ...more });

	function index(...rooms: ReturnType<typeof room>[]): RoomIndex {
		const index = new RoomIndex();
		for (const one of rooms) index.add(one);
		return index;
	}

	it("is the one that has the room of its token, else of its name", () => {
		const rooms = index(room("ABCDEFGH", 2, 4), room("roomroom", 3, 0));
		const loads = book({}, {}, {});
		expect(workerForHello(hello({ token: TOKEN, room: "roomroom" }), 4, rooms, loads)).toBe(2);
		expect(workerForHello(hello({ room: "roomroom" }), 4, rooms, loads)).toBe(3);
		expect(workerForTarget({ game: null, room: "roomroom" }, rooms, loads)).toBe(3);
	});

	it("is the one with the fullest room of its game that has a seat", () => {
		const rooms = index(
			room("full", 1, 4),
			room("half", 2, 2),
			room("one", 1, 1),
			room("other", 3, 3, "swarm"),
		);
		const loads = book({}, {}, {});
		expect(workerForTarget({ game: "arena", room: null }, rooms, loads)).toBe(2);
		expect(workerForTarget({ game: null, room: null }, rooms, loads)).toBe(3);
		// each who goes takes a seat: two to "half", three to "one", then nobody has one
		const went = Array.from({ length: 6 }, () => workerForHello(hello(), 4, rooms, loads));
		expect(went.slice(0, 5)).toEqual([2, 2, 1, 1, 1]);
	});

	it("is one for all who open the same room at the same time", () => {
		const rooms = index();
		const loads = book({}, {});
		const went = Array.from({ length: 4 }, () => {
			const worker = workerForHello(hello(), 4, rooms, loads) ?? 0;
			loads.arrive(worker);
			return worker;
		});
		expect(new Set(went).size).toBe(1);
		// the fifth has no seat left in it
		expect(workerForHello(hello(), 4, rooms, loads)).not.toBe(went[0]);
		const back = Array.from({ length: 2 }, () =>
			workerForHello(hello({ room: "ABCDEFGH", token: TOKEN }), 4, rooms, loads),
		);
		expect(back[0]).toBe(back[1]);
	});

	it("expects no room for a name that nobody may open, or a game that nobody has", () => {
		const rooms = index();
		workerForHello(hello({ room: "unknown" }), 4, rooms, book({}));
		workerForHello(hello({ game: "chess" }), 0, rooms, book({}));
		expect(rooms.ownerOf("unknown")).toBe(null);
		expect(rooms.fullest(null, () => true)).toBe(null);
	});

	it("passes over rooms of workers that take nobody", () => {
		const rooms = index(room("a", 1, 3), room("b", 2, 1));
		expect(workerForHello(hello(), 4, rooms, book({ isFull: true }, {}))).toBe(2);
	});
});

describe("the index of rooms", () => {
	const room = { id: "a", game: "arena", maxPlayers: 4, players: 0, worker: 1, epoch: 1 };

	it("believes only the owner of a room, and the last to take it over", () => {
		const index = new RoomIndex();
		index.add(room);
		index.add({ ...room, worker: 2, players: 3 });
		index.close(1, "a");
		index.report(1, "a", 0);
		expect(index.find("a")).toEqual({ ...room, worker: 2, players: 3 });
		index.close(2, "a");
		expect([index.find("a"), index.size]).toEqual([null, 0]);
		expect(index.fullest("arena", () => true)).toBe(null);
	});

	it("gives up what a worker was expected to open and did not", () => {
		const index = new RoomIndex();
		index.expect(1, "arena", 4, "ABCDEFGH");
		index.expect(1, "arena", 4, null);
		index.settle(1);
		index.settle(2);
		expect(index.ownerOf("ABCDEFGH")).toBe(1);
		index.settle(1);
		expect(index.ownerOf("ABCDEFGH")).toBe(null);
		expect(index.fullest("arena", () => true)).toBe(null);
	});

	it("takes a room that is opened for the one that was expected", () => {
		const index = new RoomIndex();
		index.expect(1, "arena", 4, null);
		index.add({ ...room, players: 1 });
		expect(index.fullest("arena", () => true)?.id).toBe("a");
		index.close(1, "a");
		expect(index.fullest("arena", () => true)).toBe(null);
	});

	it("loses the rooms of a worker that is gone, and no others", () => {
		const index = new RoomIndex();
		index.add(room);
		index.add({ ...room, id: "b", worker: 2 });
		index.expect(1, "arena", 4, "c");
		expect(index.forget(1).map(({ id }) => id)).toEqual(["a"]);
		expect(["a", "b", "c"].map((id) => index.ownerOf(id))).toEqual([null, 2, null]);
	});
});
