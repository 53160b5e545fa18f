import { setTimeout as pause } from "node:timers/promises";
import { Child, ChildError } from "./child.ts";
import type { Contender, Crowd } from "./contender.ts";

/** Sums over all rooms of a Hotstep server. */
export interface TickFacts {
	rooms: number;
	players: number;
	ticks: number;
	droppedTicks: number;
	skippedSnapshots: number;
	/** Ticks by lateness, see `LATENESS_BUCKETS_MS`. */
	lateness: number[];
	latenessMaxMs: number;
}

/** What a server says of itself, since its start. */
export interface ServerUsage {
	/** When this was so, on the server's own clock. */
	atMs: number;
	cpuMs: number;
	rss: number;
	heapUsed: number;
	external: number;
	ticks?: TickFacts;
}

/** What became of new rules for all rooms of a Hotstep server. */
export type DeployFacts =
	| { error: string }
	| {
			/** Rooms that changed, and that could not. */
			swapped: number;
			refused: number;
			/** Longest time that one room's change took. */
			maxPauseMs: number;
	  };

const START_MS = 30_000;
/** Even a server with too much to do should seat everybody by then. */
const SEATED_MS = 30_000;
const ANSWER_MS = 10_000;
/** Each of hundreds of rooms is tried with what its players did. */
const DEPLOY_MS = 90_000;

/** A contender's server, running. */
export class ServerProcess {
	private readonly child: Child;
	port = 0;

	constructor(contender: Contender, crowd: Crowd, execArgv: string[] = []) {
		const options = { ...contender.options, ...crowd, game: contender.game };
		this.child = new Child(`the server of ${contender.name}`, contender.program, options, execArgv);
	}

	async start(): Promise<number> {
		const { ready } = await this.child.next<{ ready: number }>("ready", START_MS);
		this.port = ready;
		return ready;
	}

	/** Waits until a Hotstep server has so many players seated. @throws ChildError when it stays without */
	async untilSeated(players: number): Promise<void> {
		let seated = 0;
		const untilMs = performance.now() + SEATED_MS;
		while (performance.now() < untilMs) {
			seated = (await this.usage()).ticks?.players ?? 0;
			if (seated === players) return;
			await pause(500);
		}
		throw new ChildError(`${seated} of ${players} players have a seat after ${SEATED_MS / 1000} s`);
	}

	async usage(): Promise<ServerUsage> {
		const answer = this.child.next<{ usage: ServerUsage }>("usage", ANSWER_MS);
		this.child.send("usage");
		return (await answer).usage;
	}

	/** Only a Hotstep server knows this. */
	async deploy(file: string): Promise<DeployFacts> {
		const answer = this.child.next<{ deployed: DeployFacts }>("deployed", DEPLOY_MS);
		this.child.send({ deploy: file });
		return (await answer).deployed;
	}

	stop(): Promise<void> {
		return this.child.stop();
	}
}
