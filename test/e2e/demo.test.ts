import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { DemoStage, hunt, seatOf, shipAt, WAIT, wayOf } from "./demo-stage.ts";

/** Text of the one element of the page with this id, as a probe for `expect.poll`. */
function textOf(page: Page, id: string): () => Promise<string | null> {
	return () => page.locator(`#${id}`).textContent();
}

describe.runIf(hasBrowser())("the demo page", () => {
	let stage: DemoStage;
	let closeBrowser: () => Promise<void>;
	beforeAll(async () => {
		const browser = await launchBrowser();
		closeBrowser = () => browser.close();
		stage = new DemoStage(browser);
	});
	afterEach(() => stage.clear());
	afterAll(() => closeBrowser());

	it("shows two players one another's moves", async () => {
		const { url } = await stage.start();
		const ann = await stage.play(url, "Ann");
		const bob = await stage.play(url, "Bob");
		const seat = await seatOf(ann);
		await expect.poll(() => shipAt(bob, seat), WAIT).not.toBeNull();
		const way = await wayOf(bob, seat);
		await ann.keyboard.down("ArrowUp");
		await expect.poll(way, WAIT).toBeGreaterThan(60);
		for (const page of [ann, bob]) {
			await expect.poll(() => page.locator("#scores li:visible").count(), WAIT).toBe(2);
		}
		await ann.keyboard.up("ArrowUp");
		expect(await ann.evaluate(() => window.hotstep.room?.input.thrust)).toBe(false);
	}, 60_000);

	it("changes score board and feed when one shoots another down, who is told when he returns", async () => {
		const { url } = await stage.start();
		const bob = await stage.play(url, "Bob");
		const ann = await stage.play(url, "Ann");
		await hunt(ann, await seatOf(bob));
		const feed = expect.poll(textOf(ann, "feed"), { timeout: 90_000, interval: 200 });
		const cause = expect.poll(textOf(bob, "respawn-cause"), { timeout: 90_000, interval: 200 });
		await Promise.all([feed.toContain("Ann shot down Bob"), cause.toContain("Ann shot you down.")]);
		// ten for a ship, and a few for every asteroid that was in the way
		const best = ann.locator("#scores li").first();
		await expect.poll(() => best.locator("b").textContent(), WAIT).toBe("Ann");
		await expect
			.poll(async () => Number(await best.locator("span").textContent()), WAIT)
			.toBeGreaterThanOrEqual(10);
		expect(await best.getAttribute("class")).toContain("own");
	}, 120_000);

	it("survives a restart of the server, with the game dimmed but visible meanwhile", async () => {
		const { server, url, port } = await stage.start();
		const ann = await stage.play(url, "Ann");
		/** The own ship's dot on the map is the one pure white thing there. */
		const hasGame = () =>
			ann.evaluate(() => {
				const view = document.getElementById("view") as HTMLCanvasElement;
				const side = 160;
				const corner = view.getContext("2d")?.getImageData(0, 0, side, side).data;
				if (!corner) return false;
				for (let i = 0; i < corner.length; i += 4) {
					if (Math.min(corner[i] ?? 0, corner[i + 1] ?? 0, corner[i + 2] ?? 0) > 250) return true;
				}
				return false;
			});
		// a star may be as white before there is a game to see
		await expect.poll(async () => shipAt(ann, await seatOf(ann)), WAIT).not.toBeNull();
		await expect.poll(hasGame, WAIT).toBe(true);
		await stage.stop(server);
		await expect.poll(textOf(ann, "message"), WAIT).toContain("Reconnecting");
		// a few attempts later
		await ann.waitForFunction(() => (window.hotstep.room?.reconnects ?? 0) >= 2, null, WAIT);
		expect(await ann.locator("#screen").isVisible()).toBe(true);
		expect(await ann.locator("#play").textContent()).toBe("Try now");
		expect(await hasGame()).toBe(true);
		await stage.start({}, port);
		await expect.poll(() => ann.locator("#screen").isVisible(), WAIT).toBe(false);
		await expect.poll(async () => shipAt(ann, await seatOf(ann)), WAIT).not.toBeNull();
		const way = await wayOf(ann, await seatOf(ann));
		await ann.keyboard.down("KeyW");
		await expect.poll(way, WAIT).toBeGreaterThan(30);
	}, 90_000);

	it("waits for a server that is not there yet", async () => {
		const { url } = await stage.start();
		const other = await stage.start();
		await stage.stop(other.server);
		const page = await stage.open(`${url}/?name=Ann&server=ws://127.0.0.1:${other.port}`);
		await expect.poll(textOf(page, "message"), WAIT).toContain("cannot be reached");
		expect(await page.locator("#play").isVisible()).toBe(true);
		await stage.start({}, other.port);
		await page.waitForFunction(() => window.hotstep.room?.status === "playing", null, WAIT);
		expect(await page.locator("#screen").isVisible()).toBe(false);
	}, 60_000);

	it("says that the server is full, and gets in once somebody has left", async () => {
		const { url } = await stage.start({ connections: { max: 1 } });
		const first = await stage.join(url, "First");
		const page = await stage.open(`${url}/?name=Ann`);
		await expect.poll(textOf(page, "message"), WAIT).toContain("The server is full");
		first.leave();
		await expect
			.poll(async () => {
				if (await page.locator("#play").isVisible()) await page.click("#play");
				return page.evaluate(() => window.hotstep.room?.status);
			}, WAIT)
			.toBe("playing");
	}, 60_000);

	it("says that a room is unknown, and offers another", async () => {
		const { url } = await stage.start();
		const page = await stage.open(`${url}/?name=Ann&room=nowhere`);
		await expect.poll(textOf(page, "message"), WAIT).toContain("This room does not exist");
		expect(await page.locator("#play").textContent()).toBe("Play in another room");
		await page.click("#play");
		await page.waitForFunction(() => window.hotstep.room?.status === "playing", null, WAIT);
	}, 60_000);

	it("checks a name as the server does, and remembers it", async () => {
		const { url } = await stage.start();
		const page = await stage.open(url);
		for (const [name, problem] of [
			["   ", "Please enter a name"],
			["a  b", "visible characters"],
			["ä".repeat(33), "too long"],
		] as const) {
			await page.fill("#name", name);
			await page.click("#play");
			expect(await textOf(page, "problem")()).toContain(problem);
		}
		await page.fill("#name", "Zoë");
		await page.click("#play");
		await page.waitForFunction(() => window.hotstep.room?.status === "playing", null, WAIT);
		await page.click("#leave");
		expect(await page.evaluate(() => window.hotstep.room)).toBeNull();
		await page.goto(url);
		expect(await page.inputValue("#name")).toBe("Zoë");
	}, 60_000);

	it("shows that new rules came, under a player who plays on", async () => {
		// first, because the compiler leaves this process no time to serve anybody
		const { buildEdited } = await import("../support/arena-v2.ts");
		const candidate = await buildEdited();
		const { server, url } = await stage.start();
		const ann = await stage.play(url, "Ann");
		const notice = expect.poll(textOf(ann, "notice"), WAIT).toContain("New rules: version 2");
		const deployed = await server.core.deployments.deploy("arena", candidate, "live");
		expect(deployed).toMatchObject({ version: 2, refused: [] });
		await notice;
		const way = await wayOf(ann, await seatOf(ann));
		await ann.keyboard.down("ArrowUp");
		await expect.poll(way, WAIT).toBeGreaterThan(30);
	}, 120_000);

	it("shows the net graph on a key and a button", async () => {
		const { url } = await stage.start();
		const page = await stage.play(url, "Ann");
		const graph = page.locator("#graph");
		expect(await graph.isVisible()).toBe(false);
		await page.keyboard.press("n");
		expect(await graph.isVisible()).toBe(true);
		await page.click("#graph-toggle");
		expect(await graph.isVisible()).toBe(false);
	}, 60_000);
});
