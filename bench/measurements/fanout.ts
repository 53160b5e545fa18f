import { installPeers } from "../install-peers.ts";
import { type Comparison, compareLoads, type PeerPlan } from "../load/compare-loads.ts";
import { type Crowd, colyseus, hotstep, rawNet, rawWs } from "../load/contender.ts";
import { benchGame } from "../load/game-file.ts";
import type { LoadRun, LoadTimes } from "../load/run-load.ts";
import { median, ratios, spreadOf } from "../measure.ts";
import { type Check, check, judge, type Measurement, type Peer } from "../result.ts";

const ROUNDS = 3;
const TIMES: LoadTimes = { warmMs: 2_000, windowMs: 5_000 };

const RAW_WS = "raw ws, equal bytes";
const RAW_NET = "raw net, equal bytes";
const COLYSEUS = "Colyseus 0.18";

async function compare(crowd: Crowd): Promise<Comparison> {
	const unavailable = await installPeers();
	const plans: PeerPlan[] = [
		{ name: RAW_WS, make: (own) => rawWs(Math.round(own.bytesPerMessage)) },
		{ name: RAW_NET, make: (own) => rawNet(Math.round(own.bytesPerMessage)) },
		{ name: COLYSEUS, unavailable, make: () => colyseus("crowd") },
	];
	const own = hotstep("crowd", await benchGame("crowd"));
	return compareLoads(own, plans, crowd, TIMES, ROUNDS);
}

export function pick(runs: readonly LoadRun[], of: (run: LoadRun) => number): number {
	return median(runs.map(of));
}

/** What is told of every contender. */
export function peersOf({ own, peers }: Comparison): Peer[] {
	return [["hotstep", own] as const, ...peers].flatMap(([name, runs]) => [
		{ name: `${name}: CPU per message`, value: pick(runs, (r) => r.cpuPerMessageUs), unit: "µs" },
		{ name: `${name}: CPU of a core`, value: pick(runs, (r) => r.serverLoad * 100), unit: "%" },
		{ name: `${name}: message`, value: pick(runs, (r) => r.bytesPerMessage), unit: "B" },
		{ name: `${name}: slowest client`, value: pick(runs, (r) => r.rates[0]), unit: "messages/s" },
		{ name: `${name}: gap p99`, value: pick(runs, (r) => r.gaps.percentileMs(0.99)), unit: "ms" },
		{ name: `${name}: sinks' CPU of a core`, value: pick(runs, (r) => r.load * 100), unit: "%" },
	]);
}

/** Every client's updates per second, in the middle one of the runs. */
function everyClient({ own }: Comparison, least: number): Check {
	return check(
		"slowest client of hotstep",
		pick(own, (r) => r.rates[0]),
		"snapshots/s",
		least,
		true,
	);
}

function cpuRatios({ own, peers }: Comparison): number[] {
	const cpu = (runs: readonly LoadRun[]) => runs.map((run) => run.cpuPerMessageUs);
	return ratios(cpu(own), cpu(peers.get(RAW_WS) ?? []));
}

export const fanoutRooms: Measurement = {
	id: "fanout-300x10",
	about: "server CPU per snapshot, 300 rooms of 10 at 20 Hz, beside raw ws, raw net, Colyseus",
	async run() {
		const found = await compare({ rooms: 300, clients: 10, rateHz: 20 });
		const shares = cpuRatios(found);
		return judge({
			id: this.id,
			value: median(shares),
			unit: "of raw ws",
			spread: spreadOf(shares),
			goal: 1,
			checks: [everyClient(found, 19.95)],
			peers: peersOf(found),
			notMeasured: found.notMeasured,
		});
	},
};

export const fanoutCrowd: Measurement = {
	id: "fanout-1x800",
	about: "server CPU per snapshot, one room of 800 who see each other, beside raw ws, Colyseus",
	async run() {
		const found = await compare({ rooms: 1, clients: 800, rateHz: 20 });
		const shares = cpuRatios(found);
		const bytes = pick(found.own, (r) => r.bytesPerMessage);
		const theirs = found.peers.get(COLYSEUS);
		const checks: Check[] = [everyClient(found, 19.95)];
		if (theirs) {
			const share = bytes / pick(theirs, (r) => r.bytesPerMessage);
			checks.push(check("bytes, of Colyseus'", share, "", 0.2));
		}
		return judge({
			id: this.id,
			value: median(shares),
			unit: "of raw ws",
			spread: spreadOf(shares),
			// "the same" is not finer than these two cores can tell
			goal: 1.05,
			checks,
			peers: peersOf(found),
			notMeasured: found.notMeasured,
		});
	},
};
