import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { stateHash } from "../../../protocol/abi/state-hash.ts";
import { runTick } from "../../../server/history/stretch.ts";
import { readRoomLog } from "../../../server/journal/room-log/read-room-log.ts";
import { silentLog } from "../../../server/log.ts";
import { type GameModule, instantiate } from "../../../server/module/game-module.ts";
import { RoomLogs } from "../../../server/recovery/room-logs.ts";
import type { Effect } from "../../../server/room/effect.ts";
import type { Recorder } from "../../../server/room/recorder.ts";
import { Room } from "../../../server/room/room.ts";
import { saveRoom } from "../../../server/room/saved-room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";

let duel: GameModule;
beforeAll(async () => {
	duel = await loadFixture("duel");
}, 60_000);

const WIN = Uint8Array.of(1, 0);
const IDLE = Uint8Array.of(0, 0);

/** A room whose outer world is this test. */
function openRoom(more: { recorder?: Recorder; hears?: boolean } = {}) {
	const effects: Effect[] = [];
	const inboxes: Uint8Array[] = [];
	const listen = (_: unknown, effect: Effect): void => void effects.push(effect);
	const recorder = more.recorder ?? {
		...{ open() {}, abort() {}, swap() {}, close() {} },
		tick: (_: unknown, inbox: Uint8Array) => void inboxes.push(inbox.slice()),
	};
	const room = new Room({
		...{ id: "room-1", clock: new VirtualClock(), seed: 5, game: duel, recorder },
		onEffect: more.hears === false ? undefined : listen,
	});
	const enter = (name: string) => {
		const player = room.join(new RecordingSink(), name);
		if ("error" in player) throw new Error(player.detail);
		return player;
	};
	const press = (player: ReturnType<typeof enter>, inputs: Uint8Array): void => {
		room.receiveInput(player, { type: "input", ackTick: 0, tick: room.tick, inputs });
	};
	return { room, effects, inboxes, enter, press };
}

function column(room: Room, name: string, row = 0): number {
	const found = room.simulation.tables[0]?.columns.find(({ about }) => about.name === name);
	return found?.values[row] as number;
}

describe("what rules say to the world outside", () => {
	it("is told with its place and whom it is about", () => {
		const { room, effects, enter, press } = openRoom();
		const ada = enter("Ada");
		press(ada, WIN);
		room.runTick();
		const common = { room: "room-1", game: "duel", version: 1, epoch: 1, tick: 0 };
		const player = { number: 0, name: "Ada" };
		expect(effects).toEqual([
			{ ...common, kind: "request", n: 0, name: "profile", player, fields: { wins: 0 } },
			{
				...common,
				kind: "result",
				n: 1,
				name: "match",
				player: null,
				fields: { winner: 0, ticks: 0 },
			},
			{ ...common, kind: "result", n: 2, name: "standing", player, fields: { wins: 1 } },
		]);
	});

	it("is answered through the inbox, so that the ticks run again need nobody outside", () => {
		const { room, effects, inboxes, enter } = openRoom();
		enter("Ada");
		room.runTick();
		room.runTick();
		room.requests.answer(effects[0] as Effect, { level: 12, isNew: true });
		// only the first answer counts
		room.requests.answer(effects[0] as Effect, { level: 99, isNew: true });
		room.runTick();
		room.requests.answer(effects[0] as Effect, { level: 99, isNew: true });
		for (let i = 0; i < 5; i++) room.runTick();
		expect(column(room, "level")).toBe(1012);
		const again = instantiate(duel, () => {});
		again.init(5);
		inboxes.forEach((inbox, tick) => {
			expect(runTick(again, tick, inbox)).toBeNull();
		});
		expect(stateHash(again, room.tick)).toBe(room.stateHash());
	});

	it.each<[string, unknown]>([
		["is null", null],
		["is no object", 7],
		["misses a field", { level: 3 }],
		["has a number beyond its type", { level: 70_000, isNew: true }],
		["has a part of a number", { level: 1.5, isNew: true }],
		["has text for a number", { level: "3", isNew: true }],
	])("comes as a failure when the answer %s", (_, answer) => {
		const { room, effects, enter } = openRoom();
		enter("Ada");
		room.runTick();
		room.requests.answer(effects[0] as Effect, answer);
		room.runTick();
		expect([column(room, "level"), column(room, "failures")]).toEqual([0, 1]);
	});

	it("fails at once where nobody answers", () => {
		const { room, enter } = openRoom({ hears: false });
		enter("Ada");
		room.runTick();
		room.runTick();
		expect(column(room, "failures")).toBe(1);
	});

	it("is not answered to whoever sits there after the player who asked", () => {
		const { room, effects, enter } = openRoom();
		const ada = enter("Ada");
		room.runTick();
		room.leave(ada);
		room.runTick();
		enter("Bob");
		room.runTick();
		room.requests.answer(effects[0] as Effect, { level: 12, isNew: false });
		room.runTick();
		expect([column(room, "level"), column(room, "failures")]).toEqual([0, 0]);
		expect(room.requests.pending.map(({ player }) => player?.name)).toEqual(["Bob"]);
	});

	it("waits for its answer in a room that goes on elsewhere", () => {
		const { room, effects, enter } = openRoom();
		enter("Ada");
		room.runTick();
		const saved = saveRoom(room);
		if (saved === null) throw new Error("the room has failed");
		const moved = Room.resume(saved, { game: duel, clock: new VirtualClock(), onEffect() {} });
		if ("error" in moved) throw new Error(moved.detail);
		expect(moved.requests.pending).toEqual(effects);
		moved.requests.answer(effects[0] as Effect, { level: 4, isNew: false });
		moved.runTick();
		expect(column(moved, "level")).toBe(4);
	});
});

describe("the room log", () => {
	it("has what was said, and what waits for an answer", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-effects-"));
		const logs = new RoomLogs({
			...{ folder, worker: 0, incarnation: "a", durability: "process", log: silentLog },
		});
		const { room, effects, enter, press } = openRoom({ recorder: logs.recorder });
		const ada = enter("Ada");
		enter("Bob");
		press(ada, WIN);
		room.runTick();
		press(ada, IDLE);
		logs.flush();
		const read = () => readRoomLog(folder);
		expect(read().rooms[0]?.requests).toEqual(effects.filter(({ kind }) => kind === "request"));
		room.requests.answer(effects[0] as Effect, { level: 1, isNew: false });
		room.runTick();
		room.runTick();
		logs.recorder.close(room, "empty");
		logs.flush();
		const { rooms, results, closed, problems } = read();
		expect([rooms, problems, closed.length]).toEqual([[], [], 1]);
		// a room that is over has said it all the same
		expect(results.map(({ result }) => result)).toEqual(
			effects.filter(({ kind }) => kind === "result"),
		);
		expect(results.length).toBeGreaterThan(0);
		await logs.finish();
	});
});
