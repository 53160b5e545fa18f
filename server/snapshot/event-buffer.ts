import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { LIMITS } from "../../protocol/limits.ts";

/** Events that wait for a snapshot, in plain data. */
export interface SavedEvents {
	readonly bytes: Uint8Array;
	/** Where the low byte of an event's tick stands. */
	readonly agesAt: readonly number[];
}

/*
 * Events since the last snapshot, as an events chunk carries them:
 *
 *     u8 event | u8 age in ticks | fields …      once for each
 *
 * The age counts back from the snapshot's tick, so it is written when the snapshot is made; until
 * then its place holds the low byte of the tick.
 */
export class EventBuffer {
	private readonly out = new ByteWriter(256);
	private readonly agesAt: number[] = [];
	get isEmpty(): boolean {
		return this.out.length === 0;
	}

	/** False when it does not fit. */
	add(event: number, tick: number, payload: Uint8Array): boolean {
		const { out } = this;
		if (out.length + payload.length + 2 > LIMITS.outboxBytes) return false;
		out.ensure(payload.length + 2);
		out.u8(event);
		this.agesAt.push(out.length);
		out.u8(tick & 0xff);
		out.bytes.set(payload, out.length);
		out.length += payload.length;
		return true;
	}

	save(): SavedEvents {
		return { bytes: this.out.bytes.slice(0, this.out.length), agesAt: [...this.agesAt] };
	}

	load({ bytes, agesAt }: SavedEvents): void {
		this.clear();
		this.out.ensure(bytes.length);
		this.out.bytes.set(bytes);
		this.out.length = bytes.length;
		this.agesAt.push(...agesAt);
	}

	/** The chunk's data for a snapshot of `tick`; valid until the next call. */
	finish(tick: number): Uint8Array {
		const { bytes, length } = this.out;
		for (const at of this.agesAt) bytes[at] = (tick - bytes[at]) & 0xff;
		this.agesAt.length = 0;
		return bytes.subarray(0, length);
	}

	clear(): void {
		this.out.length = 0;
		this.agesAt.length = 0;
	}
}
