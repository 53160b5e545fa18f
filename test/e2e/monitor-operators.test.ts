import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type StartedServer, startServer } from "../support/start-server.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { type ArenaRoom, DemoStage, WAIT } from "./demo-stage.ts";

const TOKEN = "a-token-of-a-test";

describe.runIf(hasBrowser())("the monitor of a machine with two workers", () => {
	let stage: DemoStage;
	let server: StartedServer;
	let closeBrowser: () => Promise<void>;
	let ann: ArenaRoom;
	let page: Page;
	const problems: string[] = [];
	beforeAll(async () => {
		const browser = await launchBrowser();
		closeBrowser = () => browser.close();
		stage = new DemoStage(browser);
		// the games that are built in, and with them the demo page
		server = await startServer(["--workers", "2", "--admin-token", TOKEN]);
		ann = await stage.join(server.url, "Ann");
		page = await stage.open(`${server.url}/monitor`);
		page.on("pageerror", (error) => problems.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error") problems.push(message.text());
		});
		await page.fill("#token", TOKEN);
		await page.fill("#operator", "Eve");
		await page.click("#gate button");
		await page.waitForSelector("tr[data-room]");
	}, 90_000);
	afterEach(() => {
		expect(problems.splice(0)).toEqual([]);
	});
	afterAll(async () => {
		await stage.clear();
		await closeBrowser();
		await server.stop();
	});

	const text = (selector: string) => () => page.locator(selector).first().textContent();
	const ownerOf = async () => Number((await text("tr[data-room] td.worker")())?.replace(/\D/g, ""));
	/** Such buttons ask to be pressed twice. */
	async function press(selector: string): Promise<void> {
		await page.click(selector);
		await page.click(`${selector}.armed`);
	}

	it("shows how both do, and whether rooms are protected", async () => {
		await expect.poll(() => page.locator("tr[data-worker]").count(), WAIT).toBe(2);
		await expect.poll(text('tr[data-worker="2"] td'), WAIT).toBe("2 running");
		const owner = await ownerOf();
		const cell = (label: string) => `tr[data-worker="${owner}"] [data-label="${label}"]`;
		await expect.poll(text(cell("Players")), WAIT).toBe("1");
		await expect.poll(text(cell("Room log")), WAIT).toMatch(/ behind$/);
	}, 60_000);

	it("moves a room, whose player notices nothing", async () => {
		const from = await ownerOf();
		const statuses: string[] = [];
		ann.onStatus((status) => statuses.push(status));
		await page.click("tr[data-room] a");
		await expect.poll(text(".place > span"), WAIT).toBe(`worker ${from} · epoch 1`);
		const said = text('.place [role="status"]');
		// a machine that has much else to do takes too long for it, and the room stays: once more
		await expect
			.poll(async () => {
				await press(".place button");
				await expect.poll(said, WAIT).toMatch(/^Moved|^ERR_MOVE_TIMEOUT/);
				return said();
			}, WAIT)
			.toBe(`Moved from worker ${from} to ${3 - from}.`);
		await expect.poll(text(".place > span"), WAIT).toMatch(/^worker \d · epoch [2-9]$/);
		expect(await text(".place > span")()).toContain(`worker ${3 - from} `);
		expect(statuses).toEqual([]);
		// the browser notes every answer of 409 in its console
		const others = problems.splice(0).filter((problem) => !problem.includes("409"));
		expect(others).toEqual([]);
	}, 60_000);

	it("shows a message on the demo page, and takes it away", async () => {
		const game = await stage.play(server.url, "Bob");
		const shown = () => game.locator("#notice:visible").allTextContents();
		await page.fill(".message-text", "Back at <b>noon</b>");
		await press(".message .send");
		await expect.poll(shown, WAIT).toEqual(["Back at <b>noon</b>"]);
		await expect.poll(text(".message .said"), WAIT).toBe("Shown to 2 clients.");
		await page.click(".message .take-back");
		await expect.poll(shown, WAIT).toEqual([]);
		await game.close();
	}, 60_000);

	it("removes a player for good", async () => {
		await press('[aria-label="Kick Ann"]');
		await expect.poll(() => [ann.status, ann.ending?.name], WAIT).toEqual(["closed", "ERR_KICKED"]);
		await expect.poll(() => page.locator('[aria-label="Kick Ann"]').count(), WAIT).toBe(0);
	}, 60_000);

	it("drains a worker, and says who changed what", async () => {
		await page.click("#home");
		await press('tr[data-worker="1"] .actions button:visible');
		await expect.poll(text('tr[data-worker="1"] td'), WAIT).toBe("1 drained");
		await press('tr[data-worker="1"] .actions button:visible');
		await expect.poll(text('tr[data-worker="1"] td'), WAIT).toBe("1 running");
		const cells = (name: string) => page.locator(`.audit .${name}`).allTextContents();
		const latest = async (name: string) => (await cells(name)).slice(0, 6);
		await expect
			.poll(() => latest("what"), WAIT)
			.toEqual(["undrain", "drain", "kick", "message", "message", "move"]);
		expect(new Set(await latest("outcome"))).toEqual(new Set(["done"]));
		expect((await cells("detail"))[4]).toContain("Back at <b>noon</b>");
		expect((await cells("by"))[0]).toMatch(/^Eve at /);
	}, 60_000);

	it.each([360, 1440])("fits a screen of %d pixels", async (width) => {
		await page.setViewportSize({ width, height: 800 });
		const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
		expect(await wide()).toBe(width);
	});
});
