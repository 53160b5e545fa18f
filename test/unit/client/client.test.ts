import { describe, expect, expectTypeOf, it } from "vitest";
import { ClockSync } from "../../../client/clocks/clock-sync.ts";
import { InputClock } from "../../../client/clocks/input-clock.ts";
import { PlaybackClock } from "../../../client/clocks/playback-clock.ts";
import type { Room } from "../../../client/index.ts";
import { InputSender } from "../../../client/input/input-sender.ts";
import { EventQueue } from "../../../client/view/event-queue.ts";
import { SnapshotBuffer } from "../../../client/view/snapshot-buffer.ts";
import { StateShower } from "../../../client/view/state-view.ts";
import { ChunkDecoder } from "../../../protocol/codec/chunk-decoder.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { decodeClientMessage } from "../../../protocol/messages/client-message.ts";
import { layoutRecord } from "../../../protocol/schema/define-game.ts";
import type { WireSchema } from "../../../protocol/wire-schema.ts";
import type dots from "../../fixtures/dots/schema.ts";

const schema: WireSchema = {
	game: "test",
	version: 1,
	maxPlayers: 4,
	input: layoutRecord([
		["turn", "i8"],
		["fire", "bool"],
	]),
	tables: [
		{
			name: "ship",
			capacity: 8,
			spatial: false,
			predicted: false,
			own: [],
			columns: [
				{
					name: "x",
					type: "f32",
					quantisation: { kind: "step", step: 0.5 },
					interpolation: "linear",
					owner: false,
				},
				{
					name: "angle",
					type: "f32",
					quantisation: { kind: "angle", bits: 8 },
					interpolation: "angle",
					owner: false,
				},
				{
					name: "hp",
					type: "u8",
					quantisation: { kind: "exact" },
					interpolation: "step",
					owner: false,
				},
			],
		},
	],
	events: [{ name: "hit", ...layoutRecord([["power", "u16"]]) }],
};

/** A buffer with one row as it was at two ticks: x, angle (of 256) and hp. */
function bufferWith(frames: { tick: number; gen: number; row: [number, number, number] }[]) {
	const decoder = new ChunkDecoder(schema.tables);
	const buffer = new SnapshotBuffer(schema.tables, decoder.tables);
	const shower = new StateShower(schema.tables, decoder.tables);
	for (const { tick, gen, row } of frames) {
		const [table] = decoder.tables;
		if (!table) throw new Error("no table");
		table.gen[0] = gen;
		table.used = gen === 0 ? 0 : 1;
		row.forEach((value, c) => {
			const column = table.columns[c];
			if (!column) return;
			column.step[0] = value - column.value[0];
			column.value[0] = value;
		});
		buffer.push(tick);
	}
	return (tick: number) => {
		const around = buffer.around(tick);
		if (!around) throw new Error("nothing to show");
		shower.showAt(tick, around[0], around[1], 3);
		const ship = shower.state.ship as unknown as Record<string, Float64Array> & { used: number };
		return { x: ship.x?.[0], angle: ship.angle?.[0], hp: ship.hp?.[0], used: ship.used };
	};
}

describe("what a client shows", () => {
	it("lies between two snapshots: linear columns on the line, steps at their old value", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [100, 0, 50] },
			{ tick: 33, gen: 1, row: [130, 0, 40] },
		]);
		expect(show(31.5)).toMatchObject({ x: 57.5, hp: 50 });
		expect(show(33)).toMatchObject({ x: 65, hp: 40 });
	});

	it("turns an angle the short way round", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [0, 250, 0] },
			{ tick: 33, gen: 1, row: [0, 6, 0] },
		]);
		expect(show(31.5).angle).toBeCloseTo((256 / 256) * 2 * Math.PI, 5);
	});

	it("never slides from one occupant of a row to the next", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [100, 0, 0] },
			{ tick: 33, gen: 9, row: [900, 0, 0] },
		]);
		expect(show(31.5).x).toBe(50);
		expect(show(33).x).toBe(450);
	});

	it("takes a leap that no motion explains for a jump, and goes on from it as from rest", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [0, 0, 0] },
			{ tick: 33, gen: 1, row: [100, 0, 0] },
			{ tick: 36, gen: 1, row: [30_100, 40, 0] },
			{ tick: 39, gen: 1, row: [100, 40, 0] },
			{ tick: 42, gen: 1, row: [30_000, 40, 0] },
		]);
		expect(show(31.5).x).toBe(25);
		expect(show(35.9)).toMatchObject({ x: 50, angle: 0 });
		expect(show(36).x).toBe(15_050);
		expect(show(38.9).x).toBe(15_050);
		expect(show(41.9).x).toBe(50);
		expect(show(45).x).toBe(15_000);
	});

	it("lets what has just come be off at any pace", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [0, 0, 0] },
			{ tick: 33, gen: 9, row: [0, 0, 0] },
			{ tick: 36, gen: 9, row: [20_000, 0, 0] },
			{ tick: 39, gen: 9, row: [40_000, 0, 0] },
		]);
		expect(show(34.5).x).toBe(5_000);
		expect(show(37.5).x).toBe(15_000);
	});

	it("takes no fast row for one that leaps, nor one that was late", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [0, 0, 0] },
			{ tick: 33, gen: 1, row: [6_000, 0, 0] },
			{ tick: 36, gen: 1, row: [18_000, 0, 0] },
			{ tick: 39, gen: 1, row: [9_000, 0, 0] },
			{ tick: 69, gen: 1, row: [49_000, 0, 0] },
		]);
		expect(show(31.5).x).toBe(1_500);
		expect(show(34.5).x).toBe(6_000);
		expect(show(37.5).x).toBe(6_750);
		expect(show(54).x).toBe(14_500);
	});

	it("goes on as it last moved when snapshots are late", () => {
		const show = bufferWith([
			{ tick: 30, gen: 1, row: [100, 0, 0] },
			{ tick: 33, gen: 1, row: [112, 0, 0] },
		]);
		expect(show(36).x).toBe(62);
	});
});

describe("ClockSync", () => {
	it("believes the sample with the least round trip", () => {
		const sync = new ClockSync(60);
		// the room is at tick 600 when our clock says 0; one way takes 20 ms, sometimes 200 more
		const at = (ms: number): number => 600 + ms / (1000 / 60);
		sync.addPong(0, 240, at(220));
		sync.addPong(1000, 1040, at(1020));
		sync.addPong(2000, 2240, at(2020));
		expect(sync.roomTick(3000)).toBeCloseTo(at(3000), 6);
		expect(sync.minRttMs).toBe(40);
	});

	it("asks once while nothing answers, and does not take a stall for the way of the path", () => {
		const sync = new ClockSync(60);
		const at = (ms: number): number => ms / (1000 / 60);
		let [pings, ms] = [0, 0];
		for (; ms < 10_000; ms += 50) if (sync.isPingDue(ms)) sync.addPong(ms - 40, ms, at(ms - 20));
		expect(sync.waitedMs(ms)).toBe(0);
		const { rttMs, rttDeviationMs } = sync;
		while (!sync.isPingDue(ms)) ms += 50;
		const askedMs = ms;
		for (; ms < 20_000; ms += 50) if (sync.isPingDue(ms)) pings++;
		expect([pings, sync.waitedMs(ms)]).toEqual([0, ms - askedMs]);
		// the room has lost seconds as well
		sync.addPong(askedMs, ms, at(ms - 9_000));
		expect(sync.rttMs - rttMs).toBeLessThan(10);
		expect(sync.rttDeviationMs - rttDeviationMs).toBeLessThan(20);
		expect(sync.isPingDue(ms)).toBe(true);
	});
});

describe("InputClock", () => {
	it("settles so that inputs arrive two ticks early, whatever the path, and never runs backwards", () => {
		const sync = new ClockSync(60);
		const clock = new InputClock(sync, 60);
		const tickMs = 1000 / 60;
		const oneWayMs = 45;
		let last = -1;
		let slack = 0;
		for (let ms = 0; ms < 20_000; ms += 50) {
			if (ms % 1000 === 0) sync.addPong(ms - 2 * oneWayMs, ms, (ms - oneWayMs) / tickMs);
			const tick = clock.advance(ms);
			expect(tick).toBeGreaterThanOrEqual(last);
			last = tick;
			slack = Math.floor(tick - (ms + oneWayMs) / tickMs);
			clock.addSlack(slack);
		}
		expect(Math.abs(slack - 2)).toBeLessThanOrEqual(1);
	});

	it.each([30, 60, 120])(
		"sends inputs that a server of %i Hz takes soon after a silence of three seconds",
		(tickRate) => {
			const sync = new ClockSync(tickRate);
			const clock = new InputClock(sync, tickRate);
			const tickMs = 1000 / tickRate;
			const slackAt = (ms: number): number => Math.floor(clock.advance(ms) - ms / tickMs);
			for (let ms = 0; ms < 20_000; ms += 50) {
				// every ping from the silence on is answered at its end
				const isSilent = ms > 10_000 && ms <= 13_000;
				if (ms % 1000 === 0 && !isSilent) sync.addPong(ms, ms + 1, (ms + 0.5) / tickMs);
				if (ms === 13_000) {
					for (const sent of [11_000, 12_000]) sync.addPong(sent, ms, ms / tickMs);
				}
				const slack = slackAt(ms);
				if (ms > 15_000) expect(slack).toBeLessThan(LIMITS.inputsQueued);
				if (!isSilent) clock.addSlack(slack);
			}
			expect(slackAt(20_000)).toBeLessThan(10);
		},
	);
});

describe("PlaybackClock", () => {
	it("shows the room two intervals ago on a calm line, at an even pace", () => {
		const clock = new PlaybackClock(60, 20);
		let shown = -1;
		for (let ms = 0; ms < 10_000; ms += 10) {
			if (ms % 50 === 0) clock.addSnapshot((ms / 1000) * 60, ms);
			const next = clock.advance(ms);
			if (ms > 1000) {
				expect(next - shown).toBeGreaterThan(0.5);
				expect(next - shown).toBeLessThan(0.7);
			}
			shown = next;
		}
		expect(shown).toBeCloseTo(((9_990 - 100) / 1000) * 60, 0);
		expect(clock.delayMs).toBeCloseTo(100, 0);
	});

	it("waits longer where snapshots come unevenly, and stops at a quarter of a second without any", () => {
		const clock = new PlaybackClock(60, 20);
		for (let i = 0; i < 200; i++) clock.addSnapshot(i * 3, i * 50 + (i % 4 === 0 ? 120 : 0));
		for (let ms = 0; ms < 10_000; ms += 16) clock.advance(ms);
		expect(clock.delayMs).toBeGreaterThan(150);
		const stopped = clock.advance(60_000);
		expect(stopped).toBeLessThanOrEqual(199 * 3 + 15);
	});
});

describe("PlaybackClock after a stall", () => {
	it.each([1, 5, 60])("of %i s shows the others as soon as before, or nearly", (s) => {
		const clock = new PlaybackClock(60, 20);
		const at = (ms: number): number => (ms / 1000) * 60;
		const endMs = 3_000 + s * 1000;
		for (let ms = 0; ms < endMs + 1_000; ms += 10) {
			if (ms % 50 === 0 && (ms < 3_000 || ms >= endMs)) clock.addSnapshot(at(ms), ms);
			const shown = clock.advance(ms);
			if (ms < endMs + 500) continue;
			expect(at(ms) - shown).toBeLessThan(at(200));
			expect(clock.delayMs).toBeLessThan(200);
		}
	});
});

describe("PlaybackClock of a client that stood still itself", () => {
	it.each([150, 300, 1_000, 5_000])("for %i ms is as late as before", (awayMs) => {
		const clock = new PlaybackClock(60, 20);
		const at = (ms: number): number => (ms / 1000) * 60;
		let waiting: number[] = [];
		for (let ms = 0; ms < 14_000; ms += 10) {
			if (ms % 50 === 0) waiting.push(at(ms));
			if (ms >= 8_000 && ms < 8_000 + awayMs) continue;
			// timers first, messages after them: the worse order
			clock.markSeen(ms);
			for (const tick of waiting) clock.addSnapshot(tick, ms);
			waiting = [];
			const shown = clock.advance(ms);
			if (ms < 9_000 + awayMs) continue;
			expect(clock.delayMs).toBeLessThan(110);
			expect(at(ms) - shown).toBeLessThan(at(120));
		}
	});
});

describe("InputSender", () => {
	it("sends every tick once, in messages of at most sixteen, as the server reads them", () => {
		const sender = new InputSender(schema, () => 0);
		const input = { turn: -5, fire: true };
		const ticks: number[] = [];
		for (const tick of [10, 10, 12, 50]) {
			sender.record(tick, input);
			const bytes = sender.message(3, 1000 + tick);
			if (!bytes) continue;
			const message = decodeClientMessage(bytes);
			if ("error" in message || message.type !== "input") throw new Error("not an input");
			expect(message.ackTick).toBe(3);
			for (let i = 0; i < message.inputs.length / 2; i++) {
				ticks.push(message.tick + i);
				expect([...message.inputs.slice(i * 2, i * 2 + 2)]).toEqual([251, 1]);
			}
		}
		const recent = Array.from({ length: 16 }, (_, i) => 35 + i);
		expect(ticks.slice(-18)).toEqual([11, 12, ...recent]);
		expect(sender.sentAt(12)).toBe(1012);
		expect(sender.sentAt(20)).toBe(-1);
	});

	it("keeps what is too much within the field's type", () => {
		const sender = new InputSender(schema, () => 0);
		const turns = [300, -300, 127.9, Number.POSITIVE_INFINITY, Number.NaN].map((turn, tick) => {
			sender.record(tick, { turn, fire: false });
			const bytes = new Uint8Array(2);
			sender.take(tick, bytes);
			return new Int8Array(bytes.buffer)[0];
		});
		expect(turns).toEqual([127, -128, 127, 127, 0]);
	});
});

describe("inputs that a stalled line leaves no room for", () => {
	it("are left out from the very first message on", () => {
		const sender = new InputSender(schema, () => 0);
		for (let tick = 0; tick <= 40; tick++) sender.record(tick, { turn: 3, fire: tick === 9 });
		const bytes = sender.message(0, 1_000);
		const message = bytes && decodeClientMessage(bytes);
		expect(message).toMatchObject({ type: "input", tick: 25 });
	});

	it("are left out, but for what was set and set back in them", () => {
		const sender = new InputSender(schema, () => 0);
		const at = (tick: number, turn: number, fire: boolean): void => {
			sender.record(tick, { turn, fire });
		};
		at(10, 3, false);
		sender.message(0, 0);
		for (let tick = 11; tick <= 70; tick++) at(tick, tick === 20 ? 7 : 3, tick === 30);
		const bytes = sender.message(0, 1_000);
		const message = bytes && decodeClientMessage(bytes);
		if (!message || "error" in message || message.type !== "input") throw new Error("no input");
		expect(message.tick).toBe(55);
		expect([...message.inputs.slice(0, 6)]).toEqual([7, 1, 3, 0, 3, 0]);
	});
});

describe("a button of room.input", () => {
	it("counts as pressed in one tick when it was let go before that, and as held while it is", () => {
		const sender = new InputSender(schema, () => 0);
		const input: Record<string, number | boolean> = { turn: 3, fire: false };
		sender.attach(input);
		const taken = new Uint8Array(2);
		const fires = (tick: number): number | undefined => {
			sender.record(tick, input);
			sender.take(tick, taken);
			return taken[1];
		};
		expect([fires(10), input.turn, { ...input }]).toEqual([0, 3, { turn: 3, fire: false }]);
		input.fire = true;
		input.fire = false;
		// no tick has passed yet
		expect(fires(10)).toBe(0);
		expect([fires(11), fires(12)]).toEqual([1, 0]);
		input.fire = true;
		expect([fires(13), fires(14)]).toEqual([1, 1]);
		input.fire = true;
		input.fire = false;
		expect(fires(15)).toBe(0);
	});
});

describe("EventQueue", () => {
	it("hands events out in their tick's turn, and refuses bytes that make no sense", () => {
		const queue = new EventQueue(schema);
		expect(queue.add(30, Uint8Array.of(0, 2, 7, 1, 0, 0, 9, 0))).toBeNull();
		const seen: [number, number | undefined][] = [];
		const drain = (tick: number) => queue.drain(tick, (e) => seen.push([e.tick, e.fields.power]));
		drain(27);
		expect(seen).toEqual([]);
		drain(28);
		drain(30);
		expect(seen).toEqual([
			[28, 263],
			[30, 9],
		]);
		expect(queue.add(30, Uint8Array.of(5, 0))).toContain("unknown event");
		expect(queue.add(30, Uint8Array.of(0, 0, 1))).toContain("cut off");
	});
});

describe("a page in the background", () => {
	it("keeps a bounded number of events, the newest, however many arrive", () => {
		const queue = new EventQueue(schema);
		const sent = LIMITS.eventsShown + 500;
		for (let tick = 1; tick <= sent; tick++) queue.add(tick, Uint8Array.of(0, 0, 1, 0));
		const ticks: number[] = [];
		queue.drain(sent, ({ tick }) => ticks.push(tick));
		expect(ticks.length).toBe(LIMITS.eventsShown);
		expect(ticks[0]).toBe(501);
		expect(ticks.at(-1)).toBe(sent);
	});
});

describe("the types of a room", () => {
	it("follow from schema.ts: columns, inputs, and no private ones", () => {
		type DotsRoom = Room<typeof dots>;
		expectTypeOf<DotsRoom["state"]["dot"]["x"]>().toEqualTypeOf<Float64Array>();
		expectTypeOf<DotsRoom["input"]>().toEqualTypeOf<{
			dx: number | boolean;
			dy: number | boolean;
		}>();
		expectTypeOf<DotsRoom["state"]["dot"]>().not.toHaveProperty("vx");
	});

	it("let a room of any game be a Room", () => {
		expectTypeOf<Room<typeof dots>>().toExtend<Room>();
		expectTypeOf<Room["state"][string]["used"]>().toEqualTypeOf<number>();
	});
});
