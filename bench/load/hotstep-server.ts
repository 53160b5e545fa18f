// A Hotstep server as a process of its own, for the comparisons: it serves one game, and tells the
// benchmark what it has used and counted when asked.
import { readFile } from "node:fs/promises";
import { loadGame } from "../../server/index.ts";
import { openServer } from "../../server/open-server.ts";
import { LATENESS_BUCKETS_MS } from "../../server/room/room-counters.ts";
import type { Crowd } from "./contender.ts";
import type { DeployFacts, ServerUsage, TickFacts } from "./server-process.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as Crowd & {
	file: string;
	/** Rooms to open before anybody comes. */
	openRooms?: number;
};
const game = await loadGame(options.file);
const { tickRate, snapshotRate } = game.descriptor;
const descriptor = {
	...game.descriptor,
	maxPlayers: options.clients,
	// a rate below the game's own is for rooms in which next to nothing should happen
	tickRate: options.rateHz < snapshotRate ? options.rateHz : tickRate,
	snapshotRate: Math.min(options.rateHz, snapshotRate),
};
const offered = { ...game, descriptor };
const server = await openServer({ games: [offered] });
for (let i = 0; i < (options.openRooms ?? 0); i++) server.core.directory.open(offered);

/** Sums of all rooms since they opened. */
function tickFacts(): TickFacts {
	const facts: TickFacts = {
		rooms: server.core.directory.rooms.size,
		players: 0,
		ticks: 0,
		droppedTicks: 0,
		skippedSnapshots: 0,
		lateness: new Array(LATENESS_BUCKETS_MS.length + 1).fill(0),
		latenessMaxMs: 0,
	};
	for (const { counters, population } of server.core.directory.rooms.values()) {
		facts.players += population;
		facts.ticks += counters.ticks;
		facts.droppedTicks += counters.droppedTicks;
		facts.skippedSnapshots += counters.skippedSnapshots;
		counters.lateness.forEach((n, i) => {
			facts.lateness[i] += n;
		});
		facts.latenessMaxMs = Math.max(facts.latenessMaxMs, counters.latenessMaxMs);
	}
	return facts;
}

/** Puts a module's file into all running rooms. */
async function deploy(file: string): Promise<DeployFacts> {
	const candidate = { bytes: new Uint8Array(await readFile(file)), origin: file, sourceMap: null };
	const deployed = await server.core.deployments.deploy(game.name, candidate, "live");
	if ("error" in deployed) return { error: `${deployed.error}: ${deployed.detail}` };
	const { swapped, refused, maxPauseMs } = deployed;
	return { swapped: swapped.length, refused: refused.length, maxPauseMs };
}

process.on("message", async (ask: "usage" | { deploy: string }) => {
	if (ask !== "usage") {
		process.send?.({ deployed: await deploy(ask.deploy) });
		return;
	}
	globalThis.gc?.();
	const { user, system } = process.cpuUsage();
	const { rss, heapUsed, external } = process.memoryUsage();
	const usage: ServerUsage = {
		atMs: performance.now(),
		cpuMs: (user + system) / 1000,
		rss,
		heapUsed,
		external,
		ticks: tickFacts(),
	};
	process.send?.({ usage });
});
process.on("disconnect", () => process.exit());
const { port } = await server.listen(0);
process.send?.({ ready: port });
