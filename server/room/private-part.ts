import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import {
	MAX_CHUNK_HEADER_BYTES,
	MAX_PREFIX_BYTES,
	putChunkHeader,
	putSnapshotPrefix,
} from "../../protocol/messages/snapshot-parts.ts";
import type { EventBuffer } from "../snapshot/event-buffer.ts";
import { HEADROOM, SharedBytes } from "../snapshot/shared-bytes.ts";
import { MAX_FRAME_HEADER_BYTES } from "../socket/frame-header.ts";

/**
 * The part of a snapshot for a single client: the prefix, and chunks that precede the shared ones. One
 * object serves all clients in turn.
 */
export class PrivatePart {
	/** The chunks; the prefix is written before them when their number is known. */
	private readonly out = new ByteWriter(1024);
	private readonly scratch = new ByteWriter(64);
	private readonly prefix = new Uint8Array(MAX_PREFIX_BYTES);
	private readonly combined = new SharedBytes();
	private chunks = 0;
	/** Bytes of the last `putBefore` in front of the shared ones. */
	bytes = 0;

	clear(): void {
		this.out.length = 0;
		this.chunks = 0;
	}

	/** Lists cells that are no longer visible. */
	addGone(cells: Uint16Array, count: number, tick: number): void {
		if (count === 0) return;
		const { scratch } = this;
		scratch.length = 0;
		scratch.ensure(count * 3);
		for (let i = 0; i < count; i++) scratch.varint(cells[i]);
		this.add(CHUNK.gone, tick, scratch.bytes, scratch.length);
	}

	/** Adds events for this client alone. */
	addEvents(events: EventBuffer, tick: number): void {
		if (events.isEmpty) return;
		const data = events.finish(tick);
		this.add(CHUNK.events, tick, data, data.length);
		events.clear();
	}

	/** Adds one chunk: `length` bytes of `data`. */
	add(kind: number, tick: number, data: Uint8Array, length: number): void {
		const { out } = this;
		out.ensure(length + MAX_CHUNK_HEADER_BYTES);
		out.length = putChunkHeader(out.bytes, out.length, 0, kind, tick, length);
		// byte by byte: there are few, and a view would be an object per client
		for (let i = 0; i < length; i++) out.u8(data[i]);
		this.chunks++;
	}

	/**
	 * Writes the prefix and the private chunks directly before the shared ones. Returns what to
	 * send, which is a different one if they exceed the headroom; `bytes` is their size.
	 */
	putBefore(shared: SharedBytes, tick: number, inputTick: number, slack: number): SharedBytes {
		const { prefix, out } = this;
		const chunks = this.chunks + shared.chunks;
		const prefixBytes = putSnapshotPrefix(prefix, 0, tick, inputTick, slack, chunks);
		let whole = shared;
		let { length } = out;
		if (prefixBytes + length + MAX_FRAME_HEADER_BYTES > HEADROOM) {
			whole = this.combined;
			whole.reset();
			whole.append(CHUNK.own, out.bytes, 0, length);
			whole.append(CHUNK.own, shared.buffer, HEADROOM, shared.end);
			length = 0;
		}
		// byte by byte: views would be objects per client and snapshot
		const chunksAt = HEADROOM - length;
		for (let i = 0; i < length; i++) whole.buffer[chunksAt + i] = out.bytes[i];
		const prefixAt = chunksAt - prefixBytes;
		for (let i = 0; i < prefixBytes; i++) whole.buffer[prefixAt + i] = prefix[i];
		this.bytes = prefixBytes + length;
		return whole;
	}
}
