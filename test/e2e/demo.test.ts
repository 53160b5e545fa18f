import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type arena from "../../game-logic/arena/schema.ts";
import { createServer, type HotstepServer, type ServerOptions } from "../../server/index.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { findBrowser, hasBrowser, launchBrowser } from "./browser.ts";

const pageFolder = path.resolve(import.meta.dirname, "../../dist/page");
const WAIT = { timeout: 30_000 };

let browser: Browser;
let server: HotstepServer | null = null;
let bots: Room<typeof arena>[] = [];

beforeAll(async () => {
	if (findBrowser()) browser = await launchBrowser();
});
afterAll(async () => {
	await browser?.close();
});
afterEach(async () => {
	for (const context of browser?.contexts() ?? []) await context.close();
	for (const bot of bots) bot.leave();
	bots = [];
	await server?.close();
	server = null;
});

async function start(options: Partial<ServerOptions> = {}, port = 0): Promise<string> {
	server = await createServer({
		games: [await moduleFile("arena")],
		pageFolder,
		seed: () => 11,
		...options,
	});
	return (await server.listen(port)).url;
}

async function open(url: string, viewport = { width: 1280, height: 720 }): Promise<Page> {
	const context = await browser.newContext({ viewport, hasTouch: viewport.width < 600 });
	const page = await context.newPage();
	await page.goto(url);
	return page;
}

async function play(url: string, name: string): Promise<Page> {
	const page = await open(`${url}/?name=${name}`);
	await page.waitForFunction(() => window.hotstep.room?.state.ship?.used, null, WAIT);
	return page;
}

async function join(url: string, name: string): Promise<Room<typeof arena>> {
	const bot = await connect<typeof arena>(url.replace("http", "ws"), {
		game: "arena",
		name,
		interpolate: false,
	});
	bots.push(bot);
	return bot;
}

/** Where a page sees the ship of a player. */
function shipAt(page: Page, player: number): Promise<{ x: number; y: number } | null> {
	return page.evaluate((wanted) => {
		const ship = window.hotstep.room?.state.ship;
		if (!ship) return null;
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] !== 0 && ship.player[i] === wanted) {
				return { x: ship.x[i] as number, y: ship.y[i] as number };
			}
		}
		return null;
	}, player);
}

/** Lets a page's ship hunt a player until `stop` says so: turns towards it, closes in, fires. */
async function hunt(page: Page, victim: number): Promise<void> {
	await page.evaluate((wanted) => {
		window.hotstep.steer = false;
		setInterval(() => {
			const { room } = window.hotstep;
			const ship = room?.state.ship;
			if (!room || !ship) return;
			let own = -1;
			let other = -1;
			for (let i = 0; i < ship.used; i++) {
				if (ship.gen[i] === 0) continue;
				if (ship.player[i] === room.player) own = i;
				if (ship.player[i] === wanted) other = i;
			}
			if (own < 0 || other < 0) return;
			const dx = (ship.x[other] as number) - (ship.x[own] as number);
			const dy = (ship.y[other] as number) - (ship.y[own] as number);
			const turn = Math.atan2(dy, dx) - (ship.angle[own] as number);
			const off = Math.atan2(Math.sin(turn), Math.cos(turn));
			room.input.turn = Math.round(Math.max(-127, Math.min(127, off * 220)));
			room.input.thrust = Math.abs(off) < 0.4 && Math.hypot(dx, dy) > 300;
			room.input.fire = Math.abs(off) < 0.12;
		}, 30);
	}, victim);
}

describe.runIf(hasBrowser())("the demo page", () => {
	it("shows two players one another's moves", async () => {
		const url = await start();
		const [ann, bob] = [await play(url, "Ann"), await play(url, "Bob")];
		const before = await shipAt(bob, 0);
		await ann.bringToFront();
		await ann.keyboard.down("ArrowUp");
		await expect
			.poll(async () => {
				const now = await shipAt(bob, 0);
				return now && before ? Math.hypot(now.x - before.x, now.y - before.y) : 0;
			}, WAIT)
			.toBeGreaterThan(60);
		expect(await ann.locator("#scores li:visible").count()).toBe(2);
	});

	it("changes the score board and the feed when one shoots another down", async () => {
		const url = await start();
		const ann = await play(url, "Ann");
		await join(url, "Target");
		await hunt(ann, 1);
		const own = ann.locator('#scores li[data-player="0"] span');
		await expect
			.poll(async () => Number(await own.textContent()), { timeout: 60_000 })
			.toBeGreaterThanOrEqual(10);
		await expect
			.poll(() => ann.locator("#feed").textContent(), WAIT)
			.toContain("Ann shot down Target");
	}, 90_000);

	it("survives a restart of the server, and says so meanwhile", async () => {
		const url = await start();
		const ann = await play(url, "Ann");
		await server?.close();
		await expect.poll(() => ann.locator("#message").textContent(), WAIT).toContain("Reconnecting");
		expect(await ann.locator("#screen").isVisible()).toBe(true);
		await start({}, Number(new URL(url).port));
		await expect.poll(() => ann.locator("#screen").isVisible(), WAIT).toBe(false);
		await ann.waitForFunction(() => window.hotstep.room?.status === "playing", null, WAIT);
		await expect.poll(async () => (await shipAt(ann, 0)) !== null, WAIT).toBe(true);
	});

	it("has a clear screen for a full server, an unknown room and a bad name", async () => {
		const url = await start({ maxConnections: 1 });
		const first = await join(url, "First");
		const page = await open(`${url}/?name=Ann`);
		await expect
			.poll(() => page.locator("#problem").textContent(), WAIT)
			.toContain("The server is full");
		first.leave();
		await page.goto(`${url}/?name=Ann&room=nowhere`);
		await expect
			.poll(() => page.locator("#problem").textContent(), WAIT)
			.toContain("This room does not exist");
		await page.goto(url);
		await page.fill("#name", "   ");
		await page.evaluate(() => document.getElementById("name")?.removeAttribute("required"));
		await page.click("#play");
		expect(await page.locator("#problem").textContent()).toContain("visible characters");
	});

	it("shows that new rules came, under a player who plays on", async () => {
		const url = await start();
		const ann = await play(url, "Ann");
		const { buildEdited } = await import("../support/arena-v2.ts");
		const candidate = await buildEdited();
		const deployed = await server?.deployments.deploy("arena", candidate, "live");
		expect(deployed).toMatchObject({ version: 2, refused: [] });
		await expect
			.poll(() => ann.locator("#notice").textContent(), WAIT)
			.toContain("New rules: version 2");
		await ann.waitForFunction(() => window.hotstep.room?.status === "playing", null, WAIT);
	}, 90_000);

	it("fits a phone, with buttons to fly by", async () => {
		const url = await start();
		const page = await open(`${url}/?name=Ann`, { width: 390, height: 844 });
		await page.waitForFunction(() => window.hotstep.room?.state.ship?.used, null, WAIT);
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
			390,
		);
		expect(await page.locator('#touch [data-hold="thrust"]').isVisible()).toBe(true);
		const before = await shipAt(page, 0);
		await page
			.locator('#touch [data-hold="thrust"]')
			.dispatchEvent("pointerdown", { pointerId: 1 });
		await expect
			.poll(async () => {
				const now = await shipAt(page, 0);
				return now && before ? Math.hypot(now.x - before.x, now.y - before.y) : 0;
			}, WAIT)
			.toBeGreaterThan(20);
	});

	it("takes the picture of a full room", async () => {
		const url = await start();
		const names = [
			"Ada",
			"Bo",
			"Cleo",
			"Dan",
			"Eve",
			"Finn",
			"Gus",
			"Hana",
			"Ivo",
			"Jun",
			"Kai",
			"Lea",
		];
		for (const name of names) await join(url, name);
		let turn = 0;
		const steer = setInterval(() => {
			for (const [i, bot] of bots.entries()) {
				bot.input.turn = Math.round(90 * Math.sin(turn / 3 + i * 1.7));
				bot.input.thrust = (turn + i) % 5 < 3;
				bot.input.fire = (turn + i) % 4 < 2;
			}
			turn++;
		}, 200);
		const page = await play(url, "Ann");
		await hunt(page, 3);
		await page.keyboard.press("n");
		await page.waitForTimeout(6000);
		clearInterval(steer);
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-picture-"));
		const file = process.env.HOTSTEP_PICTURE
			? path.resolve(import.meta.dirname, "../../docs/demo.png")
			: path.join(folder, "demo.png");
		await page.screenshot({ path: file });
		expect((await stat(file)).size).toBeGreaterThan(30_000);
	}, 60_000);
});
