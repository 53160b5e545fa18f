import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Image } from "../../../../protocol/abi/image.ts";
import type { LoggedRules, LoggedSeat } from "../../../../server/journal/room-log/log-format.ts";
import type { RoomLog } from "../../../../server/journal/room-log/room-log.ts";
import type { RoomLogWriter } from "../../../../server/journal/room-log/room-log-writer.ts";

const PAGE = 65_536;

export function sha(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

export function rulesOf(name: string): LoggedRules {
	return { moduleHash: sha(`sealed ${name}`), rawHash: sha(`raw ${name}`) };
}

/** All of a room that a reader must find again. */
export interface Known {
	readonly tick: number;
	readonly rules: LoggedRules;
	readonly seats: string;
	readonly lastHash: string;
	readonly isClosed: boolean;
}

/** First bytes of an inbox that let the memory grow, and that change much of it. */
export const GROW = 0xed;
export const STIR = 0xee;

/** A deterministic module: what an inbox does to its memory depends on nothing else. Gives the memory. */
export function runFake(old: Uint8Array<ArrayBuffer>, inbox: Uint8Array): Uint8Array<ArrayBuffer> {
	let memory = old;
	let at = memory.length / 2 + inbox.length;
	if (inbox[0] === GROW && memory.length < 3 * PAGE) {
		memory = new Uint8Array(old.length + PAGE);
		memory.set(old);
	}
	for (let i = 0; inbox[0] === STIR && i < 6_000; i++) {
		at = (Math.imul(at, 1_103_515_245) + 12_345) >>> 0;
		memory[30_000 + i] = at >>> 16;
	}
	for (const byte of inbox) {
		at = (Math.imul(at, 31) + byte * 977 + 7) >>> 0;
		memory[at % memory.length] = byte ^ (at & 0xff);
	}
	memory[0] = (memory[0] as number) + 1;
	return memory;
}

/**
 * A room that tells its log all that it does, and remembers what was known of it after each step: what a
 * reader finds must be one of these.
 */
export class FakeRoom {
	readonly id: string;
	readonly epoch: number;
	readonly seed: number;
	readonly log: RoomLog;
	memory = new Uint8Array(PAGE);
	globals: (number | bigint)[] = [1, 2n];
	tick: number;
	rules: LoggedRules;
	readonly seats = new Map<number, LoggedSeat>();
	/** What was known after each call. */
	readonly steps: Known[] = [];
	/** Checksum of the memory before each tick, with the rules then, and its inbox. */
	readonly sums = new Map<string, number>();
	readonly inboxes = new Map<number, Uint8Array | null>();
	isClosed = false;
	private lastHash = "none";

	constructor(
		writer: RoomLogWriter,
		{ id, epoch, tick = 0, from }: { id: string; epoch: number; tick?: number; from?: FakeRoom },
	) {
		this.id = id;
		this.epoch = epoch;
		this.tick = tick;
		this.seed = id.length * 1000 + id.charCodeAt(0);
		this.rules = from?.rules ?? rulesOf("first");
		if (from) {
			this.memory = from.memory.slice();
			for (const seat of from.seats.values()) this.seats.set(seat.number, seat);
		}
		this.log = writer.open({
			about: {
				...{ id, epoch, game: "fake", seed: this.seed, firstTick: tick, ...this.rules },
				settings: new TextEncoder().encode(id.repeat(2)),
			},
			tickRate: 60,
			state: this,
			seats: [...this.seats.values()],
		});
		this.note();
	}

	save(image: Image): void {
		const { length } = this.memory;
		if (image.bytes.length < length) image.bytes = new Uint8Array(length);
		image.bytes.set(this.memory);
		image.length = length;
		image.globals = [...this.globals];
	}

	/** Plays a tick; its inbox is null when it comes to nothing. */
	play(inbox: Uint8Array | null, tried: Uint8Array = new Uint8Array([1, 2, 3])): void {
		this.inboxes.set(this.tick, inbox);
		if (inbox === null) {
			this.log.abort(this.tick, tried);
			this.note();
			this.tick++;
			this.sum();
			return;
		}
		this.memory = runFake(this.memory, inbox);
		this.globals[0] = this.tick;
		this.log.tick(this.tick, inbox, 1_000);
		this.tick++;
		this.note();
	}

	hash(): void {
		const hash = sha(`${crc32(this.memory)}`).slice(0, 16);
		this.log.hash(this.tick, hash);
		this.lastHash = `${this.tick} ${hash}`;
		this.note();
	}

	takeSeat(number: number, name: string, heldUntilMs: number | null = null): void {
		const user = number % 2 === 0 ? null : `user ${name}`;
		const seat = { number, name, user, tokenHash: sha(`${this.id} ${name}`), heldUntilMs };
		this.seats.set(number, seat);
		this.log.seat(seat);
		this.note();
	}

	leaveSeat(number: number): void {
		if (!this.seats.delete(number)) return;
		this.log.seatGone(number);
		this.note();
	}

	swap(name: string): void {
		// that a tick came to nothing may be written before the swap is
		if (this.log.nextTick !== this.tick) this.note(this.tick);
		this.rules = rulesOf(`${name} ${this.steps.length}`);
		this.memory = new Uint8Array(PAGE).fill(name.charCodeAt(0), 100, 5_000);
		this.globals = [BigInt(this.tick), -0, Number.NaN];
		this.lastHash = "none";
		this.log.swap(this.tick, this.rules);
		this.note();
	}

	close(why = "over"): void {
		this.isClosed = true;
		this.log.close(why);
		this.note();
	}

	private sum(): void {
		this.sums.set(`${this.tick} ${this.rules.moduleHash}`, crc32(this.memory));
	}

	private note(tick = this.log.nextTick): void {
		this.sum();
		this.steps.push({
			tick,
			rules: this.rules,
			seats: JSON.stringify([...this.seats.values()].sort((a, b) => a.number - b.number)),
			lastHash: this.lastHash,
			isClosed: this.isClosed,
		});
	}
}
