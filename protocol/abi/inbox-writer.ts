import type { Descriptor } from "./descriptor.ts";
import { ANSWER, ANSWER_STATUS, INBOX, pad4, RECORD } from "./layout.ts";

const utf8 = new TextEncoder();

/**
 * Writes a tick's records into a module's inbox.
 *
 *     0 u8 kind | 1 u8 flags | 2 u16 bytes of the record | 4 u16 player | 6 u16 extra | 8 payload
 */
export class InboxWriter {
	private readonly bytes: Uint8Array;
	private readonly view: DataView;
	private readonly inputSize: number;
	/** Bytes written since `clear`. */
	length = 0;

	constructor(buffer: ArrayBuffer, { inbox, input }: Descriptor) {
		this.bytes = new Uint8Array(buffer, inbox.address, inbox.bytes);
		this.view = new DataView(buffer, inbox.address, inbox.bytes);
		this.inputSize = input.size;
	}

	/** Bytes that still fit. */
	get free(): number {
		return this.bytes.length - this.length;
	}

	clear(): void {
		this.length = 0;
	}

	/** False when the record does not fit: it must wait for the next tick. */
	join(player: number, name: string): boolean {
		const payload = utf8.encode(name);
		const at = this.open(INBOX.join, player, payload.length, payload.length);
		if (at < 0) return false;
		this.bytes.set(payload, at);
		return true;
	}

	leave(player: number, reason: number): boolean {
		return this.open(INBOX.leave, player, reason, 0) >= 0;
	}

	/**
	 * Copies `inputSize` bytes from `source` at `offset`; `flags` may say that they are repeated,
	 * `viewAge` says how far in the past the player's view of the room is (1/256 ticks).
	 */
	input(player: number, source: Uint8Array, offset: number, flags: number, viewAge = 0): boolean {
		const at = this.open(INBOX.input, player, viewAge, this.inputSize);
		if (at < 0) return false;
		this.bytes[at - RECORD.size + RECORD.flags] = flags;
		for (let i = 0; i < this.inputSize; i++) {
			this.bytes[at + i] = source[offset + i];
		}
		return true;
	}

	/**
	 * The answer to request number `effect`, the `n`th effect of `tick`; `fields` are laid out as the module says, or
	 * null for a failure. False when it does not fit.
	 */
	answer(
		player: number,
		effect: number,
		{ tick, n }: { readonly tick: number; readonly n: number },
		size: number,
		fields: Uint8Array | null,
	): boolean {
		const at = this.open(INBOX.answer, player, effect, ANSWER.size + size);
		if (at < 0) return false;
		this.bytes.fill(0, at, at + ANSWER.size + pad4(size));
		this.view.setUint32(at + ANSWER.tick, tick, true);
		this.view.setUint16(at + ANSWER.n, n, true);
		const { ok, failed } = ANSWER_STATUS;
		this.view.setUint16(at + ANSWER.status, fields ? ok : failed, true);
		if (fields) this.bytes.set(fields.subarray(0, size), at + ANSWER.size);
		return true;
	}

	/** The inbox as written, for a journal; valid until the next tick. */
	written(): Uint8Array {
		return this.bytes.subarray(0, this.length);
	}

	/** Takes over a recorded inbox. */
	load(recorded: Uint8Array): void {
		this.bytes.set(recorded);
		this.length = recorded.length;
	}

	private open(kind: number, player: number, extra: number, payload: number): number {
		const size = RECORD.size + pad4(payload);
		const at = this.length;
		if (at + size > this.bytes.length) return -1;
		this.length = at + size;
		this.view.setUint32(at + size - 4, 0, true); // padding must not carry old bytes
		this.view.setUint8(at + RECORD.kind, kind);
		this.view.setUint8(at + RECORD.flags, 0);
		this.view.setUint16(at + RECORD.length, size, true);
		this.view.setUint16(at + RECORD.player, player, true);
		this.view.setUint16(at + RECORD.extra, extra, true);
		return at + RECORD.size;
	}
}
