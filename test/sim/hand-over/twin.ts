import type { WorkerId } from "../../../server/worker/hand-over/messages.ts";
import type { LogRecord } from "./model-log.ts";
import { FIRST_IMAGE, type ModelImage, step } from "./model-room.ts";

/** A promise of the hand-over that was broken. */
export class Broken extends Error {}

/**
 * The room that never moved: it is fed what the logs are, record by record, and says when these are not one
 * history: a tick twice or left out, two workers in one epoch, an epoch that falls, an input twice or lost.
 */
export class Twin {
	image: ModelImage = FIRST_IMAGE;
	/** Of each state the hash, by the tick computed next. */
	private readonly hashes: number[] = [FIRST_IMAGE.hash];
	private epoch = 0;
	private readonly workers = new Map<number, WorkerId>();
	/** The last input of each player that a tick took. */
	readonly applied: number[];
	/** Inputs up to this one went down with a worker or with their line. */
	private readonly excused: number[];

	constructor(players: number) {
		this.applied = new Array<number>(players).fill(0);
		this.excused = new Array<number>(players).fill(0);
	}

	/** Checks and takes in a record that has just been written. */
	readonly write = (record: LogRecord): void => {
		const { worker, epoch, tick } = record;
		const what = `${record.kind} ${tick} of ${worker} in epoch ${epoch}`;
		if (epoch < this.epoch) throw new Broken(`${what} after epoch ${this.epoch}`);
		if (record.kind === "image" && epoch === this.epoch) throw new Broken(`${what}: begun twice`);
		const first = this.workers.get(epoch) ?? worker;
		if (first !== worker) throw new Broken(`${what}, which is ${first}'s`);
		if (tick < this.image.tick) throw new Broken(`${what}: ticked twice`);
		if (tick > this.image.tick) throw new Broken(`${what}: ticks are missing`);
		this.epoch = epoch;
		this.workers.set(epoch, worker);
		if (record.kind === "image") {
			if (record.image.hash !== this.image.hash) throw new Broken(`${what}: another state`);
			return;
		}
		for (const { player, n } of record.inbox) this.take(player, n, what);
		this.image = step(this.image, record.inbox);
		this.hashes.push(this.image.hash);
	};

	private take(player: number, n: number, what: string): void {
		const last = this.applied[player];
		if (n <= last) throw new Broken(`${what}: input ${n} of player ${player} twice`);
		if (n > last + 1 && n - 1 > this.excused[player]) {
			throw new Broken(`${what}: inputs ${last + 1} to ${n - 1} of player ${player} are lost`);
		}
		this.applied[player] = n;
	}

	/** What `player` sent up to `n` may be lost, as far as no tick took it. */
	excuse(player: number, n: number): void {
		this.excused[player] = n;
	}

	/** Whether all inputs up to `n` were taken, or are excused. */
	hasTaken(player: number, n: number): boolean {
		return Math.max(this.applied[player], this.excused[player]) >= n;
	}

	/** A client was shown a state. */
	show({ tick, hash }: ModelImage): void {
		if (this.hashes[tick] !== hash) throw new Broken(`a state before tick ${tick} that never was`);
	}
}
