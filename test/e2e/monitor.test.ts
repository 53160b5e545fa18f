import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { recordTo } from "../../server/journal/journal-folder.ts";
import { silentLog } from "../../server/log.ts";
import { startServer } from "../support/start-server.ts";
import { buildVariant, replace } from "../support/variant.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { DemoStage, WAIT } from "./demo-stage.ts";

const TOKEN = "a-token-of-a-test";
const dist = new URL("../../dist/", import.meta.url).pathname;
const ADMIN = {
	admin: { token: TOKEN, monitorFolder: path.join(dist, "monitor") },
	connections: { heartbeatMs: 300 },
} as const;

describe.runIf(hasBrowser())("the monitor", () => {
	let stage: DemoStage;
	let closeBrowser: () => Promise<void>;
	const problems: string[] = [];
	beforeAll(async () => {
		const browser = await launchBrowser();
		closeBrowser = () => browser.close();
		stage = new DemoStage(browser);
	});
	afterEach(async () => {
		await stage.clear();
		// a violation of the content security policy would be here too
		expect(problems.splice(0)).toEqual([]);
	});
	afterAll(() => closeBrowser());

	async function openMonitor(url: string, options?: BrowserContextOptions): Promise<Page> {
		const page = await stage.open(`${url}/monitor`, options);
		page.on("pageerror", (error) => problems.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error") problems.push(message.text());
		});
		await page.fill("#token", TOKEN);
		await page.click("#gate button");
		await page.waitForSelector("tr[data-room]");
		return page;
	}

	async function enterRoom(page: Page): Promise<void> {
		await page.click("tr[data-room] a");
		await page.waitForSelector(".grid td");
	}

	const text = (page: Page, selector: string) => () => page.locator(selector).first().textContent();
	const texts = (page: Page, selector: string) => page.locator(selector).allTextContents();
	const numberIn = async (page: Page, selector: string): Promise<number> =>
		Number((await text(page, selector)())?.replace(/[^\d.-]/g, ""));

	it("shows the rooms that run, and inside one its tables, its map and its players", async () => {
		const { url } = await stage.start(ADMIN);
		const room = await stage.join(url, "Ann");
		const page = await openMonitor(url);
		const cells = await texts(page, "tr[data-room] td");
		expect(cells.slice(0, 3)).toEqual([room.id, "arena v1", "1 / 64"]);
		await expect.poll(text(page, "tr[data-room] .trend b"), WAIT).toMatch(/ms$/);
		await enterRoom(page);
		const heads = await texts(page, ".grid th");
		expect(heads).toEqual([
			...["row", "gen", "playeru8", "xf32", "yf32", "anglef32", "flagsu8", "shieldu8", "scorei32"],
			...["vxf32", "vyf32", "reloadu8", "chargeu8", "timeru16", "jumpCountu8"],
		]);
		expect(await texts(page, ".grid th.private")).toEqual(heads.slice(11, -1));
		const x = page.locator(".grid tbody tr[data-row] td").nth(3);
		expect(await texts(page, ".grid tbody tr[data-row] td:nth-child(-n + 3)")).toEqual([
			"0",
			"1",
			"0",
		]);
		room.input.thrust = true;
		const before = await x.textContent();
		await expect.poll(() => x.textContent(), WAIT).not.toBe(before);
		room.input.thrust = false;
		await expect.poll(text(page, ".players td:nth-child(2)"), WAIT).toBe("Ann");
		await expect.poll(text(page, ".players td:nth-child(4)"), WAIT).toMatch(/^[\d.]+ ms$/);
		expect(await texts(page, ".legend span")).toEqual(["ship", "bullet", "asteroid"]);
		const drawn = () =>
			page.evaluate(() => {
				const canvas = document.querySelector(".map canvas") as HTMLCanvasElement;
				const { data } = canvas
					.getContext("2d")
					?.getImageData(0, 0, canvas.width, canvas.height) ?? {
					data: [],
				};
				let inked = 0;
				for (let i = 3; i < data.length; i += 4) if ((data[i] ?? 0) > 0) inked++;
				return inked;
			});
		await expect.poll(drawn, WAIT).toBeGreaterThan(100);
		await page.click('[data-table="asteroid"]');
		await expect.poll(() => texts(page, ".grid th"), WAIT).toContain("sizeu8");
		await expect
			.poll(() => page.locator(".grid tbody tr[data-row]").count(), WAIT)
			.toBeGreaterThan(5);
	}, 90_000);

	it("goes back to any tick that is remembered, while the room goes on", async () => {
		const { url } = await stage.start(ADMIN);
		const room = await stage.join(url, "Ann");
		await expect.poll(() => room.stats.tick, WAIT).toBeGreaterThan(150);
		const page = await openMonitor(url);
		await enterRoom(page);
		await page.click('[data-table="asteroid"]');
		await expect.poll(() => texts(page, ".grid th"), WAIT).toContain("sizeu8");
		const slider = page.locator(".timeline input");
		const thumb = async () => Number(await slider.inputValue());
		const about = text(page, ".timeline .about");
		// a single key is enough, once there is anything to go back to
		await expect
			.poll(async () => Number(await slider.getAttribute("max")), WAIT)
			.toBeGreaterThan(0);
		await slider.press("PageDown");
		await expect.poll(about, WAIT).toMatch(/before, from memory$/);
		expect(await thumb()).toBeLessThan(Number(await slider.getAttribute("max")));
		const tick = await numberIn(page, ".timeline output");
		const shown = () => texts(page, ".grid tbody tr[data-row] td:nth-child(3)");
		const live = () =>
			page.evaluate(() =>
				Number(
					document
						.querySelector(".facts")
						?.textContent?.match(/tick ([\d,]+)/)?.[1]
						?.replaceAll(",", ""),
				),
			);
		const then = await live();
		// the room goes on beside it for longer than it remembers
		await expect.poll(live, WAIT).toBeGreaterThan(then + 180);
		expect(await numberIn(page, ".timeline output")).toBe(tick);
		// computing a past tick takes a while: the grid says which one it holds
		const holds = () =>
			page.evaluate(() =>
				Number((document.querySelector("[data-shown-tick]") as HTMLElement)?.dataset.shownTick),
			);
		await expect.poll(holds, WAIT).toBe(tick);
		const past = await shown();
		await page.click('[aria-label="One tick on"]');
		await expect.poll(() => numberIn(page, ".timeline output"), WAIT).toBe(tick + 1);
		await expect.poll(shown, WAIT).not.toEqual(past);
		await page.click('[aria-label="One tick back"]');
		await expect.poll(shown, WAIT).toEqual(past);
		expect(await page.locator(".room > .problem").isVisible()).toBe(false);
		await page.click(".timeline .live");
		await expect.poll(shown, WAIT).not.toEqual(past);
	}, 90_000);

	it("shows a fault with its function, file and line, and the state before it", async () => {
		const file = await buildVariant({
			main: replace(
				"export function tick(): void {",
				"export function tick(): void {\n\tif (input.dx[0] == 66) unreachable();",
			),
		});
		const { url } = await stage.start({ ...ADMIN, games: [file] });
		const room: Room = await connect(url.replace("http", "ws"), {
			game: "dots",
			name: "<b>Bob</b>",
		});
		const page = await openMonitor(url);
		await enterRoom(page);
		await expect.poll(text(page, ".faults .nothing"), WAIT).toBe("No tick has failed.");
		(room.input as Record<string, unknown>).dx = 66;
		await expect.poll(() => page.locator(".faults li").count(), WAIT).toBeGreaterThan(0);
		(room.input as Record<string, unknown>).dx = 0;
		const source = await readFile(file.replace("game.wasm", "main.ts"), "utf8");
		const line = source.split("\n").findIndex((each) => each.includes("unreachable()")) + 1;
		const fault = page.locator(".faults li").first();
		expect(await fault.locator("b").textContent()).toBe("trap");
		expect(await fault.locator("pre").textContent()).toContain(`main.ts:${line}:`);
		expect(await fault.locator(".outcome").textContent()).toBe(
			"The tick ran again without the input of player 0.",
		);
		expect(await text(page, ".players td:nth-child(2)")()).toBe("<b>Bob</b>");
		const tick = Number(await fault.getAttribute("data-tick"));
		await fault.locator("button").click();
		await expect.poll(() => numberIn(page, ".timeline output"), WAIT).toBe(tick);
		room.leave();
	}, 90_000);

	it("tries new rules, puts them into a running room and takes them back", async () => {
		const { url } = await stage.start(ADMIN);
		const room = await stage.join(url, "Ann");
		await expect.poll(() => room.stats.tick, WAIT).toBeGreaterThan(30);
		const page = await openMonitor(url);
		await enterRoom(page);
		const files = ["arena-v2.wasm", "arena-v2.wasm.map"].map((f) => path.join(dist, "swaps", f));
		await page.setInputFiles("#rules-files", files);
		await page.click('[data-policy="try"]');
		await expect
			.poll(text(page, ".report"), WAIT)
			.toMatch(/^v2 passed its trials. Nothing has changed..*\+ ship.kills starts at 0/s);
		expect(room.version).toBe(1);
		const live = page.locator('[data-policy="live"]');
		await live.click();
		expect(await live.textContent()).toBe("Change all rooms?");
		await live.click();
		await expect.poll(text(page, ".report .said"), WAIT).toMatch(/^v2 went into 1 room/);
		await expect.poll(() => room.version, WAIT).toBe(2);
		await expect.poll(() => texts(page, ".grid th"), WAIT).toContain("killsu16");
		await page.setInputFiles("#rules-files", path.join(dist, "games/swarm.wasm"));
		await page.click('[data-policy="canary"]');
		await page.click('[data-policy="canary"]');
		problems.length = 0;
		await expect.poll(text(page, ".report .problem"), WAIT).toContain("ERR_SWAP_GAME");
		const back = page.locator('[data-policy="rollback"]');
		await back.click();
		await back.click();
		await expect.poll(text(page, ".report .said"), WAIT).toMatch(/^v1 went into 1 room/);
		await expect.poll(() => room.version, WAIT).toBe(1);
		// the browser notes every answer of 409 in its console
		expect(problems.splice(0).filter((text) => !text.includes("409"))).toEqual([]);
	}, 120_000);

	it("shows what needs attention first, finds rooms, and gives a phone a page of them", async () => {
		const { url, server } = await stage.start(ADMIN);
		const room = await stage.join(url, "Ann");
		const arena = server.core.directory.games.get("arena");
		if (!arena) throw new Error("no arena");
		for (let i = 0; i < 119; i++) server.core.directory.open(arena);
		const paused = [...server.core.directory.rooms.values()][97];
		paused?.pause();
		const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
		const page = await openMonitor(url, phone);
		const rows = page.locator("tr[data-room]");
		const first = () => rows.first().getAttribute("data-room");
		await expect.poll(first, WAIT).toBe(paused?.id);
		expect(await rows.first().locator(".state .alarm").textContent()).toBe("paused");
		expect(await rows.count()).toBe(20);
		const height = () => page.evaluate(() => document.documentElement.scrollHeight);
		expect(await height()).toBeLessThan(5_000);
		expect(await text(page, ".pager span")()).toBe("1 to 20 of 120");
		await page.click("text=More");
		await expect.poll(() => rows.count(), WAIT).toBe(40);
		await page.click('[data-only="paused"]');
		await expect.poll(() => rows.count(), WAIT).toBe(1);
		expect(await page.locator(".pager").isVisible()).toBe(false);
		await page.click('[data-only="all"]');
		await page.fill(".find input", "ann");
		await expect.poll(() => rows.count(), WAIT).toBe(1);
		expect(await first()).toBe(room.id);
		await page.fill(".find input", "nobody");
		await expect.poll(text(page, ".list > .nothing"), WAIT).toBe("No room is like that.");
		await page.fill(".find input", "");
		await page.selectOption(".find select", "players");
		await expect.poll(first, WAIT).toBe(room.id);
	}, 90_000);

	it("keeps a room that failed with its faults, and opens its journal", async () => {
		const file = await buildVariant({
			main: replace(
				"export function tick(): void {",
				"export function tick(): void {\n\tif (ctx.tick >= 90 && dot.used > 0) unreachable();",
			),
		});
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-monitor-"));
		const recorder = recordTo(folder, silentLog);
		const { url, server } = await stage.start({ ...ADMIN, games: [file], rooms: { recorder } });
		const page = await stage.open(`${url}/monitor`);
		await page.fill("#token", TOKEN);
		await page.click("#gate button");
		const room: Room = await connect(url.replace("http", "ws"), { game: "dots", name: "Ann" });
		const { id } = room;
		await expect.poll(() => server.core.directory.rooms.has(id), WAIT).toBe(false);
		room.leave();
		await page.click(`tr[data-closed] a:has-text("${id}")`);
		await expect.poll(() => page.locator(".faults li").count(), WAIT).toBe(1);
		expect(await text(page, ".faults .outcome")()).toBe("The room closed.");
		expect(await text(page, ".facts")()).toContain("ended by a fault");
		await expect.poll(() => numberIn(page, ".timeline output"), WAIT).toBe(90);
		await expect.poll(() => page.locator(".grid tr[data-row]").count(), WAIT).toBe(1);
		expect(await page.locator('.marks [data-kind="fault"]').count()).toBe(1);
		expect(await texts(page, '.moments [data-kind="join"] .words')).toEqual(["Ann joined"]);
		// before anybody was there; its own past is read from the file alone
		await page.click('.moments [data-kind="join"] button');
		await expect.poll(() => page.locator(".grid tr[data-row]").count(), WAIT).toBe(0);
		expect(await text(page, ".timeline .about")()).toMatch(/before, from the journal$/);
		await page.click(".timeline .live");
		await expect.poll(() => page.locator(".grid tr[data-row]").count(), WAIT).toBe(1);
		await recorder.finished();
		await rm(folder, { recursive: true });
	}, 90_000);

	it("comes with hotstep start, and only with an admin token", async () => {
		const module = path.join(dist, "games/arena.wasm");
		const open = await startServer([module, "--admin-token", TOKEN]);
		const answer = await fetch(`${open.url}/monitor`);
		expect([answer.status, await answer.text()]).toEqual([
			200,
			await readFile(path.join(dist, "monitor/index.html"), "utf8"),
		]);
		expect(await open.stop()).toBe(0);
		const shut = await startServer([module]);
		expect((await fetch(`${shut.url}/monitor`)).status).toBe(404);
		expect(await shut.stop()).toBe(0);
	}, 30_000);

	it("keeps the token in its tab, and asks again for one that is wrong", async () => {
		const { url } = await stage.start(ADMIN);
		await stage.join(url, "Ann");
		const page = await stage.open(`${url}/monitor`);
		await page.fill("#token", "something-else");
		await page.click("#gate button");
		await expect.poll(text(page, "#gate-problem"), WAIT).toBe("ERR_ADMIN_TOKEN");
		expect(await page.locator("#main").isVisible()).toBe(false);
		await page.fill("#token", TOKEN);
		await page.click("#gate button");
		await page.waitForSelector("tr[data-room]");
		expect(
			await page.evaluate(() => [localStorage.length, document.cookie, location.search]),
		).toEqual([0, "", ""]);
		await page.reload();
		await page.waitForSelector("tr[data-room]");
	}, 60_000);

	it.each(["light", "dark"] as const)(
		"fits a phone's width, in %s",
		async (colorScheme) => {
			const { url } = await stage.start(ADMIN);
			await stage.join(url, "A pilot with quite a long name");
			const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
			const page = await openMonitor(url, { ...phone, colorScheme });
			const width = () => page.evaluate(() => document.documentElement.scrollWidth);
			await expect.poll(text(page, "tr[data-room] .trend b"), WAIT).toMatch(/ms$/);
			expect(await width()).toBe(390);
			await enterRoom(page);
			await expect.poll(() => page.locator(".players td").count(), WAIT).toBeGreaterThan(0);
			expect(await width()).toBe(390);
		},
		60_000,
	);
});
