import { setTimeout as pause } from "node:timers/promises";
import { type Crowd, hotstep } from "../load/contender.ts";
import { benchGame } from "../load/game-file.ts";
import { ServerProcess } from "../load/server-process.ts";
import { Sink } from "../load/sink.ts";
import { SinkTally } from "../load/sink-tally.ts";
import { check, judge, type Measurement } from "../result.ts";

const FINE = 20;
const STALLED = 100;
const CROWD: Crowd = { rooms: 1, clients: FINE + STALLED, rateHz: 20 };
const SETTLE_MS = 3_000;
const WINDOW_MS = 15_000;
const STALL_MS = 60_000;
const RECOVER_MS = 3_000;
const TALK_MS = 250;
const KIB = 1024;

/** Some of the clients of a room, counted together. */
class Group {
	readonly tally = new SinkTally();
	readonly sinks: Sink[];

	constructor(port: number, count: number, first: number) {
		const target = { port, dialect: "hotstep", game: "crowd", inputBytes: 1 } as const;
		this.sinks = Array.from({ length: count }, (_, i) => new Sink(target, first + i, this.tally));
	}

	/** Gap p99 of the snapshots of a while, ms. */
	async gaps(windowMs: number): Promise<number> {
		const startMs = performance.now();
		this.tally.gaps.clear();
		for (const { arrivals } of this.sinks) arrivals.open(startMs, startMs + windowMs);
		await pause(windowMs);
		for (const { arrivals } of this.sinks) arrivals.close(performance.now());
		return this.tally.gaps.percentileMs(0.99);
	}
}

async function stall(port: number, server: ServerProcess) {
	const fine = new Group(port, FINE, 0);
	const others = new Group(port, STALLED, FINE);
	const everybody = [...fine.sinks, ...others.sinks];
	for (const sink of everybody) await sink.open(port);
	let talking = everybody;
	const talk = setInterval(() => {
		for (const sink of talking) sink.say();
	}, TALK_MS);
	try {
		await server.untilSeated(everybody.length);
		await pause(SETTLE_MS);
		const gapBefore = await fine.gaps(WINDOW_MS);
		const before = await server.usage();
		for (const sink of others.sinks) sink.pause();
		talking = fine.sinks;
		await pause(STALL_MS - WINDOW_MS);
		const gapDuring = await fine.gaps(WINDOW_MS);
		const after = await server.usage();
		const heard = others.tally.wireBytes;
		const updates = others.tally.updates;
		for (const sink of others.sinks) sink.resume();
		// what waited comes at once, before any word of theirs asks for more
		await pause(TALK_MS);
		const waited = (others.tally.wireBytes - heard) / STALLED;
		const memory = (after.rss - before.rss) / STALLED;
		const late = others.tally.updates;
		talking = everybody;
		await pause(RECOVER_MS);
		const rate = (others.tally.updates - late) / STALLED / (RECOVER_MS / 1000);
		const lost = fine.tally.lost + others.tally.lost;
		const queued = (late - updates) / STALLED;
		return { gapBefore, gapDuring, waited, memory, rate, lost, queued };
	} finally {
		clearInterval(talk);
		for (const sink of everybody) sink.leave();
	}
}

export const stalledClient: Measurement = {
	id: "stalled-client",
	about: "cost of each of 100 clients that read nothing for 60 s, and the effect on 20 others",
	async run() {
		const server = new ServerProcess(hotstep("crowd", await benchGame("crowd")), CROWD, [
			"--expose-gc",
		]);
		try {
			const found = await stall(await server.start(), server);
			const cost = (found.waited + Math.max(0, found.memory)) / KIB;
			return judge({
				id: this.id,
				value: cost,
				unit: "KiB each",
				spread: 0,
				goal: 256,
				checks: [
					check("clients lost", found.lost, "", 0),
					check("snapshots/s after the stall", found.rate, "", 15, true),
					check("others' gap p99 beside before", found.gapDuring / found.gapBefore, "", 1.25),
				],
				peers: [
					{ name: "waiting in the network", value: found.waited / KIB, unit: "KiB" },
					{ name: "snapshots waiting", value: found.queued, unit: "" },
					{ name: "server memory", value: found.memory / KIB, unit: "KiB" },
					{ name: "others' gap p99 before", value: found.gapBefore, unit: "ms" },
					{ name: "others' gap p99 during", value: found.gapDuring, unit: "ms" },
				],
			});
		} finally {
			await server.stop();
		}
	},
};
