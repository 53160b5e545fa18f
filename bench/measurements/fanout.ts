import { installPeers } from "../install-peers.ts";
import { type Comparison, compareLoads, type PeerPlan } from "../load/compare-loads.ts";
import { type Crowd, colyseus, hotstep, rawNet, rawWs } from "../load/contender.ts";
import { benchGame } from "../load/game-file.ts";
import type { LoadRun, LoadTimes } from "../load/run-load.ts";
import { median, ratios, spreadOf } from "../measure.ts";
import { type Check, check, judge, type Measurement, type Peer } from "../result.ts";

const ROUNDS = 3;
/** Long enough for what runs 20 times a second to be compiled. */
const TIMES: LoadTimes = { warmMs: 12_000, windowMs: 4_000 };
const RATE_HZ = 20;
/** Least that every client should get of the 20 a second. */
const LEAST_RATE = 19.95;

const RAW_WS = "raw ws, equal bytes";
const RAW_NET = "raw net, equal bytes";
const COLYSEUS = "Colyseus 0.18";

async function compare(game: "crowd" | "roamers", crowd: Crowd): Promise<Comparison> {
	const unavailable = await installPeers();
	const plans: PeerPlan[] = [
		{ name: RAW_WS, make: (own) => rawWs(Math.round(own.bytesPerMessage)) },
		{ name: RAW_NET, make: (own) => rawNet(Math.round(own.bytesPerMessage)) },
		{ name: COLYSEUS, unavailable, make: () => colyseus(game) },
	];
	const own = hotstep(game, await benchGame(game));
	return compareLoads(own, plans, crowd, TIMES, ROUNDS);
}

/** The comparison in 300 rooms: two measurements look at its runs. */
let roomsOfTen: Promise<Comparison> | null = null;

const ROOMS_OF_TEN: Crowd = { rooms: 300, clients: 10, rateHz: RATE_HZ };

/** Our own runs of 300 rooms of 10: those of the comparison if it has been made, else new ones. */
export async function runRoomsOfTen(): Promise<LoadRun[]> {
	if (roomsOfTen) return (await roomsOfTen).own;
	const own = hotstep("crowd", await benchGame("crowd"));
	return (await compareLoads(own, [], ROOMS_OF_TEN, TIMES, ROUNDS)).own;
}

export function pick(runs: readonly LoadRun[], of: (run: LoadRun) => number): number {
	return median(runs.map(of));
}

/** What is told of every contender. */
function peersOf({ own, peers }: Comparison): Peer[] {
	return [["hotstep", own] as const, ...peers].flatMap(([name, runs]) => [
		{ name: `${name}: CPU per message`, value: pick(runs, (r) => r.cpuPerMessageUs), unit: "µs" },
		{ name: `${name}: CPU`, value: pick(runs, (r) => r.serverLoad * 100), unit: "% of a core" },
		{ name: `${name}: message`, value: pick(runs, (r) => r.bytesPerMessage), unit: "B" },
		{ name: `${name}: slowest client`, value: pick(runs, (r) => r.rates[0]), unit: "messages/s" },
		{ name: `${name}: gap p99`, value: pick(runs, (r) => r.gaps.percentileMs(0.99)), unit: "ms" },
		{ name: `${name}: sinks' CPU`, value: pick(runs, (r) => r.load * 100), unit: "% of a core" },
	]);
}

/** Every client's snapshots per second, in the middle one of the runs. */
function everyClient({ own }: Comparison): Check {
	const slowest = pick(own, (r) => r.rates[0]);
	return check("slowest client of hotstep", slowest, "snapshots/s", LEAST_RATE, true);
}

/** CPU per message of each round, as a share of a peer's; null when it was not measured. */
function cpuShares({ own, peers }: Comparison, name: string): number[] | null {
	const theirs = peers.get(name);
	if (theirs?.length !== own.length) return null;
	const cpu = (runs: readonly LoadRun[]) => runs.map((run) => run.cpuPerMessageUs);
	return ratios(cpu(own), cpu(theirs));
}

function sharesOfRawWs(found: Comparison): number[] {
	const shares = cpuShares(found, RAW_WS);
	if (!shares) throw new Error(`raw ws did not run: ${found.notMeasured.join("; ")}`);
	return shares;
}

/** A broadcast's CPU beside raw ws, and further promises. */
async function broadcast(
	id: string,
	goal: number,
	found: Comparison,
	checks: Check[],
): Promise<ReturnType<typeof judge>> {
	const shares = sharesOfRawWs(found);
	return judge({
		id,
		value: median(shares),
		unit: "of raw ws' CPU",
		spread: spreadOf(shares),
		goal,
		checks,
		peers: peersOf(found),
		notMeasured: found.notMeasured,
	});
}

export const fanoutRooms: Measurement = {
	id: "fanout-300x10",
	about: "server CPU per snapshot, 300 rooms of 10 at 20 Hz, beside raw ws, raw net, Colyseus",
	async run() {
		roomsOfTen = compare("crowd", ROOMS_OF_TEN);
		const found = await roomsOfTen;
		return broadcast(this.id, 1, found, [everyClient(found)]);
	},
};

export const fanoutCrowd: Measurement = {
	id: "fanout-1x800",
	about: "server CPU per snapshot, one room of 800 who see each other, beside raw ws, Colyseus",
	async run() {
		const found = await compare("crowd", { rooms: 1, clients: 800, rateHz: RATE_HZ });
		const checks = [everyClient(found)];
		const theirs = found.peers.get(COLYSEUS);
		if (theirs) {
			const bytes = (runs: readonly LoadRun[]) => pick(runs, (r) => r.bytesPerMessage);
			checks.push(check("bytes of Colyseus'", bytes(found.own) / bytes(theirs), "", 0.2));
		}
		// "the same CPU" is no finer than two shared cores can tell
		return broadcast(this.id, 1.05, found, checks);
	},
};

export const interest: Measurement = {
	id: "interest",
	about:
		"server CPU per snapshot, 400 clients in a world of 1024, each of whom sees a radius of 230",
	async run() {
		const found = await compare("roamers", { rooms: 1, clients: 400, rateHz: RATE_HZ });
		const checks = [everyClient(found)];
		const shares = cpuShares(found, COLYSEUS);
		if (shares) checks.push(check("CPU of Colyseus' StateView", median(shares), "", 1 / 3));
		return broadcast(this.id, 1.3, found, checks);
	},
};
