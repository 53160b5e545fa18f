import { availableParallelism } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { MachineServer } from "../machine/machine-server.ts";
import { Players, sum } from "../machine/players.ts";
import { median, spreadOf } from "../measure.ts";
import { check, judge, type Measurement } from "../result.ts";

/** What both must carry, so that their costs can be compared. */
const ROOMS = 20;
const PER_ROOM = 10;
const ROUNDS = 3;
const SETTLE_MS = 3_000;
const WINDOW_MS = 6_000;
/** Rooms are added until gaps are longer than this. */
const STEP_ROOMS = 10;
const MOST_ROOMS = 100;
const GAP_MS = 75;
/** Cores that bots and two workers need to be out of each other's way. */
const OWN_CORES = 4;

/** CPU of the server for one snapshot of one player, µs. */
async function costOf(workers: number): Promise<number> {
	const server = await MachineServer.start(workers);
	const rooms = await server.openRooms(ROOMS);
	const players = new Players({ port: server.port, rooms, players: ROOMS * PER_ROOM });
	try {
		await players.join();
		await pause(SETTLE_MS);
		const before = await server.cpuSeconds();
		const seen = await players.observe(WINDOW_MS);
		const after = await server.cpuSeconds();
		return ((after - before) * 1e6) / sum(seen.players, ({ snapshots }) => snapshots);
	} finally {
		await players.stop();
		await server.stop();
	}
}

/** The most players that are served in time. */
async function loadOf(workers: number): Promise<number> {
	const server = await MachineServer.start(workers);
	const groups: Players[] = [];
	try {
		let carried = 0;
		for (let rooms = STEP_ROOMS; rooms <= MOST_ROOMS; rooms += STEP_ROOMS) {
			const known = new Set((await server.rooms()).map(({ id }) => id));
			const fresh = (await server.openRooms(STEP_ROOMS)).filter((id) => !known.has(id));
			const group = new Players({
				port: server.port,
				rooms: fresh,
				players: STEP_ROOMS * PER_ROOM,
			});
			groups.push(group);
			await group.join();
			await pause(SETTLE_MS);
			const seen = await Promise.all(groups.map((one) => one.observe(WINDOW_MS)));
			if (Math.max(...seen.map(({ gaps }) => gaps.percentileMs(0.99))) > GAP_MS) break;
			carried = rooms * PER_ROOM;
		}
		return carried;
	} finally {
		for (const group of groups) await group.stop();
		await server.stop();
	}
}

export const twoWorkers: Measurement = {
	id: "two-workers",
	about: `CPU of the server for a snapshot with two workers, of one worker's: ${ROOMS} rooms of arena × ${PER_ROOM}`,
	async run() {
		const costs = { one: [] as number[], two: [] as number[] };
		for (let round = 0; round < ROUNDS; round++) {
			costs.one.push(await costOf(1));
			costs.two.push(await costOf(2));
		}
		const [one, two] = [await loadOf(1), await loadOf(2)];
		const cores = availableParallelism();
		const hasOwnCores = cores >= OWN_CORES;
		return judge({
			id: this.id,
			value: median(costs.two) / median(costs.one),
			unit: "×",
			spread: Math.max(spreadOf(costs.one), spreadOf(costs.two)),
			goal: 1.05,
			checks: hasOwnCores ? [check("load of two, of one's", two / one, "×", 1.9, true)] : [],
			notMeasured: hasOwnCores
				? []
				: [`1.9 × the load: the bots share ${cores} cores with the workers`],
			peers: [
				{ name: "one worker, a snapshot", value: median(costs.one), unit: "µs" },
				{ name: "two workers, a snapshot", value: median(costs.two), unit: "µs" },
				{ name: `players at gap p99 ≤ ${GAP_MS} ms, one worker`, value: one, unit: "" },
				{ name: `players at gap p99 ≤ ${GAP_MS} ms, two workers`, value: two, unit: "" },
			],
		});
	},
};
