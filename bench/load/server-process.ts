import { Child } from "./child.ts";
import type { Contender, Crowd } from "./contender.ts";

/** Sums over all rooms of a Hotstep server. */
export interface TickFacts {
	rooms: number;
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
