import { ConnectError, connect, type Room, type RoomStatus } from "../client/index.ts";
import type { WireSchema } from "../protocol/wire-schema.ts";
import { Arrivals } from "./arrivals.ts";
import type { Behaviour, BotView } from "./behaviour.ts";
import { genericBehaviour } from "./generic-behaviour.ts";
import { InputLedger } from "./input-ledger.ts";
import { seededRandom } from "./random.ts";
import type { Tally } from "./tally.ts";
import { openTapped } from "./tapped-transport.ts";

/** A behaviour that does not look at the state still takes its events off the queue this often. */
const UPDATE_MS = 2_000;

export interface BotOptions {
	url: string;
	game: string;
	room: string | null;
	seed: number;
	/** Null to play by the input's types. */
	behaviour: Behaviour | null;
}

/** One player: a seat taken through the client SDK, a mind, and what it measures. */
export class Bot {
	readonly arrivals = new Arrivals();
	private readonly index: number;
	private readonly options: BotOptions;
	private readonly tally: Tally;
	private room: Room | null = null;
	private readonly ledger = new InputLedger();
	private inputBytes = 1;
	private think: ((view: BotView) => void) | null = null;
	private looks = true;
	private thinkEveryMs = 200;
	private nextThinkMs = 0;
	private nextUpdateMs = 0;
	private isLeaving = false;

	constructor(index: number, options: BotOptions, tally: Tally) {
		this.index = index;
		this.options = options;
		this.tally = tally;
	}

	/** Resolves when the bot has a seat, or has been refused one and counted that. */
	async connect(): Promise<void> {
		const { url, game, room: wanted } = this.options;
		const open = openTapped(this);
		try {
			const room = await connect(url, {
				game,
				room: wanted,
				name: `bot ${this.index + 1}`,
				interpolate: false,
				predict: false,
				autoPump: false,
				open,
			});
			if (room.schema) this.enter(room, room.schema);
		} catch (thrown) {
			if (!(thrown instanceof ConnectError)) throw thrown;
			this.tally.countError(thrown.name);
		}
	}

	private enter(room: Room, schema: WireSchema): void {
		this.room = room;
		this.inputBytes = schema.input.size;
		this.tally.rooms.add(room.id);
		const random = seededRandom(this.options.seed, this.index);
		const behaviour = this.options.behaviour ?? genericBehaviour(schema.input);
		this.think = behaviour.create(random);
		this.looks = behaviour.looks;
		this.thinkEveryMs = 1000 / behaviour.thinksPerSecond;
		// minds start at different moments, as people do
		this.nextThinkMs = performance.now() + random() * this.thinkEveryMs;
		let before: RoomStatus = room.status;
		room.onStatus((status) => {
			this.statusChanged(before, status, room);
			before = status;
		});
		room.onSnapshot(({ bytes }) => this.snapshotApplied(bytes));
	}

	private statusChanged(before: RoomStatus, now: RoomStatus, room: Room): void {
		if (this.isLeaving) return;
		if (now === "playing") {
			this.tally.reconnects++;
			this.tally.rooms.add(room.id);
			return;
		}
		if (before === "playing") this.tally.disconnects++;
		this.tally.countError(room.ending?.name ?? "ERR_NETWORK");
	}

	private snapshotApplied(bytes: number): void {
		this.tally.snapshotsEver++;
		if (this.tally.isMeasuring) {
			this.tally.snapshots++;
			this.tally.snapshotBytes += bytes;
		}
		const gapMs = this.arrivals.add(performance.now());
		if (gapMs >= 0) this.tally.gaps.recordMs(gapMs);
	}

	/** Sends what is due, and thinks when it is time. */
	run(nowMs: number): void {
		const { room } = this;
		if (room?.status !== "playing") return;
		if (nowMs >= this.nextThinkMs) {
			this.nextThinkMs = Math.max(nowMs, this.nextThinkMs + this.thinkEveryMs);
			this.play(room, nowMs);
		}
		room.pump();
	}

	private play(room: Room, nowMs: number): void {
		if (this.looks || nowMs >= this.nextUpdateMs) {
			this.nextUpdateMs = nowMs + UPDATE_MS;
			room.update();
		}
		const { state, player, input } = room;
		this.think?.({ state, player, input, nowMs });
	}

	leave(): void {
		this.isLeaving = true;
		this.room?.leave();
	}

	get hasSeat(): boolean {
		return this.room !== null;
	}

	get isPlaying(): boolean {
		return this.room?.status === "playing";
	}

	get decodeErrors(): number {
		return this.room?.decodeErrors ?? 0;
	}

	// --- the tap on its connection --------------------------------------------------------------

	opening(): void {
		this.ledger.clear();
	}

	sent(message: Uint8Array): void {
		if (this.tally.isMeasuring) this.tally.sentBytes += message.length;
		this.ledger.sent(message, this.inputBytes, performance.now());
	}

	received(message: Uint8Array): void {
		if (this.tally.isMeasuring) this.tally.receivedBytes += message.length;
		this.ledger.received(message, performance.now(), this.inputIncluded);
	}

	private readonly inputIncluded = (latencyMs: number): void => {
		if (this.tally.isMeasuring) this.tally.latencies.recordMs(latencyMs);
	};
}
