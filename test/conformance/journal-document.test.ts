import { beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { TAG } from "../../server/journal/journal-format.ts";
import { JOURNAL_LIMITS } from "../../server/journal/journal-limits.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { buildMedley } from "../support/build-medley.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { buildDots, recordMatch, swap } from "../unit/journal/journal-match.ts";
import { readDocument, tableRows } from "./document.ts";
import { type Recorded, readJournalFile } from "./journal-reader.ts";
import { ModuleHost } from "./module-host.ts";

/** Plays a recorded match as docs/journal.md says; returns how many hashes and images agreed. */
function play({ seed, start, rules, entries }: Recorded): { hashes: number; images: number } {
	let host = new ModuleHost(new Uint8Array(rules.module));
	if (start === 0) expect(host.init(seed)).toBe(0);
	let isPlaced = start === 0;
	let [hashes, images] = [0, 0];
	for (const entry of entries) {
		if (entry.is === "tick") expect(host.tick(entry.tick, entry.inbox)).toBe(0);
		else if (entry.is === "hash") {
			expect(host.stateHash(entry.tick)).toBe(entry.hash);
			hashes++;
		} else if (entry.is === "swap") {
			host = new ModuleHost(new Uint8Array(entry.rules.module));
			isPlaced = false;
		} else if (entry.is === "image") {
			if (isPlaced) expect(host.bytes.equals(entry.memory)).toBe(true);
			host.restore(entry.memory);
			isPlaced = true;
			images++;
		}
	}
	return { hashes, images };
}

describe("docs/journal.md", () => {
	let medley: GameModule;
	beforeAll(async () => {
		medley = await buildMedley();
	});

	it("is enough to read a match with every kind of column and to play it again", async () => {
		const { bytes } = await recordMatch({ game: medley, ticks: 2000, seed: 5, players: 8 });
		const journal = readJournalFile(bytes);
		expect(journal).toMatchObject({ game: "medley", version: 3, tickRate: 60, start: 0, tick: 0 });
		expect(journal.rules.hash).toBe(medley.hash);
		expect(Buffer.from(medley.raw).equals(journal.rules.module)).toBe(true);
		expect(journal.entries.at(-1)).toEqual({ is: "end", tick: 2000 });
		for (const tag of [3, 4, 6, 8, 10, 64]) expect(journal.tags).toContain(tag);
		expect(play(journal)).toEqual({ hashes: 35, images: 1 });
	});

	it("tells of ticks that failed and of other rules", async () => {
		const dots = await loadFixture("dots");
		const { game } = await buildDots([["version: 1", "version: 2"]]);
		const { bytes } = await recordMatch({
			game: dots,
			ticks: 400,
			seed: 6,
			before(room, tick) {
				if (tick === 200) swap(room, game);
			},
		});
		const journal = readJournalFile(bytes);
		const swapped = journal.entries.find((entry) => entry.is === "swap");
		expect(swapped).toMatchObject({ tick: 200, before: dots.hash, rules: { hash: game.hash } });
		expect(play(journal).hashes).toBeGreaterThan(7);
	});

	it("plays sealed rules only with fuel in them, as docs/abi.md says", () => {
		const imports = { hotstep: { log() {} }, env: { abort() {} } };
		const { exports } = new WebAssembly.Instance(medley.module, imports);
		const fuel = exports["hs:fuel"] as WebAssembly.Global;
		const describe = exports.hs_describe as () => number;
		expect(fuel.value).toBe(0);
		expect(describe).toThrow(WebAssembly.RuntimeError);
		expect(fuel.value).toBeLessThan(0);
		fuel.value = 400_800_000;
		(exports._initialize as (() => void) | undefined)?.();
		expect(describe()).toBeGreaterThan(0);
	});

	it("names the tags and limits that the code has", () => {
		const document = readDocument("docs/journal.md");
		const listed = tableRows(document, "Records").map(([tag, name]) => [name, Number(tag)]);
		expect(Object.fromEntries(listed)).toEqual(TAG);
		const text = document.replace(/\s+/g, " ");
		for (const sentence of [
			`bytes of the payload, at most ${JOURNAL_LIMITS.blockBytes} |`,
			`\`bytes\` bytes, at most ${LIMITS.moduleBytes}.`,
			`of linear memory, at most ${LIMITS.memoryBytes}, and n mutable globals, at most ${JOURNAL_LIMITS.globals},`,
			`a hash every ${JOURNAL_LIMITS.hashEvery} ticks`,
			`an image every ${JOURNAL_LIMITS.imageEvery} ticks`,
		]) {
			expect(text).toContain(sentence);
		}
	});
});
