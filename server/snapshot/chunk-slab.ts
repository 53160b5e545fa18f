import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import type { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { MAX_CHUNK_HEADER_BYTES, putChunkHeader } from "../../protocol/messages/snapshot-parts.ts";
import type { SharedBytes } from "./shared-bytes.ts";

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
	/** Where deltas lie, by 1 + the cell's slot, 0 for the global cell; an end of 0 is one not made. */
	private deltaAt = new Int32Array(1);
	private deltaEnd = new Int32Array(1);
	private readonly keyframes = new Map<number, Place>();
	private readonly catchUps = new Map<number, Place>();
	/** Deltas without coded residuals, of cells whose deltas may have them. */
	private readonly uncoded = new Map<number, Place>();
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
		const { count } = this.chunks.index;
		if (this.deltaEnd.length <= count) {
			this.deltaAt = new Int32Array(2 * count + 2);
			this.deltaEnd = new Int32Array(2 * count + 2);
		} else this.deltaEnd.fill(0, 0, count + 1);
		// clearing a map costs an allocation, even of an empty one
		if (this.keyframes.size > 0) this.keyframes.clear();
		if (this.catchUps.size > 0) this.catchUps.clear();
		if (this.uncoded.size > 0) this.uncoded.clear();
	}

	/** Appends the cell's step from the last emission. */
	appendDelta(shared: SharedBytes, cell: number): void {
		const place = this.placeOfDelta(cell);
		const at = this.deltaAt[place];
		shared.append(CHUNK.delta, this.slab.bytes, at, this.deltaEnd[place]);
	}

	/** Appends the cell's step from the last emission without coded residuals. */
	appendUncoded(shared: SharedBytes, cell: number): void {
		let place = this.uncoded.get(cell);
		if (!place) {
			this.scratch.length = 0;
			this.chunks.writeDelta(this.scratch, cell, false);
			place = this.store(cell, CHUNK.delta, this.from);
			this.uncoded.set(cell, place);
		}
		shared.append(CHUNK.delta, this.slab.bytes, place.at, place.end);
	}

	/** Appends the steps of the first `count` of `cells`; those that lie together are copied at once. */
	appendDeltas(shared: SharedBytes, cells: Uint16Array, count: number): void {
		let from = 0;
		let to = 0;
		let chunks = 0;
		for (let i = 0; i < count; i++) {
			const cell = cells[i];
			if (!this.chunks.hasCell(cell)) continue;
			const place = this.placeOfDelta(cell);
			const at = this.deltaAt[place];
			if (at !== to) {
				if (chunks > 0) shared.append(CHUNK.delta, this.slab.bytes, from, to, chunks);
				from = at;
				chunks = 0;
			}
			to = this.deltaEnd[place];
			chunks++;
		}
		if (chunks > 0) shared.append(CHUNK.delta, this.slab.bytes, from, to, chunks);
	}

	private placeOfDelta(cell: number): number {
		const place = cell === GLOBAL_CELL ? 0 : 1 + this.chunks.index.slotOf(cell);
		if (this.deltaEnd[place] === 0) {
			this.scratch.length = 0;
			this.chunks.writeDelta(this.scratch, cell);
			this.deltaAt[place] = this.slab.length;
			this.store(cell, CHUNK.delta, this.from);
			this.deltaEnd[place] = this.slab.length;
		}
		return place;
	}

	/** Appends all that is in the cell. */
	appendKeyframe(shared: SharedBytes, cell: number): void {
		let place = this.keyframes.get(cell);
		if (!place) {
			this.scratch.length = 0;
			this.chunks.writeKeyframe(this.scratch, cell);
			place = this.store(cell, CHUNK.keyframe, this.tick);
			this.keyframes.set(cell, place);
		}
		shared.append(CHUNK.keyframe, this.slab.bytes, place.at, place.end);
	}

	/** Appends changes in the cell since `from`, or slightly earlier, so that clients can share them. */
	appendCatchUp(shared: SharedBytes, cell: number, from: number): void {
		const since = from - (from % CATCH_UP_STEP);
		const key = cell * 2 ** 32 + since;
		let place = this.catchUps.get(key);
		if (!place) {
			this.scratch.length = 0;
			this.chunks.writeCatchUp(this.scratch, since, cell);
			place = this.store(cell, CHUNK.catchUp, since);
			this.catchUps.set(key, place);
		}
		shared.append(CHUNK.catchUp, this.slab.bytes, place.at, place.end);
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

/** Catch-ups start at multiples of this many ticks, so that clients that stalled together share one. */
const CATCH_UP_STEP = 12;
