import { setTimeout as pause } from "node:timers/promises";
import { ChildError } from "../load/child.ts";
import { withCrowd } from "../machine/crowd.ts";
import { quantile, wholeForAll } from "../machine/players.ts";
import { check, judge, type Measurement } from "../result.ts";

const ROOMS = 100;
const PER_ROOM = 10;
const WINDOW_MS = 5_000;

export const killWorker: Measurement = {
	id: "kill-worker",
	about: `longest silence (p99) of those whose worker is killed: ${ROOMS} rooms of arena × ${PER_ROOM} players, 2 workers`,
	run() {
		return withCrowd(ROOMS, PER_ROOM, async ({ server, players, missed }) => {
			const before = await players.observe(WINDOW_MS);
			const [victim] = await server.workerLines();
			if (!victim?.pid) throw new ChildError("there is no worker to kill");
			const hit = new Set(
				(await server.rooms()).filter(({ worker }) => worker === victim.worker).map(({ id }) => id),
			);
			await players.mark();
			process.kill(victim.pid, "SIGKILL");
			await pause(WINDOW_MS);
			const { players: all } = await players.report();
			const hurt = all.filter(({ room }) => hit.has(room));
			const others = all.filter(({ room }) => !hit.has(room));
			const open = hurt.filter(({ reconnects }) => reconnects === 0).length;
			const back = hurt.filter(({ isSeated }) => isSeated).length;
			const silence = hurt.map(({ longestMs }) => longestMs);
			const beside = (of: typeof all) =>
				quantile(
					of.map(({ longestMs }) => longestMs),
					0.99,
				);
			const calm = before.players.filter(({ room }) => !hit.has(room));
			return judge({
				id: this.id,
				value: quantile(silence, 0.99),
				unit: "ms",
				spread: 0,
				goal: 500,
				notMeasured: [...missed],
				checks: [
					...wholeForAll(all),
					check("sockets that stayed open", (100 * open) / hurt.length, "%", 95, true),
					check("seats that came back", (100 * back) / hurt.length, "%", 100, true),
					check("others' longest silence p99, of before", beside(others) / beside(calm), "", 1.5),
				],
				peers: [
					{ name: "players of the killed worker", value: hurt.length, unit: "" },
					{ name: "their longest silence, median", value: quantile(silence, 0.5), unit: "ms" },
					{ name: "others' longest silence p99", value: beside(others), unit: "ms" },
					{ name: "the same before", value: beside(calm), unit: "ms" },
					{ name: "gap p99 of all before", value: before.gaps.percentileMs(0.99), unit: "ms" },
				],
			});
		});
	},
};
