import { setTimeout as pause } from "node:timers/promises";
import { withCrowd } from "../machine/crowd.ts";
import { quantile, wholeForAll } from "../machine/players.ts";
import { check, judge, type Measurement } from "../result.ts";

const ROOMS = 100;
const PER_ROOM = 10;
/** Clients try again after up to ten seconds when a server is gone for long. */
const BACK_MS = 12_000;

export const killAll: Measurement = {
	id: "kill-all",
	about: `from the start after a kill of all processes until 99 % play again: ${ROOMS} rooms of arena × ${PER_ROOM} players`,
	run() {
		return withCrowd(ROOMS, PER_ROOM, async ({ server, players, rooms, count, missed }) => {
			await server.killAll();
			await players.mark();
			const startMs = performance.now();
			await server.run();
			const listenMs = performance.now() - startMs;
			const there = (await server.rooms()).length;
			await pause(BACK_MS);
			const { players: all } = await players.report();
			const first = all.map(({ firstMs }) => (firstMs < 0 ? Number.POSITIVE_INFINITY : firstMs));
			const seated = all.filter(({ isSeated }) => isSeated).length;
			return judge({
				id: this.id,
				value: quantile(first, 0.99),
				unit: "ms",
				spread: 0,
				goal: 1_500,
				notMeasured: [...missed],
				checks: [
					check("rooms that are back", there, "", rooms.length, true),
					check("seats that came back", (100 * seated) / count, "%", 100, true),
					...wholeForAll(all),
				],
				peers: [
					{ name: "players", value: count, unit: "" },
					{ name: "until it listens, rooms and all", value: listenMs, unit: "ms" },
					{ name: "until half of them play", value: quantile(first, 0.5), unit: "ms" },
				],
			});
		});
	},
};
