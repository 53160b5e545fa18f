import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { behaviour } from "../../game-logic/arena/bots.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { hasBrowser, launchBrowser } from "./browser.ts";
import { type ArenaRoom, DemoStage, hunt } from "./demo-stage.ts";

const NAMES = [
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

const LONGEST_WAIT_MS = process.env.HOTSTEP_PICTURE ? 60_000 : 15_000;

/** Lets the rooms play as the game's bots do; returns what stops them. */
function letPlay(rooms: readonly ArenaRoom[]): () => void {
	const players = rooms.map((room, i) => ({
		room,
		think: behaviour.create(SeededRandom.fork(7, i).next),
	}));
	const timer = setInterval(() => {
		for (const { room, think } of players) {
			room.update();
			think({
				state: room.state,
				player: room.player,
				input: room.input,
				nowMs: performance.now(),
			});
		}
	}, 1000 / behaviour.thinksPerSecond);
	return () => clearInterval(timer);
}

/** Waits until a ship bursts in a fight near the page's own one; any moment will do after a while. */
async function waitForAction(page: Page): Promise<void> {
	await page.waitForTimeout(5000);
	const happened = page.evaluate(
		() =>
			new Promise<void>((resolve) => {
				const { room } = window.hotstep;
				room?.on("explosion", ({ x, y, size }) => {
					const { ship, bullet } = room.state;
					const inSight = (table: typeof ship | typeof bullet): number => {
						let count = 0;
						for (let i = 0; i < table.used; i++) {
							const dx = Math.abs(table.x[i] - x);
							const dy = Math.abs(table.y[i] - y);
							if (table.gen[i] !== 0 && dx < 420 && dy < 260) count++;
						}
						return count;
					};
					const own = ship.player.indexOf(room.player);
					const away = Math.hypot(ship.x[own] - x, ship.y[own] - y);
					const isFight = size === 4 && inSight(ship) >= 4 && inSight(bullet) >= 6;
					if (isFight && away > 60 && away < 360) setTimeout(resolve, 120);
				});
			}),
	);
	await Promise.race([happened, page.waitForTimeout(LONGEST_WAIT_MS)]);
}

describe.runIf(hasBrowser())("the README's picture", () => {
	it("shows a full room; HOTSTEP_PICTURE puts it into docs", async () => {
		const browser = await launchBrowser();
		const stage = new DemoStage(browser);
		let stop = (): void => {};
		try {
			const { url } = await stage.start();
			const rooms = await Promise.all(NAMES.map((name) => stage.join(url, name)));
			const page = await stage.play(url, "Ann");
			stop = letPlay(rooms);
			await page.keyboard.press("n");
			await hunt(page, rooms[0]?.player ?? 0);
			await waitForAction(page);
			const file = process.env.HOTSTEP_PICTURE
				? path.resolve(import.meta.dirname, "../../docs/demo.png")
				: path.join(await mkdtemp(path.join(tmpdir(), "hotstep-picture-")), "demo.png");
			await page.screenshot({ path: file });
			console.log(`picture: ${file}`);
			expect((await stat(file)).size).toBeGreaterThan(30_000);
		} finally {
			stop();
			await stage.clear();
			await browser.close();
		}
	}, 120_000);
});
