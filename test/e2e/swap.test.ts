import { readFile } from "node:fs/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type { Log } from "../../server/index.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runToEnd } from "../support/start-server.ts";
import { steadyClock } from "../support/steady-clock.ts";
import { buildVariant, replace } from "../support/variant.ts";

const TOKEN = "a-token-of-a-test";
const version2 = replace("version: 1", "version: 2");

let doubled: string;
let trapsInTrial: string;
let endless: string;
beforeAll(async () => {
	doubled = await buildVariant({
		schema: (source) =>
			version2(source).replace(
				"y: f32().quantize(1 / 16)",
				"y: f32().quantize(1 / 16), hp: u8({ default: 9 })",
			),
		main: replace("* ctx.dt", "* ctx.dt * <f32>2.0"),
	});
	const inTick = (code: string) =>
		replace("export function tick(): void {", `export function tick(): void {\n\t${code}`);
	trapsInTrial = await buildVariant({
		schema: version2,
		main: (source) =>
			inTick("trial += 1; if (trial == 50) broken();")(source).replace(
				"export function join",
				"let trial: i32 = 0;\n\nfunction broken(): void {\n\tunreachable();\n}\n\nexport function join",
			),
	});
	endless = await buildVariant({ schema: version2, main: inTick("while (true) {}") });
});

let server: OpenServer | null = null;
const lines: Record<string, unknown>[] = [];
const rooms: Room[] = [];
afterEach(async () => {
	for (const room of rooms.splice(0)) room.leave();
	await server?.close();
	server = null;
});

async function start(): Promise<{ server: OpenServer; url: string }> {
	const games = [await moduleFile("dots")];
	const log: Log = (_, message, fields) => lines.push({ message, ...fields });
	server = await openServer({ games, clock: steadyClock(), log, admin: { token: TOKEN } });
	return { server, url: (await server.listen(0)).url };
}

async function join(url: string, name: string): Promise<Room> {
	const room = await connect(url.replace("http", "ws"), { game: "dots", name, reconnect: false });
	rooms.push(room);
	return room;
}

function swap(url: string, file: string, ...args: string[]) {
	return runToEnd(["swap", "dots", file, "--url", url, "--token", TOKEN, ...args]);
}

async function played(room: Room, ticks: number): Promise<void> {
	const until = room.stats.tick + ticks;
	await expect.poll(() => room.stats.tick, { timeout: 20_000 }).toBeGreaterThanOrEqual(until);
}

describe("hotstep swap", () => {
	it("--policy live changes running rooms under their players, who stay", async () => {
		const { url } = await start();
		const [ann, bob] = [await join(url, "Ann"), await join(url, "Bob")];
		const swaps: number[] = [];
		ann.onSwap(({ version }) => swaps.push(version));
		const ticks: number[] = [];
		ann.onSnapshot(({ tick }) => ticks.push(tick));
		await played(ann, 60);
		const result = await swap(url, doubled, "--policy", "live");
		expect(result).toMatchObject({ code: 0, stderr: "" });
		expect(result.stdout).toContain("+ dot.hp starts at 9");
		expect(result.stdout).toContain("changed 1 rooms");
		await expect.poll(() => swaps).toEqual([2]);
		const policy = { game: "dots", policy: "live", version: 2, swapped: 1, refused: 0 };
		expect(lines).toContainEqual(expect.objectContaining({ message: "rules deployed", ...policy }));
		await played(ann, 60);
		ann.update();
		expect([
			...(ann.state as unknown as Record<string, { hp: Float64Array }>).dot.hp.slice(0, 2),
		]).toEqual([9, 9]);
		expect([ann.status, bob.status]).toEqual(["playing", "playing"]);
		expect([ann.decodeErrors, bob.decodeErrors]).toEqual([0, 0]);
		const gaps = ticks.slice(1).map((tick, i) => tick - ticks[i]);
		expect(new Set(gaps)).toEqual(new Set([3]));
	});

	it("--policy pin lets the running room finish on its rules and gives new rooms the new ones", async () => {
		const { server, url } = await start();
		const ann = await join(url, "Ann");
		await played(ann, 20);
		expect((await swap(url, doubled)).code).toBe(0);
		const bob = await join(url, "Bob");
		expect(ann.version).toBe(1);
		expect(bob.version).toBe(2);
		expect(bob.id).not.toBe(ann.id);
		expect([...server.core.directory.rooms.values()].map((r) => r.game.version).sort()).toEqual([
			1, 2,
		]);
		const { code, stdout } = await runToEnd([
			"swap",
			"dots",
			"--rollback",
			"--url",
			url,
			"--token",
			TOKEN,
		]);
		expect(code).toBe(0);
		expect(stdout).toContain("v1");
		await expect.poll(() => bob.version).toBe(1);
	});

	it("--policy canary changes one room, the fullest, and new rooms keep the old rules", async () => {
		const { server, url } = await start();
		const first = server.core.directory.games.get("dots");
		if (!first) throw new Error("no game");
		await join(url, "Ann");
		const other = server.core.directory.open(first);
		if ("error" in other) throw new Error(other.error);
		expect((await swap(url, doubled, "--policy", "canary")).code).toBe(0);
		const versions = [...server.core.directory.rooms.values()].map((r) => [
			r.population,
			r.game.version,
		]);
		expect(versions.sort()).toEqual([
			[0, 1],
			[1, 2],
		]);
		expect(server.core.directory.games.get("dots")?.version).toBe(1);
	});

	it("refuses a build that traps on tick 50 of its trial, with file and line, and changes nothing", async () => {
		const { server, url } = await start();
		const ann = await join(url, "Ann");
		await played(ann, 120);
		const { code, stderr } = await swap(url, trapsInTrial, "--policy", "live");
		expect(code).toBe(1);
		expect(stderr).toContain("ERR_TRIAL_FAULT");
		expect(stderr).toContain("tick 49 of the trial: trap: unreachable");
		const line = (await readFile(trapsInTrial.replace("game.wasm", "main.ts"), "utf8"))
			.split("\n")
			.findIndex((text) => text.includes("\tunreachable();"));
		expect(stderr).toContain(`main.ts:${line + 1}:`);
		expect([...server.core.directory.rooms.values()].map((r) => r.game.version)).toEqual([1]);
		expect(server.core.directory.games.get("dots")?.version).toBe(1);
	});

	it("refuses rules that never end, and no room misses a tick meanwhile", async () => {
		const { url } = await start();
		const ann = await join(url, "Ann");
		const ticks: number[] = [];
		ann.onSnapshot(({ tick }) => ticks.push(tick));
		await played(ann, 60);
		const { code, stderr } = await swap(url, endless, "--policy", "live");
		expect(code).toBe(1);
		expect(stderr).toContain("ERR_TRIAL_FAULT");
		expect(stderr).toContain("fuel");
		const gaps = ticks.slice(1).map((tick, i) => tick - ticks[i]);
		expect(new Set(gaps)).toEqual(new Set([3]));
	});

	it("refuses what is no module, another game, a bad token, and an unknown policy, by name", async () => {
		const { url } = await start();
		const notWasm = new URL("../../package.json", import.meta.url).pathname;
		expect((await swap(url, notWasm)).stderr).toContain("ERR_MODULE_NOT_WASM");
		expect((await swap(url, doubled, "--policy", "maybe")).stderr).toContain("ERR_SWAP_POLICY");
		const wrong = await runToEnd(["swap", "dots", doubled, "--url", url, "--token", "wrong-token"]);
		expect(wrong.stderr).toContain("ERR_ADMIN_TOKEN: the server has another admin token");
		const unknown = await runToEnd(["swap", "chess", doubled, "--url", url, "--token", TOKEN]);
		expect(unknown.stderr).toContain("ERR_GAME_UNKNOWN");
	});

	it("is off without a token", async () => {
		server = await openServer({ games: [await moduleFile("dots")] });
		const { url } = await server.listen(0);
		const response = await fetch(`${url}/admin/games`);
		expect([response.status, await response.json()]).toEqual([404, { error: "ERR_ADMIN_OFF" }]);
	});
});
