import { setTimeout as pause } from "node:timers/promises";
import { type Contender, type Crowd, hotstep, rawWs } from "../load/contender.ts";
import { benchGame } from "../load/game-file.ts";
import { ServerProcess, type ServerUsage } from "../load/server-process.ts";
import { SinkProcesses } from "../load/sink-processes.ts";
import { median, spreadOf } from "../measure.ts";
import { judge, type Measurement, type Peer } from "../result.ts";

/** Rooms that are looked after once a second: next to nothing happens. */
const CROWD: Crowd = { rooms: 50, clients: 100, rateHz: 1 };
const CONNECTIONS = CROWD.rooms * CROWD.clients;
const ROUNDS = 3;
const SETTLE_MS = 4_000;

/** What one connection takes, bytes. */
interface PerConnection {
	rss: number;
	heap: number;
}

function perConnection(before: ServerUsage, after: ServerUsage): PerConnection {
	const heap = after.heapUsed + after.external - before.heapUsed - before.external;
	return { rss: (after.rss - before.rss) / CONNECTIONS, heap: heap / CONNECTIONS };
}

/** Memory of a server with all connections open beside that before the first, garbage collected. */
async function weigh(contender: Contender): Promise<PerConnection> {
	const server = new ServerProcess(contender, CROWD, ["--expose-gc"]);
	const sinks = new SinkProcesses(contender);
	try {
		const port = await server.start();
		const before = await server.usage();
		await sinks.open(port, CONNECTIONS);
		await pause(SETTLE_MS);
		return perConnection(before, await server.usage());
	} finally {
		await sinks.stop();
		await server.stop();
	}
}

function peersOf(name: string, found: readonly PerConnection[]): Peer[] {
	const kib = (of: (one: PerConnection) => number) => median(found.map(of)) / 1024;
	return [
		{ name: `${name}: RSS`, value: kib((f) => f.rss), unit: "KiB" },
		{ name: `${name}: heap and buffers`, value: kib((f) => f.heap), unit: "KiB" },
	];
}

export const idleMemory: Measurement = {
	id: "idle-memory",
	about: "server memory per player, 5,000 joined players in 50 rooms at one tick a second",
	async run() {
		const file = await benchGame("crowd");
		const own = hotstep("crowd", file);
		const idle: Contender = { ...own, options: { ...own.options, openRooms: CROWD.rooms } };
		const ours: PerConnection[] = [];
		const theirs: PerConnection[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			ours.push(await weigh(idle));
			theirs.push(await weigh(rawWs(64)));
		}
		const rss = ours.map((one) => one.rss / 1024);
		return judge({
			id: this.id,
			value: median(rss),
			unit: "KiB",
			spread: spreadOf(rss),
			peers: [...peersOf("hotstep", ours), ...peersOf("raw ws", theirs)],
		});
	},
};
