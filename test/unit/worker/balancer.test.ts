import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLog } from "../../../server/log.ts";
import { LoadBook, type WorkerLoad } from "../../../server/worker/load-book.ts";
import { Balancer } from "../../../server/worker/moves/balancer.ts";
import type { MoveDone, MoveRefused } from "../../../server/worker/moves/move-register.ts";
import { RoomIndex } from "../../../server/worker/room-index.ts";

let index: RoomIndex;
let loads: LoadBook;
let asked: string[];
let refused: Set<string>;
let balancer: Balancer;

function load(cpu: number): WorkerLoad {
	const rest = { seats: 4, rooms: 2, connections: 4, rssBytes: 0, isFull: false };
	return { cpu, latenessP99Ms: 1, ...rest };
}

function open(id: string, worker: number, players = 2): void {
	index.add({ id, worker, players, game: "dots", maxPlayers: 16, epoch: 1 });
}

async function move(room: string, to: number, why: string): Promise<MoveDone | MoveRefused> {
	asked.push(`${why} ${room} to ${to}`);
	if (refused.delete(room)) return { error: "ERR_MOVE_BUSY", detail: "" };
	const from = index.ownerOf(room) as number;
	index.own(room, to, 2);
	return { room, from, to, epoch: 2, tookMs: 1, frozenMs: 1 };
}

function start(isBalancing: boolean): void {
	balancer = new Balancer({
		...{ log: silentLog, loads, index, isBalancing, moves: { move, isMoving: () => false } },
		lifeOf: (worker) => `life ${worker}`,
		workerOf: (life) => Number(life.slice(5)),
		now: () => performance.now(),
	});
}

beforeEach(() => {
	vi.useFakeTimers();
	index = new RoomIndex();
	loads = new LoadBook();
	asked = [];
	refused = new Set();
	for (const worker of [1, 2]) {
		loads.add(worker);
		loads.report(worker, load(0.1));
	}
});
afterEach(() => {
	balancer.close();
	vi.useRealTimers();
});

describe("the balancer", () => {
	it("moves all rooms of a drained worker, one after the other, those again that stayed", async () => {
		start(false);
		for (const id of ["a", "b", "c"]) open(id, 1);
		open("d", 2);
		refused.add("a");
		balancer.drain(1);
		balancer.drain(1);
		await vi.advanceTimersByTimeAsync(10);
		expect(asked).toEqual(["drain a to 2", "drain b to 2", "drain c to 2"]);
		expect(balancer.progressOf(1)).toEqual({ roomsLeft: 1, moved: 2, refused: 1 });
		await vi.advanceTimersByTimeAsync(2_000);
		expect(asked.slice(3)).toEqual(["drain a to 2"]);
		expect(balancer.progressOf(1)).toEqual({ roomsLeft: 0, moved: 3, refused: 1 });
		expect(balancer.progressOf(2)).toBeNull();
	});

	it("keeps new rooms from a drained worker, whatever life it is in, until it is undrained", () => {
		start(false);
		balancer.drain(1);
		expect([loads.leastBusy(), loads.byLoad(), loads.heirs()]).toEqual([2, [2], [2]]);
		loads.remove(1);
		loads.add(1);
		loads.report(1, load(0));
		expect([loads.leastBusy(), loads.takesRooms(1)]).toEqual([2, false]);
		// clients of its rooms still come in
		expect(loads.isFit(1)).toBe(true);
		balancer.drain(2);
		expect([loads.leastBusy(), loads.byLoad()]).toEqual([null, []]);
		// rooms of the dead go on even so
		expect(loads.heirs()).toEqual([1, 2]);
		balancer.undrain(1);
		expect([loads.leastBusy(), loads.takesRooms(1)]).toEqual([1, true]);
		expect(balancer.progressOf(1)).toBeNull();
	});

	it("leaves rooms where they are when all workers are drained", async () => {
		start(true);
		open("a", 1);
		balancer.drain(1);
		balancer.drain(2);
		index.own("a", 1, 3);
		asked = [];
		await vi.advanceTimersByTimeAsync(5_000);
		expect(asked).toEqual([]);
	});

	it.each([true, false])("helps a hot worker if it may (%s)", async (isBalancing) => {
		start(isBalancing);
		open("a", 1, 7);
		open("b", 1, 3);
		open("c", 1, 1);
		loads.report(1, load(0.95));
		await vi.advanceTimersByTimeAsync(8_000);
		// 4 of 14 parts of what worker 1 uses: the largest that leaves both nearer to each other
		expect(asked).toEqual(isBalancing ? ["balance b to 2"] : []);
	});

	it("moves nothing to a worker that has just come up and said nothing yet", async () => {
		start(true);
		loads.add(3);
		loads.remove(2);
		open("a", 1, 7);
		open("b", 1, 3);
		loads.report(1, load(0.95));
		await vi.advanceTimersByTimeAsync(8_000);
		expect(asked).toEqual([]);
		loads.report(3, load(0));
		await vi.advanceTimersByTimeAsync(1_000);
		expect(asked).toEqual(["balance b to 3"]);
	});
});
