import { withCrowd } from "../machine/crowd.ts";
import { noneDisconnected, quantile, wholeForAll } from "../machine/players.ts";
import { check, judge, type Measurement } from "../result.ts";

const ROOMS = 8;
const PER_ROOM = 16;
const MOVES = 1_000;

interface Moved {
	readonly frozenMs: number | null;
}

export const moveRoom: Measurement = {
	id: "move-room",
	about: `how long a room of arena stands still when it moves (p99 of ${MOVES}), ${PER_ROOM} players, 60 Hz, 2 workers`,
	run() {
		return withCrowd(ROOMS, PER_ROOM, async ({ server, players, rooms, count, missed }) => {
			await players.mark();
			const frozen: number[] = [];
			let refused = 0;
			for (let i = 0; i < MOVES; i++) {
				const target = `/admin/rooms/${rooms[i % rooms.length]}/move`;
				const moved = await server.ask<Moved>(target, "POST").catch(() => null);
				if (moved === null) refused++;
				else if (moved.frozenMs !== null) frozen.push(moved.frozenMs);
			}
			const { players: all, gaps } = await players.report();
			return judge({
				id: this.id,
				value: quantile(frozen, 0.99),
				unit: "ms",
				spread: 0,
				goal: 25,
				notMeasured: [...missed],
				checks: [
					noneDisconnected(all),
					...wholeForAll(all),
					check("moves refused", refused, "", 0),
				],
				peers: [
					{ name: "players", value: count, unit: "" },
					{ name: "frozen, median", value: quantile(frozen, 0.5), unit: "ms" },
					{ name: "frozen, longest", value: Math.max(...frozen), unit: "ms" },
					{ name: "gap p99 meanwhile", value: gaps.percentileMs(0.99), unit: "ms" },
				],
			});
		});
	},
};
