import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { recordTo } from "../../server/journal/journal-folder.ts";
import { JournalReader } from "../../server/journal/journal-reader.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { LANGUAGES, orbsIn } from "../support/build-language.ts";
import { runToEnd } from "../support/start-server.ts";
import { steadyClock } from "../support/steady-clock.ts";
import { compared, openBytes, replayed } from "../unit/journal/journal-match.ts";

const TOKEN = "a-token-of-a-test";
/** Ticks that each language plays at least. */
const TURN = 90;

/** Bots that steer, and never look back: what a module remembers of the last ticks stays with it in a swap. */
const BEHAVIOUR = `
export const behaviour = {
	thinksPerSecond: 15,
	looks: false,
	create: (random) => ({ input }) => {
		input.dx = Math.floor(random() * 256) - 128;
		input.dy = Math.floor(random() * 256) - 128;
		input.aim = random() * 12 - 6;
		input.fire = false;
	},
};
`;

let folder = "";
let server: OpenServer | null = null;
let watcher: Room | null = null;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-language-changes-"));
	await writeFile(path.join(folder, "orbs-bots.mjs"), BEHAVIOUR);
});
afterAll(async () => {
	watcher?.leave();
	await server?.close();
	await rm(folder, { recursive: true });
});

/** Each language's module as a file; those whose toolchain is missing are left out, with a notice. */
async function modules(): Promise<{ language: string; file: string; game: GameModule }[]> {
	const found = [];
	for (const language of LANGUAGES) {
		const game = await orbsIn(language);
		if (game === null) continue;
		const file = path.join(folder, `${language}.wasm`);
		await writeFile(file, game.raw);
		if (game.sourceMap !== null) await writeFile(`${file}.map`, game.sourceMap);
		found.push({ language, file, game });
	}
	return found;
}

describe("a running room", () => {
	it("changes from language to language and back under its players, who notice nothing", async () => {
		const all = await modules();
		const [original, ...others] = all;
		if (!original) throw new Error("AssemblyScript must be there");
		const journals = path.join(folder, "journals");
		const records = recordTo(journals, () => {});
		server = await openServer({
			games: [original.file],
			clock: steadyClock(),
			admin: { token: TOKEN },
			rooms: { recorder: records },
		});
		const { url } = await server.listen(0);
		const at = url.replace("http", "ws");
		const bots = runToEnd([
			...["bots", "--url", at, "--game", "orbs", "--clients", "7", "--duration", "25s"],
			...["--behaviour", path.join(folder, "orbs-bots.mjs"), "--seed", "5"],
		]);
		watcher = await connect(at, { game: "orbs", name: "watcher", reconnect: false });
		const room = watcher;
		const hashes: string[] = [];
		watcher.onSwap(({ moduleHash }) => hashes.push(moduleHash));
		const ticks: number[] = [];
		watcher.onSnapshot(({ tick }) => ticks.push(tick));
		const turn = async (): Promise<void> => {
			const until = room.stats.tick + TURN;
			await expect.poll(() => room.stats.tick, { timeout: 60_000 }).toBeGreaterThan(until);
		};
		await turn();
		for (const { file, language } of [...others, original]) {
			const swapped = await runToEnd([
				...["swap", "orbs", file, "--url", url, "--token", TOKEN, "--policy", "live"],
			]);
			expect({ language, ...swapped }).toMatchObject({ language, code: 0, stderr: "" });
			expect(swapped.stdout).toContain("changed 1 rooms");
			await turn();
		}
		expect(hashes).toEqual([...others, original].map(({ game }) => game.hash));
		// bots that lose their connection, or cannot read what comes, end with another code
		expect(await bots).toMatchObject({ code: 0, stderr: "" });
		expect(watcher.status).toBe("playing");
		expect(watcher.decodeErrors).toBe(0);
		const gaps = new Set(ticks.slice(1).map((tick, i) => tick - (ticks[i] as number)));
		expect(gaps).toEqual(new Set([3]));

		watcher.leave();
		await server.close();
		server = null;
		await records.finished();
		const [name = ""] = await readdir(journals);
		const journal = new Uint8Array(await readFile(path.join(journals, name)));
		await checkJournal(journal, original.game, all.length);
	}, 600_000);
});

/** The journal has every tick, and a room that never changed comes to the same states. */
async function checkJournal(bytes: Uint8Array, original: GameModule, swaps: number): Promise<void> {
	const reader = new JournalReader(openBytes(bytes));
	const ticks: number[] = [];
	for (let record = reader.next(); record !== null; record = reader.next()) {
		if ("error" in record) throw new Error(record.detail);
		expect(record.type).not.toBe("abort");
		if (record.type === "tick") ticks.push(record.tick);
	}
	expect(ticks.length).toBeGreaterThan(swaps * TURN);
	expect(ticks).toEqual(ticks.map((_, i) => i));
	const again = replayed(bytes);
	expect(again).toMatchObject({ swaps, departure: null, fault: null });
	const unchanged = compared(bytes, original);
	expect(unchanged.departure).toBeNull();
	expect(unchanged.faults).toEqual([]);
	expect(unchanged.ticks).toBe(ticks.length);
}
