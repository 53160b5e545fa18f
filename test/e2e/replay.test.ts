import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordTo } from "../../server/journal/journal-folder.ts";
import { silentLog } from "../../server/log.ts";
import { Room } from "../../server/room/room.ts";
import { swapRoom } from "../../server/swap/swap-room.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { VirtualClock } from "../support/recording-sink.ts";
import { runToEnd } from "../support/start-server.ts";
import { buildDots, type Match, recordMatch } from "../unit/journal/journal-match.ts";

let folder: string;
let match: Match;
let journal: string;
/** dots with a rule changed, and with one that fails late. */
let faster: string;
let failing: string;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-replay-"));
	const file = (name: string): string => path.join(folder, name);
	const dots = await loadFixture("dots");
	const [quick, late] = await Promise.all([
		buildDots([["dot.y[i] += ", "dot.y[i] += <f32>2 * "]]),
		buildDots([["export function tick(): void {", "$& if (ctx.tick == 400) unreachable();"]]),
	]);
	[faster, failing] = [file("faster.wasm"), file("failing.wasm")];
	await writeFile(faster, quick.bytes);
	await writeFile(failing, late.bytes);
	match = await recordMatch({
		game: dots,
		ticks: 700,
		seed: 8,
		players: 8,
		before(room, tick) {
			if (tick === 350) expect(swapRoom(room, late.game)).toHaveProperty("report");
		},
	});
	expect(match.room.faults.reports.map((report) => report.outcome.kind)).toEqual(["rolledBack"]);
	journal = file("match.hsj");
	await writeFile(journal, match.bytes);
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs `hotstep replay` and reads its one JSON object. */
async function replayJson(
	args: readonly string[],
): Promise<{ code: number | null; found: Record<string, unknown> }> {
	const { code, stdout, stderr } = await runToEnd(["replay", ...args, "--json"]);
	if (stdout === "") throw new Error(stderr);
	return { code, found: JSON.parse(stdout) };
}

describe("hotstep replay", () => {
	it("runs a match with a rolled back swap again in another process, bit for bit", async () => {
		const { code, stdout } = await runToEnd(["replay", journal]);
		expect(stdout).toMatch(/^dots v1, ticks 0 to 699, 1 aborted, 2 swaps$/m);
		expect(stdout).toMatch(/^identical: (\d+) of \1 recorded hashes$/m);
		expect(stdout).toMatch(/^700 ticks in \d+ ms: [\d,]+ ticks\/s, \d+ times real time$/m);
		expect(code).toBe(0);
	});

	it("shows a table as it was, in text and in JSON", async () => {
		const args = [journal, "--to", "699", "--dump", "dot"];
		const [text, { found }] = await Promise.all([runToEnd(["replay", ...args]), replayJson(args)]);
		const [table] = match.room.simulation.tables;
		const rows = [...(table?.gen ?? [])].flatMap((gen, row) => (gen === 0 ? [] : [row]));
		const expected = rows.map((row) => [
			row,
			table?.gen[row],
			...(table?.columns ?? []).map(({ values }) => values[row]),
		]);
		expect(found).toMatchObject({
			lastTick: 699,
			exit: 0,
			dump: { table: "dot", columns: ["row", "gen", "player", "x", "y"], rows: expected },
		});
		expect(text.stdout).toMatch(/^row +gen +player +x +y$/m);
	});

	it("finds a changed rule at its first tick and exits with 2", async () => {
		const { code, found } = await replayJson([journal, "--module", faster]);
		expect(code).toBe(2);
		const departure = found.departure as { tick: number };
		expect(departure).toMatchObject({ table: "dot", column: "y" });
		// right before that tick the builds agree, right after it they do not
		const until = async (tick: number) =>
			(await replayJson([journal, "--module", faster, "--to", String(tick)])).code;
		expect(await Promise.all([until(departure.tick - 1), until(departure.tick)])).toEqual([0, 2]);
		const { stdout } = await runToEnd(["replay", journal, "--module", faster]);
		expect(stdout).toMatch(
			new RegExp(
				`^DEPARTS: tick ${departure.tick}: dot\\.y\\[\\d+\\] is \\S+, recorded \\S+$`,
				"m",
			),
		);
	});

	it("reports the tick in which a build fails, its place, and exits with 3", async () => {
		const { code, stdout } = await runToEnd(["replay", journal, "--module", failing]);
		expect(stdout).toMatch(/^FAULT: tick 400: trap: unreachable\n {4}at /m);
		expect(code).toBe(3);
	});

	it("replays a file that a crash cut off, up to the cut, and says so", async () => {
		const cut = path.join(folder, "cut.hsj");
		await writeFile(cut, match.bytes.subarray(0, match.bytes.length - 50));
		const { code, stdout } = await runToEnd(["replay", cut]);
		expect(stdout).toMatch(/^ERR_JOURNAL_CUT: the file breaks off at byte \d+/m);
		expect(code).toBe(0);
	});

	it("refuses by name, with 1: damage, no file, no tick, no table, no module, no sense", async () => {
		const damaged = path.join(folder, "damaged.hsj");
		const bytes = match.bytes.slice();
		bytes[bytes.length >> 1] = bytes[bytes.length >> 1] ^ 1;
		await writeFile(damaged, bytes);
		const cases: [string, string[]][] = [
			["ERR_JOURNAL_DAMAGED", [damaged]],
			["ERR_JOURNAL_MISSING", [path.join(folder, "none.hsj")]],
			["ERR_JOURNAL_MAGIC", [faster]],
			["ERR_REPLAY_TICK", [journal, "--to", "700"]],
			["ERR_REPLAY_TABLE", [journal, "--dump", "nothing"]],
			["ERR_MODULE_MISSING", [journal, "--module", path.join(folder, "none.wasm")]],
			["ERR_SWAP_GAME", [journal, "--module", await moduleFile("arena")]],
			["ERR_CONFIG", [journal, "--to", "soon"]],
			["ERR_CONFIG", []],
		];
		const outcomes = await Promise.all(cases.map(([, args]) => runToEnd(["replay", ...args])));
		outcomes.forEach(({ code, stderr, stdout }, i) => {
			expect(stderr).toMatch(new RegExp(`^hotstep: ${cases[i]?.[0]}: .+\\n$`));
			expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		});
	});
});

describe("recordTo", () => {
	it("writes a journal file per room that replays to the room's last state", async () => {
		const game = await loadFixture("dots");
		const records = path.join(folder, "deep", "records");
		const recorder = recordTo(records, silentLog);
		const rooms = ["a", "../b"].map(
			(id, seed) =>
				new Room({ id, game, clock: new VirtualClock(), seed, recorder: recorder(game) }),
		);
		for (let i = 0; i < 200; i++) {
			for (const room of rooms) room.runTick();
			if (i % 20 === 0) await sleep(1);
		}
		for (const room of rooms) room.recorder?.close(room, "shutdown");
		await recorder.finished();
		const files = (await readdir(records)).sort();
		expect(files.map((file) => file.replace(/-\d{8}T\d{6}Z-/, "-TIME-"))).toEqual([
			"dots-TIME-___b.hsj",
			"dots-TIME-a.hsj",
		]);
		for (const file of files) {
			expect((await replayJson([path.join(records, file)])).found).toMatchObject({
				ticks: 200,
				departure: null,
				cut: -1,
			});
			expect((await readFile(path.join(records, file))).subarray(0, 4).toString()).toBe("HSJ1");
		}
	});
});

describe("hotstep check", () => {
	it("finds nothing wrong with dots, and prints the seed that it used", async () => {
		const { code, stdout } = await runToEnd(["check", await moduleFile("dots")]);
		expect(code).toBe(0);
		expect(stdout).toMatch(/^600 ticks with 16 random players \(--seed \d+\)$/m);
		expect(stdout).toMatch(/^sync test: ok, 20 times\namnesia test: ok, 9 times$/m);
	});

	it("exits with 1 for what is no module, 2 for hidden state, 3 for a tick that fails", async () => {
		const forgetful = path.join(folder, "forgetful.wasm");
		const { bytes } = await buildDots([
			["export function tick", "let ran: i32 = 0;\n$&"],
			["dot.x[i] +=", "ran++; if (ran > 2000) dot.y[i] += 1; $&"],
		]);
		await writeFile(forgetful, bytes);
		const [no, hidden, fails] = await Promise.all(
			[journal, forgetful, failing].map((file) => runToEnd(["check", file, "--seed", "1"])),
		);
		expect(no).toMatchObject({ code: 1, stderr: expect.stringMatching(/ERR_MODULE_NOT_WASM/) });
		expect(hidden).toMatchObject({ code: 2, stdout: expect.stringMatching(/AMNESIA TEST FAILS/) });
		expect(fails).toMatchObject({
			code: 3,
			stdout: expect.stringMatching(/FAULT: tick 400: trap/),
		});
	});
});
