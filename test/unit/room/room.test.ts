import { beforeAll, describe, expect, it } from "vitest";
import { ChunkDecoder } from "../../../protocol/codec/chunk-decoder.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { CHUNK } from "../../../protocol/messages/server-message.ts";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import type { Player } from "../../../server/room/player.ts";
import { Room } from "../../../server/room/room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

function openRoom(): { room: Room; clock: VirtualClock } {
	const clock = new VirtualClock();
	const room = new Room({ id: "r", game: dots, clock, seed: 7 });
	room.start(clock.ms);
	return { room, clock };
}

function join(room: Room, name = "Ann"): { sink: RecordingSink; player: Player } {
	const sink = new RecordingSink();
	const player = room.join(sink, name);
	if ("error" in player) throw new Error(player.error);
	return { sink, player };
}

function ack(room: Room, player: Player, tick: number): void {
	room.receiveInput(player, { type: "input", ackTick: tick, tick: 0, inputs: new Uint8Array(0) });
}

/** Runs ticks while everybody acknowledges what they got. */
function run(room: Room, ticks: number, players: readonly Player[] = []): void {
	for (let i = 0; i < ticks; i++) {
		room.runTick();
		for (const player of players) ack(room, player, player.viewer?.sentTick ?? 0);
	}
}

function kinds(sink: RecordingSink): number[] {
	return sink.snapshots.map((s) => s.chunks[0]?.kind ?? -1);
}

describe("Room", () => {
	it("welcomes a player with the schema and the roster, then sends one keyframe and deltas", () => {
		const { room } = openRoom();
		const { sink, player } = join(room);
		run(room, 9, [player]);
		const [welcome] = sink.messages;
		expect(welcome).toMatchObject({
			type: "welcome",
			player: 0,
			roster: [{ player: 0, name: "Ann" }],
		});
		expect(kinds(sink)).toEqual([CHUNK.keyframe, CHUNK.delta, CHUNK.delta]);
		expect(sink.snapshots.map((s) => s.tick)).toEqual([2, 5, 8]);
	});

	it("shows a client the very columns that the module holds, quantised", () => {
		const { room } = openRoom();
		const { sink, player } = join(room);
		const other = join(room, "Bob");
		const decoder = new ChunkDecoder(dots.schema.tables);
		const inputs = new Uint8Array(32).fill(100);
		for (let i = 0; i < 60; i++) {
			room.receiveInput(player, { type: "input", ackTick: 0, tick: room.tick, inputs });
			run(room, 1, [player, other.player]);
		}
		for (const snapshot of sink.snapshots) {
			for (const { kind, data } of snapshot.chunks) expect(decoder.apply(kind, data)).toBeNull();
		}
		const live = room.simulation.tables[0];
		const chain = decoder.tables[0];
		expect(chain?.gen.slice(0, 2)).toEqual(live?.gen.slice(0, 2));
		const x = live?.columns[1]?.values[0] as number;
		expect(chain?.columns[1]?.value[0]).toBe(Math.floor(x * 16 + 0.5));
		expect(x).toBeGreaterThan(50);
	});

	it("encodes a delta once however many get it", () => {
		const { room } = openRoom();
		const sinks = Array.from({ length: 5 }, (_, i) => join(room, `p${i}`));
		run(
			room,
			6,
			sinks.map((s) => s.player),
		);
		const { chunks } = room.encoder;
		const encode = chunks.writeDelta.bind(chunks);
		let encoded = 0;
		chunks.writeDelta = (...args) => {
			encoded++;
			encode(...args);
		};
		run(
			room,
			3,
			sinks.map((s) => s.player),
		);
		expect(encoded).toBe(1);
		expect(new Set(sinks.map(({ sink }) => sink.raw.at(-1)?.slice(-20).toString())).size).toBe(1);
	});

	it("sends nothing to a client that is busy, and one catch-up once it has caught up", () => {
		const { room } = openRoom();
		const { sink, player } = join(room);
		run(room, 6, [player]);
		sink.isBusy = true;
		run(room, 12, [player]);
		expect(kinds(sink)).toEqual([CHUNK.keyframe, CHUNK.delta]);
		sink.isBusy = false;
		run(room, 6, [player]);
		expect(kinds(sink)).toEqual([CHUNK.keyframe, CHUNK.delta, CHUNK.catchUp, CHUNK.delta]);
	});

	it("stops sending to a client that applies nothing, and drops it after the limit", () => {
		const { room, clock } = openRoom();
		const { sink } = join(room);
		const ticks = Math.ceil(((LIMITS.lagMs + LIMITS.stalledClientMs) / 1000) * 60) + 10;
		for (let i = 0; i < ticks; i++) {
			clock.ms += 1000 / 60;
			room.runTick();
		}
		expect(sink.snapshots.length).toBeLessThanOrEqual((LIMITS.lagMs / 1000) * 20 + 2);
		expect(sink.dropped?.name).toBe("ERR_CLIENT_TOO_SLOW");
	});

	it("frees the seat and the row when a player leaves, and tells the others", () => {
		const { room } = openRoom();
		const ann = join(room);
		const bob = join(room, "Bob");
		run(room, 3, [ann.player, bob.player]);
		room.leave(ann.player);
		run(room, 3, [bob.player]);
		expect([...room.players.keys()]).toEqual([1]);
		expect(room.simulation.tables[0]?.gen[0]).toBe(0);
		expect(bob.sink.messages).toContainEqual({
			type: "roster",
			changes: [{ player: 0, name: null }],
		});
		expect(join(room, "Cy").player.number).toBe(0);
	});

	it("has as many seats as the game says, and refuses the next by name", () => {
		const { room } = openRoom();
		for (let i = 0; i < 16; i++) join(room, `p${i}`);
		expect(room.join(new RecordingSink(), "late")).toMatchObject({ error: "ERR_ROOM_FULL" });
	});

	it("catches up a few ticks after a delay and drops, and counts, the rest", () => {
		const { room, clock } = openRoom();
		clock.ms += 1005; // between two deadlines: ticks 0 to 60 are due
		room.runDue(clock.ms);
		expect(room.tick).toBe(SERVER_LIMITS.catchUpTicks);
		expect(room.counters.droppedTicks).toBe(61 - SERVER_LIMITS.catchUpTicks);
		expect(room.deadlineMs).toBeGreaterThan(clock.ms);
		expect(room.deadlineMs - clock.ms).toBeLessThanOrEqual(room.tickMs);
	});

	it("makes up for delays in full, and sends the newest snapshot alone when late for a second", () => {
		const { room, clock } = openRoom();
		const { sink, player } = join(room);
		run(room, 3, [player]);
		room.start(clock.ms);
		const ticksOf = (wake: () => void): (number | undefined)[] => {
			const before = sink.snapshots.length;
			wake();
			player.viewer?.acknowledge(room.tick - 1, clock.ms);
			return sink.snapshots.slice(before).map(({ tick }) => tick);
		};
		const lateWake = () => {
			clock.ms += 3.5 * room.tickMs;
			room.runDue(clock.ms);
		};
		const most = (wakes: number): number =>
			Math.max(...Array.from({ length: wakes }, () => ticksOf(lateWake).length));
		// one long delay is no flood: what can be made up for is
		const stall = () => {
			clock.ms += 2000;
			room.runDue(clock.ms);
		};
		const onTime = () => {
			clock.ms = room.deadlineMs;
			room.runDue(clock.ms);
		};
		const sent = Array.from({ length: 12 }, () => [ticksOf(stall).length, ticksOf(onTime).length]);
		expect(Math.max(...sent.map(([n]) => n as number))).toBe(2);
		room.start(clock.ms);
		room.counters.droppedTicks = 0;
		// each wake is 3.5 ticks late: a second of that is 18 of them
		expect(most(18)).toBe(2);
		// 3 to 4 of 60 ticks in each, and a third of them have a snapshot: some would send two
		expect(most(30)).toBe(1);
		expect(room.counters.droppedTicks).toBe(0);
	});

	it("keeps its deadlines absolute: a thousand late wakes do not move them", () => {
		const { room, clock } = openRoom();
		const start = clock.ms;
		for (let i = 0; i < 1000; i++) {
			clock.ms = room.deadlineMs + (i % 5);
			room.runDue(clock.ms);
		}
		expect(room.tick).toBe(1000);
		expect(room.deadlineMs).toBeCloseTo(start + (1000 * 1000) / 60, 6);
	});

	it("says which inputs a snapshot includes and how early they came", () => {
		const { room } = openRoom();
		const { sink, player } = join(room);
		run(room, 3, [player]);
		const inputs = new Uint8Array(2);
		room.receiveInput(player, { type: "input", ackTick: 2, tick: room.tick + 2, inputs });
		run(room, 3, [player]);
		expect(sink.snapshots.at(-1)).toMatchObject({ inputTick: 5, slack: 2 });
	});

	it("refuses inputs of a wrong size without touching the player's state", () => {
		const { room } = openRoom();
		const { player } = join(room);
		const message = { type: "input", ackTick: 0, tick: 3, inputs: new Uint8Array(3) } as const;
		expect(room.receiveInput(player, message)).toContain("3 bytes");
		expect(room.receiveInput(player, { ...message, inputs: new Uint8Array(2 * 17) })).toContain(
			"17 inputs",
		);
		expect(player.inputs.inputTick).toBe(0);
	});
});

describe("a room's time as pongs tell it", () => {
	function ask(room: Room, player: Player, sink: RecordingSink): number {
		if (player.viewer) room.pong(player.viewer, 0);
		const answer = sink.messages.at(-1);
		if (answer?.type !== "pong") throw new Error("no pong");
		return answer.tick;
	}

	it.each([10, 50, 100, 450, 10_000])(
		"is the same before and after the room is called again, %i ms late",
		(lateMs) => {
			const { room, clock } = openRoom();
			const { sink, player } = join(room);
			for (let i = 0; i < 60; i++) {
				room.runDue(clock.now());
				clock.ms += room.tickMs;
			}
			clock.ms += lateMs;
			const before = ask(room, player, sink);
			room.runDue(clock.now());
			expect(ask(room, player, sink)).toBeCloseTo(before, 6);
		},
	);

	it("stands still with the room, and goes on from there", () => {
		const { room, clock } = openRoom();
		const { sink, player } = join(room);
		room.runDue(clock.now());
		room.pause();
		const at = ask(room, player, sink);
		clock.ms += 5_000;
		expect(ask(room, player, sink)).toBe(at);
		room.resume();
		expect(ask(room, player, sink)).toBeCloseTo(at, 6);
	});
});
