import { setTimeout as pause } from "node:timers/promises";
import { ChildError } from "./child.ts";
import type { Contender, Crowd } from "./contender.ts";
import { ServerProcess, type ServerUsage } from "./server-process.ts";
import { type SinkFacts, SinkProcesses } from "./sink-processes.ts";

/** Time that a server runs under load before anything counts, and that is looked at. */
export interface LoadTimes {
	warmMs: number;
	windowMs: number;
}

/** One run of one server under one crowd. */
export interface LoadRun extends SinkFacts {
	/** Of the server, per message that came out at a client, µs. */
	cpuPerMessageUs: number;
	/** Of the server, as a share of one core. */
	serverLoad: number;
	bytesPerMessage: number;
	before: ServerUsage;
	after: ServerUsage;
}

/** Starts the server and its clients as processes, watches them for a while, and stops them. */
export async function runLoad(
	contender: Contender,
	crowd: Crowd,
	{ warmMs, windowMs }: LoadTimes,
	execArgv: string[] = [],
): Promise<LoadRun> {
	const server = new ServerProcess(contender, crowd, execArgv);
	const sinks = new SinkProcesses(contender);
	try {
		await sinks.open(await server.start(), crowd.rooms * crowd.clients);
		await pause(warmMs);
		const before = await server.usage();
		const watched = sinks.observe(windowMs);
		await pause(windowMs);
		const after = await server.usage();
		const facts = await watched;
		if (facts.lost > 0) {
			throw new ChildError(
				`${facts.lost} of ${facts.connected} clients of ${contender.name} were lost`,
			);
		}
		// shares of each one's own time: a server under load answers late
		const serverLoad = (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs);
		return {
			...facts,
			before,
			after,
			cpuPerMessageUs: (serverLoad * facts.windowMs * 1000) / facts.updates,
			serverLoad,
			bytesPerMessage: facts.updateBytes / facts.updates,
		};
	} finally {
		await sinks.stop();
		await server.stop();
	}
}
