import { describe, expect, it } from "vitest";
import { readDescriptor } from "../../protocol/abi/descriptor.ts";
import type { ColumnSpec } from "../../protocol/schema/column.ts";
import { compileGame } from "../../server/module/game-module.ts";
import { Room } from "../../server/room/room.ts";
import { assembleWat } from "../support/assemble-wat.ts";
import { type ImageSpec, imageModule, moduleImage } from "../support/module-image.ts";
import { RecordingSink, VirtualClock } from "../support/recording-sink.ts";

const u8Column: ColumnSpec = {
	type: "u8",
	quantisation: { kind: "exact" },
	interpolation: "step",
	private: false,
	owner: false,
	ownerOnly: false,
	rewound: false,
	axis: null,
	wrap: null,
	jumps: false,
	default: 0,
	was: null,
};

function gameOf(change: Partial<ImageSpec> = {}): ImageSpec {
	return {
		name: "tiny",
		version: 1,
		tickRate: 60,
		snapshotRate: 60,
		maxPlayers: 16,
		input: { size: 1, fields: [{ name: "a", type: "u8", offset: 0 }] },
		tables: [{ name: "t", was: null, capacity: 8, columns: [{ name: "c", ...u8Column }] }],
		events: [],
		...change,
	};
}

async function openRoom(spec: ImageSpec, functions: Parameters<typeof imageModule>[1] = {}) {
	const game = compileGame(await assembleWat(imageModule(spec, functions)), "tiny.wat");
	return new Room({ id: "r", game, clock: new VirtualClock(), seed: 1 });
}

function fill(room: Room, players: number): RecordingSink[] {
	return Array.from({ length: players }, (_, i) => {
		const sink = new RecordingSink();
		const player = room.join(sink, `player-${i}`);
		if ("error" in player) throw new Error(player.error);
		return sink;
	});
}

describe("the host side of docs/abi.md", () => {
	it("lets everybody into a module with the least inbox that it may have", async () => {
		const room = await openRoom(gameOf());
		const sinks = fill(room, 16);
		for (let i = 0; i < 10; i++) room.runTick();
		expect(sinks.map((sink) => sink.snapshots.length > 0)).toEqual(sinks.map(() => true));
	});

	it("reads each type's default as a value of that type", () => {
		const defaults = {
			u8: 200,
			i8: -3,
			u16: 60_000,
			i16: -300,
			u32: 4e9,
			i32: -5,
			bool: 1,
		} as const;
		const columns = Object.entries(defaults).map(([type, value]) => ({
			...u8Column,
			name: type,
			type: type as keyof typeof defaults,
			default: value,
		}));
		const spec = gameOf({ tables: [{ name: "t", was: null, capacity: 2, columns }] });
		const { bytes, descriptor } = moduleImage(spec);
		const read = readDescriptor(bytes.buffer, descriptor);
		if ("error" in read) throw new Error(read.detail);
		const seen = read.descriptor.tables[0]?.columns.map((c) => [c.name, c.default]);
		expect(Object.fromEntries(seen ?? [])).toEqual(defaults);
	});

	it("goes on with a module whose memory grows in hs_init or in a tick", async () => {
		const room = await openRoom(gameOf(), {
			init: "(drop (memory.grow (i32.const 1)))",
			tick: "(drop (memory.grow (i32.const 1)))",
		});
		const [sink] = fill(room, 1);
		for (let i = 0; i < 3; i++) room.runTick();
		expect(room.fault).toBeNull();
		expect(room.simulation.memoryBytes).toBe(5 * 65_536);
		expect(sink?.snapshots.length).toBe(3);
	});

	it.each([
		["traps", "unreachable"],
		["does not return 0", "(return (i32.const 3))"],
		["leaves an outbox of odd length", "(i32.store (i32.const CTX8) (i32.const 3))"],
		["claims an outbox beyond its own", "(i32.store (i32.const CTX8) (i32.const 0x7fffffff))"],
	])("closes a room with ERR_ROOM_FAULT when every tick %s", async (_, tick) => {
		const spec = gameOf();
		const { bytes, descriptor } = moduleImage(spec);
		const read = readDescriptor(bytes.buffer, descriptor);
		if ("error" in read) throw new Error(read.detail);
		const text = tick.replace("CTX8", String(read.descriptor.ctx + 8));
		const room = await openRoom(spec, { tick: text });
		const [sink] = fill(room, 1);
		room.runTick();
		expect(sink?.dropped?.name).toBe("ERR_ROOM_FAULT");
		expect(sink?.snapshots).toEqual([]);
	});

	it.each(["gen", "used", "capacity"])(
		"refuses a column named %s, which every table of a client has already",
		(name) => {
			const columns = [{ ...u8Column, name }];
			const spec = gameOf({ tables: [{ name: "t", was: null, capacity: 2, columns }] });
			const { bytes, descriptor } = moduleImage(spec);
			expect(readDescriptor(bytes.buffer, descriptor)).toMatchObject({
				error: "ERR_DESCRIPTOR_NAME",
			});
		},
	);
});
