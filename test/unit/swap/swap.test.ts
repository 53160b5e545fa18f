import { beforeAll, describe, expect, it } from "vitest";
import { ChunkDecoder } from "../../../protocol/codec/chunk-decoder.ts";
import { compareSchemas } from "../../../server/migration/compare-schemas.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import type { Player } from "../../../server/room/player.ts";
import { Room } from "../../../server/room/room.ts";
import { rollBack } from "../../../server/room/rules.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { runTrial } from "../../../server/swap/trial.ts";
import { trialRoomOf } from "../../../server/swap/verifier.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

const version2 = replace("version: 1", "version: 2");

let dots: GameModule;
let renamed: GameModule;
let late: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
	renamed = await loadVariant({
		schema: (source) =>
			version2(source).replace(
				"x: f32().quantize(1 / 16), y: f32().quantize(1 / 16)",
				'east: f32().quantize(1 / 16).was("x"), hp: u8({ default: 9 }), player2: u8().was("nothing")',
			),
		main: (source) => source.replaceAll("dot.x", "dot.east").replace(/.*dot\.y.*\n/, ""),
	});
	// the same rules, until they trap half a second after the swap at tick 100
	late = await loadVariant({
		schema: version2,
		main: replace(
			"export function tick(): void {",
			"export function tick(): void { if (ctx.tick >= 130 && dot.used > 0) unreachable();",
		),
	});
});

function open(game: GameModule): { room: Room; clock: VirtualClock } {
	const clock = new VirtualClock();
	return { room: new Room({ id: "r", game, clock, seed: 7 }), clock };
}

function join(room: Room, name: string): { sink: RecordingSink; player: Player } {
	const sink = new RecordingSink();
	const player = room.join(sink, name);
	if ("error" in player) throw new Error(player.error);
	return { sink, player };
}

/** Ticks with inputs that depend on the tick alone. */
function play(room: Room, players: readonly Player[], ticks: number): void {
	for (let i = 0; i < ticks; i++) {
		for (const player of players) {
			const inputs = new Uint8Array([
				(room.tick * 7 + player.number * 31) & 0x7f,
				room.tick & 0x3f,
			]);
			const ackTick = Math.max(0, player.viewer?.sentTick ?? 0);
			room.receiveInput(player, { type: "input", ackTick, tick: room.tick, inputs });
		}
		room.runTick();
	}
}

describe("swapRoom", () => {
	it("carries columns over by name and by former name, and fills new ones with their default", () => {
		const { room } = open(dots);
		const { player } = join(room, "Ann");
		play(room, [player], 50);
		const x = room.simulation.tables[0]?.columns[1]?.values[0];
		const swapped = swapRoom(room, renamed);
		expect(swapped).toEqual({
			report: ["~ dot.east was x", "+ dot.hp starts at 9", "+ dot.player2 starts at 0", "- dot.y"],
		});
		const [, east, hp] = room.simulation.tables[0]?.columns ?? [];
		expect(east?.values[0]).toBe(x);
		expect(hp?.values[0]).toBe(9);
		expect(room.game.version).toBe(2);
		expect(room.tick).toBe(50);
	});

	it("keeps every player, and sends the new schema and then a keyframe of it", () => {
		const { room } = open(dots);
		const ann = join(room, "Ann");
		const bob = join(room, "Bob");
		play(room, [ann.player, bob.player], 50);
		swapRoom(room, renamed);
		const before = ann.sink.raw.length;
		play(room, [ann.player, bob.player], 10);
		const [first, ...snapshots] = ann.sink.messages.slice(before - 1);
		expect(first).toMatchObject({ type: "swap", tick: 50, moduleHash: renamed.hash });
		if (first?.type !== "swap") throw new Error("no swap message");
		const decoder = new ChunkDecoder(first.schema.tables);
		for (const snapshot of snapshots) {
			if (snapshot.type !== "snapshot") continue;
			for (const { kind, data } of snapshot.chunks) expect(decoder.apply(kind, data)).toBeNull();
		}
		const east = room.simulation.tables[0]?.columns[1]?.values[1] as number;
		expect(Math.abs((decoder.tables[0]?.columns[1]?.value[1] as number) / 16 - east)).toBeLessThan(
			2,
		);
		expect([ann.sink.dropped, bob.sink.dropped]).toEqual([null, null]);
	});

	it("takes a fault in the probation back: the state is that of a room that never swapped", () => {
		const { room } = open(dots);
		const twin = open(dots).room;
		const players = [join(room, "Ann").player, join(room, "Bob").player];
		const twins = [join(twin, "Ann").player, join(twin, "Bob").player];
		play(room, players, 100);
		play(twin, twins, 100);
		expect(swapRoom(room, late)).toHaveProperty("report");
		play(room, players, 29);
		play(twin, twins, 29);
		expect(room.game.version).toBe(2);
		play(room, players, 30);
		play(twin, twins, 30);
		expect(room.game.version).toBe(1);
		expect(room.faults.reports.at(-1)).toMatchObject({
			tick: 130,
			outcome: { kind: "rolledBack" },
		});
		expect(room.counters.rollbacks).toBe(1);
		expect(room.tick).toBe(twin.tick);
		expect(room.stateHash()).toBe(twin.stateHash());
		play(room, players, 200);
		play(twin, twins, 200);
		expect(room.stateHash()).toBe(twin.stateHash());
	});

	it("ends the probation after its time: from then on a fault is the new rules' own", () => {
		const { room } = open(dots);
		const { player } = join(room, "Ann");
		play(room, [player], 5);
		swapRoom(room, late);
		play(room, [player], 124);
		expect(room.probation).toBeNull();
		play(room, [player], 5);
		expect(room.fault).not.toBeNull();
	});

	it("can be taken back by hand, with nothing that happened since lost", () => {
		const { room } = open(dots);
		const twin = open(dots).room;
		const { player } = join(room, "Ann");
		const other = join(twin, "Ann").player;
		play(room, [player], 60);
		play(twin, [other], 60);
		swapRoom(room, late);
		play(room, [player], 20);
		play(twin, [other], 20);
		rollBack(room);
		play(room, [player], 20);
		play(twin, [other], 20);
		expect(room.game.hash).toBe(dots.hash);
		expect(room.stateHash()).toBe(twin.stateHash());
	});
});

describe("a swap that cannot be", () => {
	it.each([
		[
			"a column's type cannot be carried",
			"player: u8().owner(), x: f32().quantize(1 / 16)",
			"player: u8().owner(), x: i32()",
			"ERR_SWAP_TYPE",
		],
		[
			"the input differs",
			"input: { dx: i8, dy: i8 }",
			"input: { dx: i8, dy: i8, dz: i8 }",
			"ERR_SWAP_INPUT",
		],
		["the tick rate differs", "tickRate: 60", "tickRate: 50", "ERR_SWAP_RATE"],
		["it is another game", 'name: "dots"', 'name: "blots"', "ERR_SWAP_GAME"],
		["it has fewer seats", "maxPlayers: 16", "maxPlayers: 8", "ERR_SWAP_CAPACITY"],
	])("is refused where %s, and changes nothing", async (_, from, to, error) => {
		const other = await loadVariant({
			schema: (source) =>
				replace(
					from,
					to,
				)(source).replace(
					"import { defineGame, f32, i8, u8 }",
					"import { defineGame, f32, i8, i32, u8 }",
				),
			main: (source) => source.replaceAll(/dot\.x\[i\] (\+)?= .*/g, ""),
		});
		const { room } = open(dots);
		const { player, sink } = join(room, "Ann");
		play(room, [player], 20);
		const hash = room.stateHash();
		const messages = sink.raw.length;
		expect(swapRoom(room, other)).toMatchObject({ error });
		expect(room.stateHash()).toBe(hash);
		expect(room.game).toBe(dots);
		expect(sink.raw.length).toBe(messages);
	});

	it("is refused where rows in use do not fit", async () => {
		const small = await loadVariant({ schema: replace("capacity: 16", "capacity: 1") });
		const { room } = open(dots);
		const players = [join(room, "Ann").player, join(room, "Bob").player];
		play(room, players, 20);
		expect(swapRoom(room, small)).toMatchObject({ error: "ERR_SWAP_CAPACITY" });
	});
});

describe("a trial", () => {
	it("asks the new rules whether their state is sound, and refuses them if not", async () => {
		const unsound = await loadVariant({
			main: (source) =>
				`${source}\nexport function check(): i32 { return ctx.tick == 70 ? 7 : 0; }\n`,
		});
		const { room } = open(dots);
		play(room, [join(room, "Ann").player], 100);
		const past = trialRoomOf(room);
		if (!past) throw new Error("the room has no past");
		const now = () => 0;
		expect(runTrial(dots.module, dots.module, past, now)).toMatchObject({ room: room.id });
		expect(runTrial(dots.module, unsound.module, past, now)).toMatchObject({
			error: "ERR_TRIAL_FAULT",
			detail: expect.stringContaining("invariant: hs_check returned 7"),
		});
	});
});

describe("compareSchemas", () => {
	it("finds nothing to report between a module and itself", () => {
		const compared = compareSchemas(dots.descriptor, dots.descriptor);
		expect(compared).toMatchObject({ plan: { report: [] } });
	});
});
