import { ConnectError, connect, type Room } from "../client/index.ts";
import { type Behaviour, type Random, seededRandom, wander } from "./behaviour.ts";
import type { Tally } from "./tally.ts";

export interface BotOptions {
	url: string;
	game: string;
	room: string | null;
	number: number;
	seed: number;
	behaviour: Behaviour | null;
}

/** Times per second that a bot makes up its mind. */
const THINK_RATE_HZ = 6;

/** One player without a player: connects, plays, and writes down what it sees. */
export class Bot {
	private readonly options: BotOptions;
	private readonly tally: Tally;
	private readonly random: Random;
	private room: Room | null = null;
	private behaviour: Behaviour = () => {};
	private lastSnapshotMs = -1;
	private nextThoughtMs = 0;
	private isLeaving = false;
	snapshots = 0;

	constructor(options: BotOptions, tally: Tally) {
		this.options = options;
		this.tally = tally;
		this.random = seededRandom(options.seed * 7919 + options.number);
	}

	get isConnected(): boolean {
		return this.room?.status === "playing";
	}

	async connect(): Promise<void> {
		const { url, game, room, number, behaviour } = this.options;
		try {
			const joined = await connect(url, {
				game,
				room,
				name: `bot ${number}`,
				interpolate: false,
				autoPump: false,
				reconnect: false,
			});
			this.room = joined;
			if (joined.schema) this.behaviour = behaviour ?? wander(joined.schema);
			joined.onSnapshot(({ bytes, inputLatencyMs }) => this.onSnapshot(bytes, inputLatencyMs));
			joined.onStatus((status) => {
				if (status !== "closed" || this.isLeaving) return;
				this.tally.disconnects++;
				this.tally.error(joined.ending?.name ?? "ERR_NETWORK");
			});
			this.tally.connected++;
		} catch (thrown) {
			this.tally.error(thrown instanceof ConnectError ? thrown.name : "ERR_NETWORK");
		}
	}

	private onSnapshot(bytes: number, inputLatencyMs: number): void {
		const now = performance.now();
		const gapMs = this.lastSnapshotMs < 0 ? -1 : now - this.lastSnapshotMs;
		this.lastSnapshotMs = now;
		if (!this.tally.isMeasuring) return;
		this.snapshots++;
		this.tally.snapshot(bytes, gapMs, inputLatencyMs);
	}

	/** Thinks when it is time to, and sends what is due. */
	step(nowMs: number): void {
		const { room } = this;
		if (!room || room.status !== "playing") return;
		if (nowMs >= this.nextThoughtMs) {
			// not all in the same moment
			this.nextThoughtMs = nowMs + (1000 / THINK_RATE_HZ) * (0.5 + this.random());
			room.update();
			this.behaviour(room, this.random);
		}
		room.pump();
	}

	leave(): void {
		this.isLeaving = true;
		if (!this.room) return;
		this.tally.decodeErrors += this.room.decodeErrors;
		this.room.leave();
	}
}
