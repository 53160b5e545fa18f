import { beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../../server/log.ts";
import { RecoveryCoordinator } from "../../../server/worker/recovery-coordinator.ts";
import { type IndexedRoom, RoomIndex } from "../../../server/worker/room-index.ts";

let index: RoomIndex;
let survivors: number[];
let said: string[];
let gone: Set<number>;
let coordinator: RecoveryCoordinator;
beforeEach(() => {
	index = new RoomIndex();
	survivors = [2, 3];
	said = [];
	gone = new Set();
	coordinator = new RecoveryCoordinator({
		index,
		log: silentLog,
		survivors: () => survivors,
		dead: () => ["w1-a"],
		order(worker, order) {
			if (order.type !== "recover") throw new Error("another order");
			said.push(`${worker} recovers ${order.rooms} from ${order.dead}`);
			return true;
		},
		adopt(socket, worker, seat) {
			said.push(`${worker} adopts ${socket} in ${seat.room}`);
			return !gone.has(socket);
		},
		drop: (socket) => void said.push(`drop ${socket}`),
	});
});

function room(id: string, worker = 1): IndexedRoom {
	return { id, game: "dots", maxPlayers: 16, players: 2, worker, epoch: 1 };
}

function orphan(number: number, id: string | null) {
	return { number, seat: id === null ? null : { room: id, player: 0, capabilities: [] } };
}

describe("the recovery of a worker's rooms", () => {
	it("is spread over those who live, and gives them the sockets once the rooms are back", () => {
		coordinator.lost(1, [room("a"), room("b"), room("c")], [orphan(7, "a"), orphan(8, "b")]);
		expect(said).toEqual(["2 recovers a,c from w1-a", "3 recovers b from w1-a"]);
		// whoever asks for a room meanwhile is sent to where it will be
		expect(["a", "b", "c"].map((id) => index.ownerOf(id))).toEqual([2, 3, 2]);
		said = [];
		coordinator.recovered(2, ["a"], []);
		coordinator.recovered(3, ["b"], []);
		expect(said).toEqual(["2 adopts 7 in a", "3 adopts 8 in b"]);
		expect(coordinator.size).toBe(1);
	});

	it("lets clients go whose room could not be had, who had none, or who are gone meanwhile", () => {
		gone.add(9);
		coordinator.lost(1, [room("a"), room("b")], [orphan(7, "a"), orphan(8, null), orphan(9, "b")]);
		said = said.filter((line) => line.startsWith("drop"));
		coordinator.recovered(2, [], ["a"]);
		coordinator.recovered(3, ["b"], []);
		expect(said).toEqual(["drop 8", "drop 7", "3 adopts 9 in b", "drop 9"]);
		expect(index.ownerOf("a")).toBeNull();
		expect(coordinator.size).toBe(0);
	});

	it("begins anew when the one that was told to dies too, and keeps the sockets for the next", () => {
		survivors = [2];
		coordinator.lost(1, [room("a")], [orphan(7, "a")]);
		survivors = [3];
		coordinator.lost(2, [room("a", 2)], []);
		// what the dead one says late does not count
		coordinator.recovered(2, ["a"], []);
		coordinator.recovered(3, ["a"], []);
		expect(said).toEqual(["2 recovers a from w1-a", "3 recovers a from w1-a", "3 adopts 7 in a"]);
	});

	it("waits for a worker when none is left", () => {
		survivors = [];
		coordinator.lost(1, [room("a")], [orphan(7, "a")]);
		expect(said).toEqual([]);
		survivors = [1];
		coordinator.ready();
		coordinator.recovered(1, ["a"], []);
		expect(said).toEqual(["1 recovers a from w1-a", "1 adopts 7 in a"]);
	});

	it("looks for a room that its worker had not even reported, since a client sat in it", () => {
		coordinator.lost(1, [], [orphan(7, "new")]);
		expect(said).toEqual(["2 recovers new from w1-a"]);
	});
});
