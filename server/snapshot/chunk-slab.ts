import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import type { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { MAX_CHUNK_HEADER_BYTES, putChunkHeader } from "../../protocol/messages/snapshot-frame.ts";
import type { SharedFrame } from "./shared-frame.ts";

/** Where a chunk lies in the slab. */
interface Place {
	at: number;
	end: number;
}

/**
 * The chunks of one emission, each encoded when the first client needs it and then copied for the
 * others. All lie one after the other in one buffer that the next emission uses again.
 */
export class ChunkSlab {
	private readonly chunks: ChunkEncoder;
	private readonly scratch = new ByteWriter();
	private readonly slab = new ByteWriter(4096);
	private readonly deltas = new Map<number, Place>();
	private readonly keyframes = new Map<number, Place>();
	private readonly catchUps = new Map<number, Place>();
	private from = -1;
	private tick = -1;

	constructor(chunks: ChunkEncoder) {
		this.chunks = chunks;
	}

	/** The chunks now go from the emission at `from` to that of `tick`. */
	begin(from: number, tick: number): void {
		this.from = from;
		this.tick = tick;
		this.slab.length = 0;
		this.deltas.clear();
		// clearing a map costs an allocation, even of an empty one
		if (this.keyframes.size > 0) this.keyframes.clear();
		if (this.catchUps.size > 0) this.catchUps.clear();
	}

	/** Appends the cell's step from the last emission. */
	appendDelta(frame: SharedFrame, cell: number): number {
		let place = this.deltas.get(cell);
		if (!place) {
			this.scratch.length = 0;
			this.chunks.writeDelta(this.scratch, cell);
			place = this.store(cell, CHUNK.delta, this.from);
			this.deltas.set(cell, place);
		}
		return this.append(frame, CHUNK.delta, place);
	}

	/** Appends all that is in the cell. */
	appendKeyframe(frame: SharedFrame, cell: number): number {
		let place = this.keyframes.get(cell);
		if (!place) {
			this.scratch.length = 0;
			this.chunks.writeKeyframe(this.scratch, cell);
			place = this.store(cell, CHUNK.keyframe, this.tick);
			this.keyframes.set(cell, place);
		}
		return this.append(frame, CHUNK.keyframe, place);
	}

	/** Appends what has changed in the cell since `from`, or since a little earlier, to be shared. */
	appendCatchUp(frame: SharedFrame, cell: number, from: number): number {
		const since = from - (from % CATCH_UP_STEP);
		const key = cell * 2 ** 32 + since;
		let place = this.catchUps.get(key);
		if (!place) {
			this.scratch.length = 0;
			this.chunks.writeCatchUp(this.scratch, since, cell);
			place = this.store(cell, CHUNK.catchUp, since);
			this.catchUps.set(key, place);
		}
		return this.append(frame, CHUNK.catchUp, place);
	}

	private append(frame: SharedFrame, kind: number, { at, end }: Place): number {
		frame.append(kind, this.slab.bytes, at, end);
		return end - at;
	}

	private store(cell: number, kind: number, from: number): Place {
		const { slab, scratch } = this;
		slab.ensure(scratch.length + MAX_CHUNK_HEADER_BYTES);
		const at = slab.length;
		slab.length = putChunkHeader(slab.bytes, at, cell, kind, from, scratch.length);
		slab.bytes.set(scratch.bytes.subarray(0, scratch.length), slab.length);
		slab.length += scratch.length;
		return { at, end: slab.length };
	}
}

/** Catch-ups start at multiples of so many ticks, so that clients who stalled together share one. */
const CATCH_UP_STEP = 12;
