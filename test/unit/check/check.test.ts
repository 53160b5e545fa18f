import { beforeAll, describe, expect, it } from "vitest";
import { INBOX, RECORD } from "../../../protocol/abi/layout.ts";
import { Simulation } from "../../../protocol/abi/simulation.ts";
import { amnesiaTest } from "../../../server/check/amnesia-test.ts";
import { type Check, checkGame } from "../../../server/check/check-game.ts";
import { showCheck } from "../../../server/check/check-report.ts";
import { play } from "../../../server/check/play.ts";
import { syncTest } from "../../../server/check/sync-test.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { randomInboxes } from "../../../server/swap/random-inboxes.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { buildDots } from "../journal/journal-match.ts";

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

function check(game: GameModule, seed = 7): Check {
	let ms = 0;
	return checkGame(game, { seed, ticks: 600, players: 16 }, () => ms++);
}

/** A rule that depends on how many ticks this very instance has run. */
const HIDDEN_COUNT: [string, string][] = [
	["export function tick", "let ran: i32 = 0;\n$&"],
	["dot.x[i] +=", "ran++; if (ran > 2000) dot.y[i] += 1; $&"],
];

describe("random players", () => {
	it("come, press and go the same way for the same seed, and another for another", () => {
		const options = { ticks: 600, players: 16 };
		const all = [1, 1, 2].map((seed) =>
			Buffer.concat(randomInboxes(dots.descriptor, { ...options, seed })).toString("hex"),
		);
		expect(all[0]).toBe(all[1]);
		expect(all[0]).not.toBe(all[2]);
	});

	it("fill inboxes as a room does: only who has joined presses or leaves, once a tick", () => {
		const kinds = new Map<number, number>();
		const here = new Set<number>();
		for (const inbox of randomInboxes(dots.descriptor, { seed: 3, ticks: 3000, players: 16 })) {
			const view = new DataView(inbox.buffer, inbox.byteOffset, inbox.length);
			const pressed = new Set<number>();
			for (let at = 0; at < inbox.length; at += view.getUint16(at + RECORD.length, true)) {
				const kind = view.getUint8(at);
				const player = view.getUint16(at + RECORD.player, true);
				kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
				expect(here.has(player)).toBe(kind !== INBOX.join);
				if (kind === INBOX.join) here.add(player);
				if (kind === INBOX.leave) here.delete(player);
				if (kind !== INBOX.input) continue;
				expect(pressed.has(player)).toBe(false);
				pressed.add(player);
			}
			expect(pressed).toEqual(here);
		}
		expect(kinds.get(INBOX.join)).toBeGreaterThan(50);
		expect(kinds.get(INBOX.leave)).toBeGreaterThan(50);
	});
});

describe("check", () => {
	it.each(["dots", "arena"] as const)("finds nothing wrong with %s", async (name) => {
		const { play: played, sync, amnesia } = check(await loadFixture(name));
		expect(played.fault).toBeNull();
		expect(played.ticks).toBe(600);
		expect(played.fuel?.mean).toBeGreaterThan(100);
		expect({ sync, amnesia }).toEqual({
			sync: { checks: 20, failure: null },
			amnesia: { checks: 9, failure: null },
		});
	});

	it("tells what the owner alone gets from what nobody gets", async () => {
		const { module } = check(await loadFixture("meadow"));
		const columns = module.tables.flatMap((table) => table.columns);
		expect(columns.find(({ name }) => name === "purse")?.notes).toEqual(["owner only"]);
	});

	it("says what a module is made of", () => {
		const { module } = check(dots);
		expect(module).toMatchObject({
			name: "dots",
			tickRate: 60,
			input: ["dx i8", "dy i8"],
			imports: [],
			tables: [{ name: "dot", capacity: 16, bytesPerRow: 2 + 1 + 4 + 4, publicBytesPerRow: 11 }],
		});
		expect(module.tables[0]?.columns).toEqual([
			{
				name: "player",
				type: "u8",
				quantisation: "exact",
				interpolation: "step",
				notes: ["owner"],
			},
			{ name: "x", type: "f32", quantisation: "step 0.0625", interpolation: "linear", notes: [] },
			{ name: "y", type: "f32", quantisation: "step 0.0625", interpolation: "linear", notes: [] },
		]);
		expect(module.sealedBytes).toBeGreaterThan(module.rawBytes);
	});

	it("is the same for the same seed but for the time it takes", () => {
		expect(check(dots, 3)).toEqual(check(dots, 3));
		expect(check(dots, 3).play.fuel).not.toEqual(check(dots, 4).play.fuel);
	});

	it("reports the tick that fails, by place, and tests the ticks before it", async () => {
		const { game } = await buildDots([
			["export function tick(): void {", "$& if (ctx.tick == 450) unreachable();"],
		]);
		const { play: played, sync, amnesia } = check(game);
		expect(played).toMatchObject({ ticks: 450, fault: { tick: 450, kind: "trap" } });
		expect(played.fault?.frames[0]).toMatch(/main\.ts:\d+:\d+/);
		expect(sync).toEqual({ checks: 15, failure: null });
		expect(amnesia.failure).toBeNull();
	});
});

describe("the amnesia test", () => {
	it("catches state in a global of the module, by tick, table, row and column", async () => {
		const { game } = await buildDots(HIDDEN_COUNT);
		const { sync, amnesia } = check(game);
		expect(sync.failure).toBeNull(); // an image holds globals: only a swap loses them
		const { failure } = amnesia;
		expect(failure).toMatchObject({ difference: { table: "dot", column: "y", type: "f32" } });
		const { tick, forgottenTick, difference } = failure as NonNullable<typeof failure>;
		expect(forgottenTick).toBe(60);
		expect(tick).toBeGreaterThan(forgottenTick);
		// the run that forgot nothing has counted to 2000 and moves the dot, the other does not
		expect(difference?.before).toBe((difference?.after as number) + 1);
	});

	it("catches state in memory outside of the columns", async () => {
		const { game } = await buildDots([
			["export function tick", "const kept = memory.data(4, 4);\n$&"],
			[
				"dot.x[i] +=",
				"store<u32>(kept, load<u32>(kept) + 1); dot.y[i] += <f32>load<u32>(kept); $&",
			],
		]);
		expect(check(game).amnesia.failure).toMatchObject({
			forgottenTick: 60,
			tick: 60,
			difference: { column: "y" },
		});
	});

	it("says so when what is missing makes a tick fail", async () => {
		const { game } = await buildDots([
			["export function tick", "let ran: i32 = 0;\n$&"],
			["dot.x[i] +=", "if (ran++ == 0 && ctx.tick > 70) unreachable(); $&"],
		]);
		const { failure } = check(game).amnesia;
		expect(failure).toMatchObject({ forgottenTick: 120, tick: 120, detail: "trap: unreachable" });
	});

	it("forgives what hs_init makes again, as a swap runs it too", async () => {
		const { game } = await buildDots([
			[
				"export function tick",
				"let slope: f32 = 0;\nexport function init(): void { slope = 3; }\n$&",
			],
			["dot.x[i] +=", "dot.y[i] += slope; $&"],
		]);
		expect(check(game).amnesia).toEqual({ checks: 9, failure: null });
	});
});

describe("the sync test", () => {
	/** The module without its seal: then its globals are no part of an image. */
	function unsealed(bytes: Uint8Array<ArrayBuffer>): () => Simulation {
		const module = new WebAssembly.Module(bytes);
		return () => {
			const made = Simulation.create(module);
			if ("error" in made) throw new Error(made.detail);
			return made.simulation;
		};
	}

	it("catches state that an image does not hold, at its first tick", async () => {
		const { game, bytes } = await buildDots([
			["export function tick", "let ran: i32 = 0;\n$&"],
			["export function tick(): void {", "$& ran++;"],
			["dot.x[i] +=", "if (ran > 215) dot.y[i] += <f32>ran; $&"],
		]);
		const inboxes = randomInboxes(game.descriptor, { seed: 5, ticks: 300, players: 8 });
		const options = { inboxes, seed: 5, every: 30, length: 10 };
		const { failure } = syncTest(unsealed(bytes), options);
		expect(failure).toMatchObject({ difference: { table: "dot", column: "y" } });
		// each check runs ten ticks twice, so the count is ahead of the tick
		const { tick, savedTick } = failure as NonNullable<typeof failure>;
		expect(tick).toBe(savedTick);
		expect(tick).toBeLessThan(215);
		expect(syncTest(unsealed(game.bytes), options).failure).toBeNull();
	});

	it("names the byte when no column differs", async () => {
		const { game, bytes } = await buildDots([
			["export function tick", "let ran: i32 = 0;\nconst kept = memory.data(4, 4);\n$&"],
			["export function tick(): void {", "$& ran++; store<i32>(kept, ran);"],
		]);
		const inboxes = randomInboxes(game.descriptor, { seed: 5, ticks: 100, players: 8 });
		const { failure } = syncTest(unsealed(bytes), { inboxes, seed: 5, every: 30, length: 10 });
		expect(failure).toMatchObject({ savedTick: 0, tick: 0, difference: null });
		expect(failure?.detail).toMatch(/^byte \d+ of the memory is \d+, the first time \d+$/);
	});

	it("is told apart from two fresh runs that differ, which the amnesia test reports", () => {
		const inboxes = randomInboxes(dots.descriptor, { seed: 5, ticks: 200, players: 8 });
		let ms = 0;
		const { hashes } = play(dots, inboxes, 5, () => ms++);
		const other = [...hashes];
		other[60] = "0".repeat(16);
		const create = unsealed(dots.bytes);
		const { failure } = amnesiaTest(create, { inboxes, seed: 5, hashes: other, every: 60 });
		expect(failure?.detail).toMatch(/second fresh run/);
	});
});

describe("the report of a check", () => {
	it("tells in words what failed and what follows from it", async () => {
		const { game } = await buildDots(HIDDEN_COUNT);
		const text = showCheck(check(game, 7));
		expect(text).toContain("table dot: 16 rows of 11 B");
		expect(text).toContain("--seed 7");
		expect(text).toContain("sync test: ok, 20 times");
		expect(text).toMatch(/AMNESIA TEST FAILS: .* from tick 60 on, tick \d+ comes out otherwise:/);
		expect(text).toMatch(/dot\.y\[\d+\] is \S+ instead of \S+/);
	});
});
