import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { GameModule } from "../../server/module/game-module.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { Room } from "../../server/room/room.ts";
import { buildMedley } from "../support/build-medley.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../support/recording-sink.ts";
import { repositoryRoot } from "../support/repository-root.ts";
import { buildDots, swap } from "../unit/journal/journal-match.ts";
import { fencedBlock, readDocument } from "./document.ts";
import { DocumentClient, type Seen } from "./document-client.ts";
import { readMsgpack, type Value } from "./msgpack.ts";
import { array, type ColumnShape, number } from "./schema-reader.ts";

let medley: GameModule;
let meadow: GameModule;
beforeAll(async () => {
	[medley, meadow] = await Promise.all([buildMedley(), loadFixture("meadow")]);
});

/** From n to value, by PROTOCOL.md §3. */
function shownValue(n: number, { quantisation, parameter, type }: ColumnShape): number {
	if (quantisation === "step") return n * parameter;
	if (quantisation === "angle") return (n * 2 * Math.PI) / 2 ** parameter;
	if (type === "u32") return n >>> 0;
	return type === "f32" ? new Float32Array(Int32Array.of(n).buffer)[0] : n;
}

/** A sink that asks for capabilities, with what it was sent since the last look. */
function sinkWith(...capabilities: ("plain" | "uncoded")[]) {
	const sink = Object.assign(new RecordingSink(), { capabilities });
	let read = 0;
	const fresh = (): Uint8Array[] => {
		const messages = sink.raw.slice(read);
		read = sink.raw.length;
		return messages;
	};
	return { sink, fresh };
}

function plainOf(messages: Uint8Array[]): Value[] | null {
	const last = messages.map((bytes) => array(readMsgpack(bytes))).findLast(([type]) => type === 7);
	return last ?? null;
}

/** What an ordinary client has seen, as plain arrays. */
function asPlain(client: DocumentClient, seen: Seen): Value[] {
	const tables = (client.welcome?.schema.tables ?? []).map(({ columns }, t) =>
		[...(client.tables?.rows[t] ?? [])]
			.sort(([a], [b]) => a - b)
			.map(([row, { gen, values }]) => [
				row,
				gen,
				...values.map((n, c) => shownValue(n, columns[c])),
			]),
	);
	const own = (client.welcome?.schema.tables ?? []).map((table, t) =>
		[...(seen.own?.[t] ?? [])].map(([row, { gen, values }]) => [
			row,
			gen,
			...table.own.map(({ name }) => values[name]),
		]),
	);
	const names = client.welcome?.schema.events.map(({ name }) => name) ?? [];
	const events = seen.events.map(({ event, tick, fields }) => [
		names.indexOf(event),
		seen.tick - tick,
		...Object.values(fields),
	]);
	return [7, seen.tick, seen.inputTick, seen.slack, tables, seen.own ? own : null, events];
}

/** Numbers to twelve digits: a formula's order of operations is not part of it. */
function rounded(value: Value): Value {
	if (Array.isArray(value)) return value.map(rounded);
	return typeof value === "number" ? Number(value.toPrecision(12)) : value;
}

function sorted(events: Value | undefined): Value[] {
	return array(events).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe("plain arrays", () => {
	it.each(["medley", "meadow"])("show a spectator of %s what snapshots show", (name) => {
		const game = name === "medley" ? medley : meadow;
		const clock = new VirtualClock();
		const room = new Room({ id: "r", game, clock, seed: 4 });
		const player = room.join(new RecordingSink(), "Ann");
		if ("error" in player) throw new Error(player.error);
		const [usual, plain] = [sinkWith(), sinkWith("plain")];
		const client = new DocumentClient();
		const viewers = [usual, plain].map(({ sink }) => {
			const viewer = room.seats.spectate(sink);
			if ("error" in viewer) throw new Error(viewer.error);
			return viewer;
		});
		let [compared, events] = [0, 0];
		for (let i = 0; i < 300; i++) {
			const inputs = new Uint8Array(game.descriptor.input.size).fill(i % 3);
			room.receiveInput(player, { type: "input", ackTick: 0, tick: room.tick, inputs });
			// time in which the budget of bytes fills up again
			clock.ms += 1000 / 60;
			room.runTick();
			for (const viewer of viewers) room.receiveAck(viewer, viewer.sentTick);
			let seen: Seen | null = null;
			for (const bytes of usual.fresh()) seen = client.receive(bytes) ?? seen;
			const message = plainOf(plain.fresh());
			expect(message === null).toBe(seen === null);
			if (seen === null || message === null) continue;
			const expected = asPlain(client, seen);
			expect(sorted(rounded(message.pop() as Value))).toEqual(
				sorted(rounded(expected.pop() as Value)),
			);
			expect(rounded(message)).toEqual(rounded(expected));
			compared++;
			events += seen.events.length;
		}
		expect(compared).toBe(100);
		expect(events).toBeGreaterThan(3);
	});

	it("show a player the cells and the own rows that are a player's", () => {
		const room = new Room({ id: "r", game: meadow, clock: new VirtualClock(), seed: 4 });
		const { sink, fresh } = sinkWith("plain");
		const player = room.join(sink, "Ann");
		if ("error" in player) throw new Error(player.error);
		for (let i = 0; i < 30; i++) room.runTick();
		const [, , , , tables, own] = plainOf(fresh()) ?? [];
		const [walkers, sheep, clouds] = array(tables).map(array);
		const [, , owner, x, y] = array(walkers?.[0]).map(number);
		expect([walkers?.length, owner, clouds?.length]).toEqual([1, 0, 4]);
		for (const row of sheep ?? []) {
			const [, , sheepX = 0, sheepY = 0] = array(row).map(number);
			expect(Math.hypot(sheepX - (x ?? 0), sheepY - (y ?? 0))).toBeLessThan(520);
		}
		expect(sheep?.length).toBeLessThan(60);
		expect(array(array(own)[0]).map(array)).toEqual([[0, 1, 0, x, y, 100].slice(0, 2).concat(100)]);
	});
});

describe("a plain client", () => {
	it("goes on under other rules, and after it was behind", async () => {
		const dots = await loadFixture("dots");
		const { game } = await buildDots([["version: 1", "version: 2"]]);
		const clock = new VirtualClock();
		const room = new Room({ id: "r", game: dots, clock, seed: 6 });
		const { sink, fresh } = sinkWith("plain");
		const player = room.join(sink, "Ann");
		if ("error" in player) throw new Error(player.error);
		const run = (ticks: number, acknowledges: boolean): unknown[] => {
			const types: unknown[] = [];
			for (let i = 0; i < ticks; i++) {
				clock.ms += 1000 / 60;
				room.runTick();
				const { viewer } = player;
				if (viewer && acknowledges) room.receiveAck(viewer, viewer.sentTick);
				types.push(...fresh().map((bytes) => array(readMsgpack(bytes))[0]));
			}
			return types;
		};
		expect(run(30, true)).toEqual([1, 4, ...new Array(10).fill(7)]);
		swap(room, game);
		expect(run(30, true)).toEqual([5, ...new Array(10).fill(7)]);
		// it says nothing for five seconds: after two of them it gets no more
		expect(run(300, false).length).toBeLessThan(45);
		expect(run(30, true).length).toBeGreaterThan(8);
	});
});

describe("a client that reads no coded residuals", () => {
	it("gets none, and sees what the others see", () => {
		const room = new Room({
			id: "r",
			game: meadow,
			clock: new VirtualClock(),
			seed: 5,
			codeResiduals: true,
		});
		const lines = [sinkWith(), sinkWith("uncoded")].map(({ sink, fresh }) => {
			const viewer = room.seats.spectate(sink);
			if ("error" in viewer) throw new Error(viewer.error);
			return { viewer, fresh, client: new DocumentClient(), bytes: 0 };
		});
		for (let i = 0; i < 120; i++) {
			room.runTick();
			for (const line of lines) {
				room.receiveAck(line.viewer, line.viewer.sentTick);
				for (const message of line.fresh()) {
					line.client.receive(message);
					line.bytes += message.length;
				}
			}
			expect(lines[0]?.client.tables?.rows).toEqual(lines[1]?.client.tables?.rows);
		}
		const codedParts = (line: (typeof lines)[number] | undefined) =>
			line?.client.tables?.codedParts;
		expect(codedParts(lines[0])).toBeGreaterThan(10);
		expect(codedParts(lines[1])).toBe(0);
		expect(lines[1]?.bytes).toBeGreaterThan(lines[0]?.bytes ?? 0);
	});
});

describe("the client of PROTOCOL.md §13", () => {
	let server: OpenServer | null = null;
	let child: ChildProcess | null = null;
	afterEach(async () => {
		child?.kill();
		await server?.close();
	});

	it("prints what is in a live room", async () => {
		server = await openServer({ games: [medley] });
		const { url } = await server.listen(0);
		const code = fencedBlock(readDocument("PROTOCOL.md"), "js", "plain");
		const args = ["--input-type=module", "-e", code, "--", url.replace("http", "ws"), "medley"];
		child = spawn(process.execPath, args, { cwd: repositoryRoot() });
		let printed = "";
		child.stdout?.on("data", (text: Buffer) => {
			printed += text;
		});
		child.stderr?.on("data", (text: Buffer) => {
			printed += text;
		});
		await expect.poll(() => printed.split("\n").length, { timeout: 20_000 }).toBeGreaterThan(50);
		expect(printed).toMatch(/^\d+ crate \d+ kind=\d+ x=-?[\d.]+ spin=[\d.]+$/m);
		expect(printed).not.toContain("rror");
	});
});
