import type { CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { DemoStage, seatOf, wayOf } from "./demo-stage.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

interface Finger {
	x: number;
	y: number;
}

/** Fingers on the screen; every call says where all of them are. */
async function touch(session: CDPSession, before: Finger[], now: Finger[]): Promise<void> {
	const type =
		now.length === 0 ? "touchEnd" : now.length > before.length ? "touchStart" : "touchMove";
	await session.send("Input.dispatchTouchEvent", {
		type,
		touchPoints: now.map(({ x, y }, id) => ({ x, y, id })),
	});
}

async function middleOf(page: Page, hold: string): Promise<Finger> {
	const box = await page.locator(`[data-hold="${hold}"]`).boundingBox();
	if (!box) throw new Error(`there is no button ${hold}`);
	return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

function inputOf(page: Page) {
	return page.evaluate(() => ({ ...window.hotstep.room?.input }));
}

describe.runIf(hasBrowser())("the demo page on a phone", () => {
	let stage: DemoStage;
	let closeBrowser: () => Promise<void>;
	beforeAll(async () => {
		const browser = await launchBrowser();
		closeBrowser = () => browser.close();
		stage = new DemoStage(browser);
	});
	afterEach(() => stage.clear());
	afterAll(() => closeBrowser());

	it("fits without scrolling, at the start and in the game", async () => {
		const { url } = await stage.start();
		const width = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);
		expect(await width(await stage.open(url, PHONE))).toBe(390);
		const page = await stage.play(url, "Ann", PHONE);
		expect(await width(page)).toBe(390);
		for (const id of ["board", "tools", "gauge"]) {
			const box = await page.locator(`#${id}`).boundingBox();
			expect(box?.x, id).toBeGreaterThanOrEqual(0);
			expect((box?.x ?? 0) + (box?.width ?? 999), id).toBeLessThanOrEqual(390);
		}
	}, 60_000);

	it("flies by its buttons: two fingers, one that slides, one on two buttons", async () => {
		const { url } = await stage.start();
		const page = await stage.play(url, "Ann", PHONE);
		const session = await page.context().newCDPSession(page);
		const [left, right, fire, thrust] = [
			await middleOf(page, "left"),
			await middleOf(page, "right"),
			await middleOf(page, "fire"),
			await middleOf(page, "thrust"),
		];
		await touch(session, [], [left]);
		await touch(session, [left], [left, thrust]);
		await expect
			.poll(() => inputOf(page))
			.toEqual({ turn: -127, thrust: true, fire: false, laser: false });
		const way = await wayOf(page, await seatOf(page));
		await expect.poll(way, { timeout: 30_000 }).toBeGreaterThan(20);
		const between = { x: (fire.x + thrust.x) / 2, y: fire.y };
		await touch(session, [left, thrust], [right, between]);
		await expect
			.poll(() => inputOf(page))
			.toEqual({ turn: 127, thrust: true, fire: true, laser: false });
		await touch(session, [right, between], []);
		await expect
			.poll(() => inputOf(page))
			.toEqual({ turn: 0, thrust: false, fire: false, laser: false });
	}, 60_000);
});
