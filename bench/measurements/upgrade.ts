import { setTimeout as pause } from "node:timers/promises";
import { ChildError } from "../load/child.ts";
import { withCrowd } from "../machine/crowd.ts";
import type { MachineServer } from "../machine/machine-server.ts";
import { noneDisconnected, wholeForAll } from "../machine/players.ts";
import { judge, type Measurement } from "../result.ts";

const ROOMS = 50;
const PER_ROOM = 10;
const UPGRADES = 10;
const BEFORE_MS = 3_000;
/** Until the workers of the process before have lost all rooms, and ended. */
const EMPTY_MS = 120_000;
const LOOK_MS = 200;

/** Resolves when no worker of an old process is left. @throws ChildError when they stay */
async function untilOldOnesLeave(server: MachineServer): Promise<void> {
	const untilMs = performance.now() + EMPTY_MS;
	while (performance.now() < untilMs) {
		const lines = await server.workerLines();
		if (lines.every(({ drain }) => drain === null)) return;
		await pause(LOOK_MS);
	}
	throw new ChildError("the old workers do not leave");
}

export const upgrade: Measurement = {
	id: "upgrade",
	about: `gap between snapshots (p99) while Hotstep is upgraded ${UPGRADES} times: ${ROOMS * PER_ROOM} players of arena, 2 workers`,
	run() {
		return withCrowd(ROOMS, PER_ROOM, async ({ server, players, count, missed }) => {
			const before = await players.observe(BEFORE_MS);
			await players.mark();
			const startMs = performance.now();
			for (let i = 0; i < UPGRADES; i++) {
				await server.ask("/admin/upgrade", "POST");
				await untilOldOnesLeave(server);
			}
			const eachMs = (performance.now() - startMs) / UPGRADES;
			const { players: all, gaps } = await players.report();
			return judge({
				id: this.id,
				value: gaps.percentileMs(0.99),
				unit: "ms",
				spread: 0,
				goal: 150,
				notMeasured: [...missed],
				checks: [noneDisconnected(all), ...wholeForAll(all)],
				peers: [
					{ name: "players", value: count, unit: "" },
					{ name: "an upgrade, until the old workers are gone", value: eachMs, unit: "ms" },
					{ name: "longest gap", value: gaps.maxMs, unit: "ms" },
					{ name: "gap p99 before", value: before.gaps.percentileMs(0.99), unit: "ms" },
				],
			});
		});
	},
};
