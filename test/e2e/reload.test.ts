import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveServer, listen } from "../support/live-server.ts";
import { repositoryRoot } from "../support/repository-root.ts";
import { buildVariant, replace } from "../support/variant.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";

/** A page that plays as soon as it is open, in the room of its address if there is one. */
const PAGE = `
import { connect } from "./client/index.ts";
const wishes = new URLSearchParams(location.search);
connect("", { game: "duo", name: wishes.get("name") ?? undefined, room: wishes.get("room") ?? undefined }).then(
	(room) => Object.assign(window, { room }),
	(error) => Object.assign(window, { failed: error.name }),
);
`;

async function pageFolder(): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-reload-"));
	await build({
		stdin: { contents: PAGE, resolveDir: repositoryRoot(), loader: "ts" },
		bundle: true,
		format: "esm",
		external: ["ws"],
		outfile: path.join(folder, "page.js"),
		logLevel: "error",
	});
	const html = '<!doctype html><title>duo</title><script type="module" src="page.js"></script>';
	await writeFile(path.join(folder, "index.html"), html);
	return folder;
}

interface Seat {
	readonly room: string;
	readonly player: number;
}

/** Where the page sits, or the name of why it does not. */
async function seatOf(page: Page): Promise<Seat | string> {
	await page.waitForFunction(() => "room" in window || "failed" in window);
	return page.evaluate(() => {
		const { room, failed } = window as unknown as {
			room?: { id: string; player: number };
			failed?: string;
		};
		return room ? { room: room.id, player: room.player } : (failed ?? "");
	});
}

describe.runIf(hasBrowser())("a page that is loaded anew", () => {
	let browser: Browser;
	let live: LiveServer;
	beforeAll(async () => {
		browser = await launchBrowser();
		const duo = await buildVariant({
			schema: (source) =>
				replace("maxPlayers: 16", "maxPlayers: 2")(replace('"dots"', '"duo"')(source)),
		});
		live = await listen({
			games: [duo],
			http: { pageFolder: await pageFolder() },
			rooms: { seatGraceMs: 15_000 },
		});
	}, 60_000);
	afterAll(async () => {
		await browser.close();
		await live.server.close();
	});

	async function open(context: BrowserContext, query: string): Promise<Page> {
		const page = await context.newPage();
		await page.goto(`${live.url}/?${query}`);
		return page;
	}

	it("has its seat again, with the room's link too, and a duplicated tab takes its own", async () => {
		const context = await browser.newContext();
		const ann = await open(context, "name=Ann");
		const bob = await open(context, "name=Bob");
		const [first, second] = [await seatOf(ann), await seatOf(bob)];
		expect(second).toEqual({ room: (first as Seat).room, player: 1 });
		for (let i = 0; i < 3; i++) {
			await ann.reload();
			expect(await seatOf(ann)).toEqual(first);
		}
		await ann.goto(`${live.url}/?room=${(first as Seat).room}`);
		expect(await seatOf(ann)).toEqual(first);
		// a window that a page opens begins with a copy of its storage, as a duplicated tab does
		const [twin] = await Promise.all([
			context.waitForEvent("page"),
			ann.evaluate(() => void window.open(location.pathname)),
		]);
		const own = await seatOf(twin as Page);
		expect((own as Seat).room).not.toBe((first as Seat).room);
		expect(await seatOf(ann)).toEqual(first);
		expect(
			await ann.evaluate(() => (window as never as { room: { status: string } }).room.status),
		).toBe("playing");
		await (twin as Page).reload();
		expect(await seatOf(twin as Page)).toEqual(own);
		await context.close();
	}, 60_000);

	it("has none any more after it left", async () => {
		const context = await browser.newContext();
		const ann = await open(context, "name=Ann");
		await seatOf(ann);
		await ann.evaluate(() => (window as never as { room: { leave(): void } }).room.leave());
		expect(await ann.evaluate(() => sessionStorage.length)).toBe(0);
		await context.close();
	}, 60_000);
});
