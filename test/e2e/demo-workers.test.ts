import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { type StartedServer, startServer } from "../support/start-server.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { DemoStage, seatOf, shipAt, WAIT, wayOf } from "./demo-stage.ts";

const TOKEN = "a token of tests";

/** Notes every status that the page's room takes on, and whether a screen was ever over the game. */
async function watch(page: Page): Promise<void> {
	await page.evaluate(() => {
		const seen = { statuses: [] as string[], screens: 0, tick: 0 };
		Object.assign(window, { seen });
		window.hotstep.room?.onSnapshot(({ tick }) => {
			seen.tick = tick;
		});
		window.hotstep.room?.onStatus((status) => seen.statuses.push(status));
		const screen = document.getElementById("screen") as HTMLElement;
		const look = (): void => {
			if (screen.checkVisibility()) seen.screens++;
		};
		new MutationObserver(look).observe(document.body, { attributes: true, subtree: true });
	});
}

function seenBy(page: Page): Promise<{ statuses: string[]; screens: number; tick: number }> {
	return page.evaluate(() => (window as unknown as { seen: never }).seen);
}

describe.runIf(hasBrowser())("the demo page on a server with workers", () => {
	let stage: DemoStage;
	let server: StartedServer | null = null;
	let closeBrowser: () => Promise<void>;
	beforeAll(async () => {
		const browser = await launchBrowser();
		closeBrowser = () => browser.close();
		stage = new DemoStage(browser);
	});
	afterEach(async () => {
		await stage.clear();
		await server?.stop();
		server = null;
	});
	afterAll(() => closeBrowser());

	it("shows no screen when the worker is killed under two players, who go on flying", async () => {
		server = await startServer(["--workers", "2", "--admin-token", TOKEN]);
		const { url } = server;
		const ann = await stage.play(url, "Ann");
		const bob = await stage.play(url, "Bob");
		const [annSeat, bobSeat] = [await seatOf(ann), await seatOf(bob)];
		await expect.poll(() => shipAt(bob, annSeat), WAIT).not.toBeNull();
		for (const page of [ann, bob]) await watch(page);
		const headers = { authorization: `Bearer ${TOKEN}` };
		const [room] = (await (await fetch(`${url}/rooms`, { headers })).json()) as {
			worker: number;
		}[];
		const lines = (await (await fetch(`${url}/admin/workers`, { headers })).json()) as WorkerLine[];
		const worker = lines.find((line) => line.worker === room?.worker);
		const tickOf = async (page: Page): Promise<number> => (await seenBy(page)).tick;
		for (const page of [ann, bob]) await expect.poll(() => tickOf(page), WAIT).toBeGreaterThan(0);
		const before = await Promise.all([tickOf(ann), tickOf(bob)]);
		process.kill(worker?.pid as number, "SIGKILL");
		for (const [i, page] of [ann, bob].entries()) {
			await expect.poll(() => tickOf(page), WAIT).toBeGreaterThan((before[i] as number) + 120);
		}
		// each sees what the other does
		const way = await wayOf(bob, annSeat);
		await ann.keyboard.down("ArrowUp");
		await expect.poll(way, WAIT).toBeGreaterThan(60);
		await ann.keyboard.up("ArrowUp");
		expect([await seatOf(ann), await seatOf(bob)]).toEqual([annSeat, bobSeat]);
		for (const page of [ann, bob]) {
			expect(await seenBy(page)).toMatchObject({ statuses: [], screens: 0 });
			expect(await page.evaluate(() => window.hotstep.room?.reconnects)).toBe(0);
		}
		if (process.env.HOTSTEP_SHOTS) await bob.screenshot({ path: process.env.HOTSTEP_SHOTS });
	}, 90_000);
});
