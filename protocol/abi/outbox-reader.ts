import type { Descriptor } from "./descriptor.ts";
import { EVENT_TARGET, NEAR_BYTES, NO_PLAYER, OUTBOX, pad4, RECORD } from "./layout.ts";

/** Receives a module's messages. Payloads are views: copy what must outlive the call. */
export interface OutboxHandler {
	/** `player` is -1 for an event to all. */
	event(event: number, player: number, payload: Uint8Array): void;
	/** An event for those near a point. */
	eventNear(event: number, x: number, y: number, radius: number, payload: Uint8Array): void;
	refuse(player: number, reason: number): void;
	kick(player: number, reason: number): void;
	/** A result or a request; `player` is -1 for one that is about nobody. */
	effect(effect: number, player: number, payload: Uint8Array): void;
}

/** Reads the records that a module left in its outbox; same header as an inbox record. */
export class OutboxReader {
	private readonly bytes: Uint8Array;
	private readonly view: DataView;
	private readonly eventSizes: readonly number[];
	private readonly effectSizes: readonly number[];
	private readonly maxPlayers: number;

	constructor(buffer: ArrayBuffer, descriptor: Descriptor) {
		const { outbox } = descriptor;
		this.bytes = new Uint8Array(buffer, outbox.address, outbox.bytes);
		this.view = new DataView(buffer, outbox.address, outbox.bytes);
		this.eventSizes = descriptor.events.map((event) => event.size);
		this.effectSizes = descriptor.effects.map((effect) => effect.size);
		this.maxPlayers = descriptor.maxPlayers;
	}

	/**
	 * Passes the records in the first `length` bytes to `handler`. Returns null, or what is wrong with
	 * the first bad record; later ones are not read.
	 */
	read(length: number, handler: OutboxHandler): string | null {
		if (length > this.bytes.length || length % 4 !== 0) {
			return `an outbox of ${length} bytes, it has ${this.bytes.length}`;
		}
		for (let at = 0; at < length; ) {
			if (length - at < RECORD.size) return `a record at ${at} is cut off`;
			const size = this.view.getUint16(at + RECORD.length, true);
			if (size < RECORD.size || size % 4 !== 0 || at + size > length) {
				return `a record at ${at} claims ${size} bytes`;
			}
			const problem = this.readRecord(at, size, handler);
			if (problem !== null) return problem;
			at += size;
		}
		return null;
	}

	private readRecord(at: number, size: number, handler: OutboxHandler): string | null {
		const kind = this.view.getUint8(at + RECORD.kind);
		const player = this.view.getUint16(at + RECORD.player, true);
		const extra = this.view.getUint16(at + RECORD.extra, true);
		if (kind === OUTBOX.event) return this.readEvent(at, size, player, extra, handler);
		if (kind === OUTBOX.effect) return this.readEffect(at, size, player, extra, handler);
		if (player >= this.maxPlayers) return `a record at ${at} names player ${player}`;
		if (kind === OUTBOX.refuse) handler.refuse(player, extra);
		else if (kind === OUTBOX.kick) handler.kick(player, extra);
		else return `a record at ${at} has the unknown kind ${kind}`;
		return null;
	}

	private readEffect(
		at: number,
		size: number,
		player: number,
		effect: number,
		handler: OutboxHandler,
	): string | null {
		const bytes = this.effectSizes[effect];
		if (bytes === undefined) return `a record at ${at} names the unknown effect ${effect}`;
		if (size !== RECORD.size + pad4(bytes)) return `effect ${effect} at ${at} has ${size} bytes`;
		if (player !== NO_PLAYER && player >= this.maxPlayers) {
			return `effect ${effect} at ${at} is about player ${player}`;
		}
		const from = at + RECORD.size;
		const about = player === NO_PLAYER ? -1 : player;
		handler.effect(effect, about, this.bytes.subarray(from, from + bytes));
		return null;
	}

	private readEvent(
		at: number,
		size: number,
		player: number,
		event: number,
		handler: OutboxHandler,
	): string | null {
		const eventSize = this.eventSizes[event];
		if (eventSize === undefined) return `a record at ${at} names the unknown event ${event}`;
		const target = this.view.getUint8(at + RECORD.flags);
		const extra = target === EVENT_TARGET.near ? NEAR_BYTES : 0;
		if (size !== RECORD.size + pad4(extra + eventSize)) {
			return `event ${event} at ${at} has ${size} bytes`;
		}
		const from = at + RECORD.size + extra;
		const payload = this.bytes.subarray(from, from + eventSize);
		if (target === EVENT_TARGET.all) handler.event(event, -1, payload);
		else if (target === EVENT_TARGET.player) {
			if (player >= this.maxPlayers) return `event ${event} at ${at} is for player ${player}`;
			handler.event(event, player, payload);
		} else if (target === EVENT_TARGET.near) {
			const f32 = (i: number) => this.view.getFloat32(at + RECORD.size + i * 4, true);
			handler.eventNear(event, f32(0), f32(1), f32(2), payload);
		} else return `event ${event} at ${at} has the unknown target ${target}`;
		return null;
	}
}
