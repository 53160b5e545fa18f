import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { connect, type Room } from "../../client/index.ts";
import type arena from "../../game-logic/arena/schema.ts";
import type { OpenServer } from "../../server/open-server.ts";
import type { ServerOptions } from "../../server/server-options.ts";

export type ArenaRoom = Room<typeof arena>;

/** For conditions that will come true; only a failure waits so long. */
export const WAIT = { timeout: 30_000 } as const;
const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 720 } };
const dist = new URL("../../dist/", import.meta.url);

/** Servers from the build, pages in a browser, and clients of this process; `clear` ends them all. */
export class DemoStage {
	private readonly browser: Browser;
	private readonly servers: OpenServer[] = [];
	private readonly rooms: ArenaRoom[] = [];

	constructor(browser: Browser) {
		this.browser = browser;
	}

	/** Starts a server that offers arena and the page. Port 0 is any free one. */
	async start(
		options: Partial<ServerOptions> = {},
		port = 0,
	): Promise<{ server: OpenServer; url: string; port: number }> {
		const built = new URL("server/open-server.js", dist).href;
		const { openServer } = (await import(built)) as typeof import("../../server/open-server.ts");
		const server = await openServer({
			games: [path.join(dist.pathname, "games/arena.wasm")],
			...options,
			http: { pageFolder: path.join(dist.pathname, "page"), ...options.http },
			rooms: { seed: () => 11, ...options.rooms },
		});
		this.servers.push(server);
		const address = await server.listen(port);
		return { server, url: address.url, port: address.port };
	}

	async stop(server: OpenServer): Promise<void> {
		this.servers.splice(this.servers.indexOf(server), 1);
		await server.close();
	}

	async open(url: string, options: BrowserContextOptions = DESKTOP): Promise<Page> {
		const context = await this.browser.newContext(options);
		const page = await context.newPage();
		await page.goto(url);
		return page;
	}

	/** Opens the page under a name and waits until its ship is there. */
	async play(url: string, name: string, options?: BrowserContextOptions): Promise<Page> {
		const page = await this.open(`${url}/?name=${name}`, options);
		await page.waitForFunction(() => window.hotstep.room?.state.ship?.used, null, WAIT);
		return page;
	}

	/** Takes a seat without a page. */
	async join(url: string, name: string): Promise<ArenaRoom> {
		const address = url.replace("http", "ws");
		const room = await connect<typeof arena>(address, { game: "arena", name, interpolate: false });
		this.rooms.push(room);
		return room;
	}

	async clear(): Promise<void> {
		for (const context of this.browser.contexts()) await context.close();
		for (const room of this.rooms.splice(0)) room.leave();
		for (const server of this.servers.splice(0)) await server.close();
	}
}

/** Number of the page's own seat. */
export function seatOf(page: Page): Promise<number> {
	return page.evaluate(() => window.hotstep.room?.player ?? -1);
}

/** Where a page sees the ship of a seat. */
export function shipAt(page: Page, seat: number): Promise<{ x: number; y: number } | null> {
	return page.evaluate((wanted) => {
		const ship = window.hotstep.room?.state.ship;
		if (!ship) return null;
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] !== 0 && ship.player[i] === wanted) {
				return { x: ship.x[i], y: ship.y[i] };
			}
		}
		return null;
	}, seat);
}

/** A probe for `expect.poll`: how far a page sees a ship from where it was. */
export async function wayOf(page: Page, seat: number): Promise<() => Promise<number>> {
	// right after new rules came there is no ship to see yet
	let from = await shipAt(page, seat);
	return async () => {
		const now = await shipAt(page, seat);
		from ??= now;
		return now && from ? Math.hypot(now.x - from.x, now.y - from.y) : 0;
	};
}

/**
 * Lets a page's ship hunt a seat: turns towards it, closes in, fires. It turns so gently that what it
 * does is seen before it overshoots: it steers by a picture that is two snapshots old.
 */
export async function hunt(page: Page, seat: number): Promise<void> {
	await page.evaluate((wanted) => {
		let lastDistance = Number.NaN;
		let closing = 0;
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
			const dx = ship.x[other] - ship.x[own];
			const dy = ship.y[other] - ship.y[own];
			const turn = Math.atan2(dy, dx) - ship.angle[own];
			const off = Math.atan2(Math.sin(turn), Math.cos(turn));
			const distance = Math.hypot(dx, dy);
			const speed = (lastDistance - distance) / 0.03 || 0;
			closing += (Math.max(-400, Math.min(400, speed)) - closing) * 0.1;
			lastDistance = distance;
			room.input.turn = Math.round(Math.max(-127, Math.min(127, off * 80)));
			// a ship drifts on for 1.8 s of its way: it shall come to rest well before the other
			room.input.thrust = Math.abs(off) < 0.3 && distance - closing * 1.8 > 250;
			room.input.fire = Math.abs(off) < 0.15 && distance < 700;
		}, 30);
	}, seat);
}
