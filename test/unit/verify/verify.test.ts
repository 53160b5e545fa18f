import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Command } from "../../../server/verify/engine.ts";
import { exportMatch, type Stretch } from "../../../server/verify/export-match.ts";
import { runHost } from "../../../server/verify/run-host.ts";
import { verifyMatch } from "../../../server/verify/verify-match.ts";
import { showEngine } from "../../../server/verify/verify-report.ts";
import { repositoryRoot } from "../../support/repository-root.ts";
import { buildDots, openBytes, recordMatch } from "../journal/journal-match.ts";
import { recordOddMatch } from "./odd-match.ts";

const TICKS = 200;
const host = path.join(repositoryRoot(), "game-logic/hosts/javascript/host.js");
const honest: Command = { file: process.execPath, args: [host] };

let folder: string;
let bytes: Uint8Array<ArrayBuffer>;
let stretches: readonly Stretch[];

function exported(toTick?: number): readonly Stretch[] {
	const options = toTick === undefined ? { folder } : { folder, toTick };
	const found = exportMatch(openBytes(bytes), options);
	if ("error" in found) throw new Error(found.detail);
	return found;
}

function stretch(i: number): Stretch {
	const found = stretches[i];
	if (!found) throw new Error(`there is no stretch ${i}`);
	return found;
}

/** A host whose text is this, run by Node. */
function scripted(name: string, text: string): Command {
	const file = path.join(folder, name);
	writeFileSync(file, text);
	return { file: process.execPath, args: [file] };
}

/** The host, with a match file that `change` has changed: what it says differs from the file's own. */
function deceived(name: string, change: string): Command {
	return scripted(
		name,
		`import { readFileSync, writeFileSync } from "node:fs";
		const { runMatch } = await import(${JSON.stringify(path.join(path.dirname(host), "run-match.js"))});
		const [file, tick, image] = process.argv.slice(2);
		const bytes = new Uint8Array(readFileSync(file));
		const view = new DataView(bytes.buffer);
		let at = view.getUint32(56, true);
		const seek = (tick) => {
			while (view.getUint32(at, true) < tick) at += 20 + ((view.getUint32(at + 4, true) + 3) & ~3);
		};
		${change}
		console.log("engine deceived");
		const say = (line) => console.log(line);
		const saved = runMatch(bytes, { say, now: () => performance.now(), imageTick: Number(tick) });
		if (saved) writeFileSync(image, saved);`,
	);
}

beforeAll(async () => {
	folder = mkdtempSync(path.join(tmpdir(), "hotstep-verify-test-"));
	bytes = await recordOddMatch(TICKS);
	stretches = exported();
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("hotstep verify", () => {
	it("exports a match file for each module that a room had", () => {
		expect(stretches.map(({ firstTick, lastTick, ticks }) => [firstTick, lastTick, ticks])).toEqual(
			[
				[0, TICKS / 2 - 1, TICKS / 2],
				[TICKS / 2, TICKS - 1, TICKS / 2],
			],
		);
		expect(stretch(0).game.hash).not.toBe(stretch(1).game.hash);
	});

	it("agrees with V8 in another process from a start and from an image, to the last bit", async () => {
		for (const one of stretches) {
			const run = await verifyMatch(honest, one, folder);
			expect(run).toMatchObject({
				failure: null,
				difference: null,
				ticks: TICKS / 2,
				sameImage: true,
			});
			expect(run.engine).toMatch(/^V8 \d/);
		}
	});

	it("ends at the tick that was asked for", () => {
		expect(exported(41).map(({ lastTick }) => lastTick)).toEqual([41]);
		expect(exported(141).map(({ lastTick }) => lastTick)).toEqual([99, 141]);
		stretches = exported();
	});

	it("names the tick, table, row and column where another engine differs first", async () => {
		const tick = 160;
		// another input of the first player in tick 160: a leave and a join do not stand before it there
		const liar = deceived(
			"liar.mjs",
			`seek(${tick}); bytes[at + 20 + 8] ^= 1; if (bytes[at + 20] !== 3) throw new Error("no input");`,
		);
		const run = await verifyMatch(liar, stretch(1), folder);
		const { difference, ticks } = run;
		expect(difference).toMatchObject({ tick, state: { table: "dot", column: "x" } });
		expect(difference?.state?.before).not.toBe(difference?.state?.after);
		expect(difference?.hash).not.toBe(difference?.hashHere);
		expect(ticks).toBe(tick - TICKS / 2);
		const text = showEngine({ engine: "liar", runs: [run], refused: null }, TICKS);
		expect(text).toMatch(/DIFFERS in tick 160: .*\n +first: dot\.x\[\d+\] is \S+, here \S+\n/);
	});

	it("tells fuel that differs from a state that does", async () => {
		const other = scripted(
			"fuel.mjs",
			`import { spawnSync } from "node:child_process";
			const { stdout } = spawnSync(process.execPath, [${JSON.stringify(host)}, ...process.argv.slice(2)], { maxBuffer: 1e9 });
			console.log(String(stdout).trimEnd().replace(/^(tick 7 \\w+) (\\d+)$/m, (_, said, fuel) => said + " " + (Number(fuel) + 1)));`,
		);
		const { difference } = await verifyMatch(other, stretch(0), folder);
		expect(difference).toMatchObject({ tick: 7, state: null });
		expect(difference?.hash).toBe(difference?.hashHere);
		expect(difference?.fuel).toBe((difference?.fuelHere ?? 0) + 1);
	});

	it("takes nothing from a host that stops, lies about ticks or babbles", async () => {
		const cases: readonly (readonly [string, string, string])[] = [
			[
				"crash.mjs",
				"console.log('engine x'); process.stderr.write('broken'); process.exit(3);",
				"it ended with code 3: broken",
			],
			[
				"short.mjs",
				"console.log('engine x'); console.log('end 0 0');",
				"it ended after 0 of 100 ticks",
			],
			[
				"jump.mjs",
				"console.log('tick 5 0123456789abcdef 1');",
				"it speaks of tick 5 after 0 ticks",
			],
			[
				"babble.mjs",
				"console.log('hello there'); setInterval(() => {}, 1000);",
				'it says "hello there"',
			],
			[
				"long.mjs",
				"console.log('engine ' + 'x'.repeat(10000)); setInterval(() => {}, 1000);",
				"far too long",
			],
			["fail.mjs", "console.log('engine x\\nfail no such thing');", "no such thing"],
		];
		for (const [name, text, said] of cases) {
			const { failure, difference } = await verifyMatch(scripted(name, text), stretch(0), folder);
			expect([name, failure]).toEqual([name, expect.stringContaining(said)]);
			expect(difference).toBeNull();
		}
		const nobody = { file: path.join(folder, "nobody"), args: [] };
		const { failure } = await runHost(nobody, { match: stretch(0).file, onTick: () => true });
		expect(failure).toMatch(/ENOENT/);
	});

	it("refuses a journal that does not come out as it was recorded", async () => {
		const { game } = await buildDots([]);
		const forged = await recordMatch({
			game,
			ticks: 130,
			seed: 2,
			wrap: (recorder) => ({
				open: (room) => recorder.open(room),
				// an inbox that the room did not have
				tick: (room, inbox) => recorder.tick(room, room.tick === 90 ? inbox.slice(0, -12) : inbox),
				abort: (room, inbox) => recorder.abort(room, inbox),
				swap: (room, previous) => recorder.swap(room, previous),
				close: (room) => recorder.close(room),
			}),
		});
		const outcome = exportMatch(openBytes(forged.bytes), { folder });
		expect(outcome).toMatchObject({ error: "ERR_VERIFY_RECORD" });
	});
});
