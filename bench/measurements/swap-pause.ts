import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { between, latenessWithin } from "../lateness.ts";
import { hotstep } from "../load/contender.ts";
import { ServerProcess, type ServerUsage } from "../load/server-process.ts";
import { type SinkFacts, SinkProcesses } from "../load/sink-processes.ts";
import { check, judge, type Measurement, type Peer } from "../result.ts";
import { DIST } from "../root.ts";

const ROOMS = 300;
const BOTS_PER_ROOM = 10;
/** So few bots in each of them leave the machine time to spare. */
const FEW_BOTS = 2;
/** The time before the swap that it is compared with, and after it. */
const SETTLE_MS = 3_000;
const BEFORE_MS = 4_000;
const AFTER_MS = 2_000;
/** Bytes of arena's input. */
const INPUT_BYTES = 4;
/** One in so many bots decodes all it gets. */
const WHOLE_EVERY = 10;

interface SwapFacts {
	swapped: number;
	maxPauseMs: number;
	lateBeforeMs: number;
	lateDuringMs: number;
	droppedBefore: number;
	droppedDuring: number;
	clients: SinkFacts;
}

function lateness(from: ServerUsage, to: ServerUsage): number {
	const counts = between(from.ticks?.lateness ?? [], to.ticks?.lateness ?? []);
	return latenessWithin(counts, 0.99, to.ticks?.latenessMaxMs ?? 0);
}

function dropped(from: ServerUsage, to: ServerUsage): number {
	return (to.ticks?.droppedTicks ?? 0) - (from.ticks?.droppedTicks ?? 0);
}

/** Fills rooms of arena with bots and puts version 2 into all of them. @throws when they are incomplete */
async function swap(rooms: number, bots: number): Promise<SwapFacts> {
	const contender = {
		...hotstep("arena", path.join(DIST, "games/arena.wasm")),
		inputBytes: INPUT_BYTES,
		wholeEvery: WHOLE_EVERY,
	};
	const server = new ServerProcess(contender, { rooms, clients: bots, rateHz: 20 });
	const sinks = new SinkProcesses(contender);
	try {
		await sinks.open(await server.start(), rooms * bots);
		await server.untilSeated(rooms * bots);
		await pause(SETTLE_MS);
		const start = await server.usage();
		await pause(BEFORE_MS);
		const before = await server.usage();
		const deployed = await server.deploy(path.join(DIST, "swaps/arena-v2.wasm"));
		if ("error" in deployed) throw new Error(`the swap was refused: ${deployed.error}`);
		const clients = await sinks.observe(AFTER_MS);
		const after = await server.usage();
		if (after.ticks?.rooms !== rooms || deployed.swapped + deployed.refused !== rooms) {
			const { swapped, refused } = deployed;
			throw new Error(
				`of ${rooms} rooms ${after.ticks?.rooms} are open, ${swapped} changed, ${refused} refused`,
			);
		}
		return {
			swapped: deployed.swapped,
			maxPauseMs: deployed.maxPauseMs,
			lateBeforeMs: lateness(start, before),
			lateDuringMs: lateness(before, after),
			droppedBefore: dropped(start, before),
			droppedDuring: dropped(before, after),
			clients,
		};
	} finally {
		await sinks.stop();
		await server.stop();
	}
}

function facts(name: string, found: SwapFacts): Peer[] {
	return [
		{ name: `${name}: longest change of a room`, value: found.maxPauseMs, unit: "ms" },
		{ name: `${name}: lateness p99 before, at most`, value: found.lateBeforeMs, unit: "ms" },
		{ name: `${name}: lateness p99 during, at most`, value: found.lateDuringMs, unit: "ms" },
		{ name: `${name}: ticks dropped before`, value: found.droppedBefore, unit: "" },
		{ name: `${name}: ticks dropped during`, value: found.droppedDuring, unit: "" },
		{ name: `${name}: clients that decode`, value: found.clients.whole, unit: "" },
	];
}

export const swapPause: Measurement = {
	id: "swap-pause",
	about: "p99 lateness of ticks added by swapping arena to version 2 in 300 rooms with 3,000 bots",
	async run() {
		const few = await swap(ROOMS, FEW_BOTS);
		const all = await swap(ROOMS, BOTS_PER_ROOM).catch((thrown: Error) => {
			const added = few.lateDuringMs - few.lateBeforeMs;
			throw new Error(
				`${ROOMS} rooms of ${BOTS_PER_ROOM}: ${thrown.message} (${ROOMS} rooms of ${FEW_BOTS}: ${few.swapped} changed, lateness p99 ${few.lateBeforeMs} ms before, ${few.lateDuringMs} ms during, ${added} more; longest change ${few.maxPauseMs.toFixed(1)} ms; ${few.droppedDuring} ticks, ${few.clients.lost} clients lost, ${few.clients.decodeErrors} decode errors)`,
			);
		});
		const { clients } = all;
		return judge({
			id: this.id,
			value: Math.max(0, all.lateDuringMs - all.lateBeforeMs),
			unit: "ms more",
			spread: 0,
			goal: 5,
			checks: [
				check("rooms changed", all.swapped, "", ROOMS, true),
				check("ticks lost during the swap", all.droppedDuring, "", 0),
				check("disconnects", clients.lost, "", 0),
				check("decode errors", clients.decodeErrors, "", 0),
			],
			peers: [...facts(`rooms of ${BOTS_PER_ROOM}`, all), ...facts(`rooms of ${FEW_BOTS}`, few)],
		});
	},
};
