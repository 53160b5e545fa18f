import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type carball from "../../game-logic/carball/schema.ts";
import { buildPage } from "../../game-logic/sdk/build-page.ts";
import { type Check, checkGame } from "../../server/check/check-game.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import { buildCarball, CARBALL } from "../support/carball.ts";
import { runToEnd } from "../support/start-server.ts";
import { steadyClock } from "../support/steady-clock.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

/** All crates are built the first time. */
const BUILD_MS = 1_200_000;

let game: GameModule | null = null;
let folder = "";
let server: OpenServer | null = null;
let room: Room<typeof carball> | null = null;
beforeAll(async () => {
	game = await buildCarball();
}, BUILD_MS);
afterEach(async () => {
	room?.leave();
	room = null;
	await server?.close();
	server = null;
	if (folder !== "") await rm(folder, { recursive: true });
	folder = "";
});

function check(built: GameModule): Check {
	return checkGame(built, { seed: 3, ticks: 600, players: 8 }, () => 0);
}

async function serve(built: GameModule): Promise<string> {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-carball-play-"));
	const file = path.join(folder, "carball.wasm");
	await writeFile(file, built.raw);
	const pageFolder = path.join(folder, "page");
	expect(await buildPage(CARBALL, pageFolder)).toBeNull();
	server = await openServer({ games: [file], clock: steadyClock(), http: { pageFolder } });
	return (await server.listen(0)).url;
}

describe("a game on a physics crate", () => {
	it("runs again the same way, and loses nothing outside of its columns", () => {
		if (!game) return;
		const { play, sync, amnesia, growth } = check(game);
		expect(play.fault).toBeNull();
		expect(sync).toEqual({ checks: 20, failure: null });
		expect(amnesia).toEqual({ checks: 9, failure: null });
		expect(growth.growth).toBeNull();
	}, 120_000);

	it(
		"is told by the check of what it keeps outside of its columns",
		async () => {
			if (!game) return;
			const copy = await mkdtemp(path.join(tmpdir(), "hotstep-carball-kept-"));
			const filter = (from: string): boolean => !/[/\\](?:target|generated)$/.test(from);
			await cp(CARBALL, copy, { recursive: true, filter });
			const file = path.join(copy, "physics.rs");
			// a count that nobody saves
			const source = (await readFile(file, "utf8")).replace(
				"        self.all.step();\n",
				"        static mut STEPS: u32 = 0;\n        unsafe { STEPS += 1; if STEPS > 100 { self.all.integration_parameters.dt *= 1.01; } }\n        self.all.step();\n",
			);
			await writeFile(file, source);
			const kept = await buildCarball(copy);
			await rm(copy, { recursive: true });
			if (!kept) throw new Error("it was built before");
			expect(check(kept).amnesia.failure?.difference).toMatchObject({ table: "car" });
		},
		BUILD_MS,
	);

	it("is played by bots, and predicted by the binary that the server runs", async () => {
		if (!game) return;
		const url = await serve(game);
		const at = url.replace("http", "ws");
		const bots = runToEnd([
			...["bots", "--url", at, "--game", "carball", "--clients", "5", "--duration", "8s"],
			...["--seed", "5"],
		]);
		const joined = await connect<typeof carball>(at, { game: "carball", interpolate: false });
		room = joined;
		joined.input.throttle = 127;
		const own = (): number => {
			joined.update();
			return joined.state.car.player.indexOf(joined.player);
		};
		await expect.poll(own, { timeout: 20_000 }).toBeGreaterThanOrEqual(0);
		await expect.poll(() => joined.stats.prediction.isOn, { timeout: 20_000 }).toBe(true);
		const speed = (): number => {
			const row = own();
			return Math.hypot(joined.state.car.vx[row] ?? 0, joined.state.car.vy[row] ?? 0);
		};
		await expect.poll(speed, { timeout: 20_000 }).toBeGreaterThan(4);
		expect(await bots).toMatchObject({ code: 0, stderr: "" });
		expect(joined.decodeErrors).toBe(0);
	}, 60_000);

	it("is driven in Chromium with prediction", async () => {
		if (!game || !hasBrowser()) return;
		const url = await serve(game);
		const browser = await launchBrowser();
		try {
			const page = await browser.newPage();
			const wrong: string[] = [];
			page.on("pageerror", (error) => wrong.push(error.message));
			await page.goto(url);
			const found = (): Promise<unknown> =>
				page.evaluate(() => {
					const { room: own } = window as unknown as { room?: Room<typeof carball> };
					return own?.stats.prediction.isOn;
				});
			await expect.poll(found, { timeout: 30_000 }).toBe(true);
			await page.keyboard.down("ArrowUp");
			const x = (): Promise<number> =>
				page.evaluate(() => {
					const { room: own } = window as unknown as { room: Room<typeof carball> };
					return own.state.car.x[0] ?? 0;
				});
			const before = await x();
			await expect.poll(x, { timeout: 20_000 }).toBeGreaterThan(before + 3);
			expect(wrong).toEqual([]);
		} finally {
			await browser.close();
		}
	}, 90_000);
});
