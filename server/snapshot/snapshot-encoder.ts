import { type LiveTable, type Simulation, usedRows } from "../../protocol/abi/simulation.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { MAX_CHUNK_HEADER_BYTES, putChunkHeader } from "../../protocol/messages/snapshot-frame.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { OwnRowsEncoder } from "./own-rows.ts";
import { TableQuantiser } from "./quantise.ts";
import { SharedFrame } from "./shared-frame.ts";

/** The one cell of a room without interest management. */
const CELL = 0;

/**
 * Turns a module's columns into shared frames, once per room and snapshot: a delta for those who got
 * the last one, a keyframe, made only when asked for, for those who did not.
 */
export class SnapshotEncoder {
	/** What only the owners of rows get, of the state last captured. */
	readonly own = new OwnRowsEncoder();
	private readonly chunks: ChunkEncoder;
	private readonly scratch = new ByteWriter();
	private quantisers: readonly TableQuantiser[] = [];
	private tables: readonly LiveTable[] = [];
	private readonly delta = new SharedFrame();
	private readonly keyframe = new SharedFrame();
	private keyframeTick = -1;
	/** Tick of the last emission; -1 before the first. */
	tick = -1;

	constructor(schema: WireSchema) {
		this.chunks = new ChunkEncoder(schema.tables);
	}

	get changedRows(): number {
		return this.chunks.changedRows;
	}

	/** Reads the state after `tick` out of linear memory and moves the chain to it. */
	capture(simulation: Simulation, tick: number): void {
		if (simulation.tables !== this.tables) {
			this.tables = simulation.tables;
			this.quantisers = this.tables.map((table) => new TableQuantiser(table));
		}
		for (let t = 0; t < this.tables.length; t++) {
			(this.quantisers[t] as TableQuantiser).capture(usedRows(this.tables[t] as LiveTable));
		}
		this.chunks.advance(this.quantisers);
		this.own.capture(simulation);
		this.tick = tick;
	}

	/** The step from the emission at `from` to the one just captured, and the events since. */
	deltaFrame(from: number, events: Uint8Array): SharedFrame {
		this.scratch.length = 0;
		this.chunks.writeDelta(this.scratch);
		return this.fill(this.delta, CHUNK.delta, from, events);
	}

	/** Everything as just captured; encoded once however many ask. */
	keyframeFrame(events: Uint8Array): SharedFrame {
		if (this.keyframeTick === this.tick) return this.keyframe;
		this.keyframeTick = this.tick;
		this.scratch.length = 0;
		this.chunks.writeKeyframe(this.scratch);
		return this.fill(this.keyframe, CHUNK.keyframe, this.tick, events);
	}

	private fill(frame: SharedFrame, kind: number, from: number, events: Uint8Array): SharedFrame {
		const { bytes, length } = this.scratch;
		frame.reset(length + events.length + 2 * MAX_CHUNK_HEADER_BYTES);
		frame.end = putChunkHeader(frame.buffer, frame.end, CELL, kind, from, length);
		frame.buffer.set(bytes.subarray(0, length), frame.end);
		frame.end += length;
		if (events.length > 0) {
			frame.end = putChunkHeader(
				frame.buffer,
				frame.end,
				CELL,
				CHUNK.events,
				this.tick,
				events.length,
			);
			frame.buffer.set(events, frame.end);
			frame.end += events.length;
		}
		return frame;
	}
}
