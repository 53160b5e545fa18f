import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { CHUNK } from "../../protocol/messages/server-message.ts";
import { MAX_CHUNK_HEADER_BYTES, putChunkHeader } from "../../protocol/messages/snapshot-parts.ts";
import { EventBuffer, type SavedEvents } from "./event-buffer.ts";
import type { SharedBytes } from "./shared-bytes.ts";

/** Events since the last snapshot, by the cell from which they can be noticed. */
export class EventBoard {
	private readonly buffers = new Map<number, EventBuffer>();
	private readonly spare: EventBuffer[] = [];
	private header = new Uint8Array(MAX_CHUNK_HEADER_BYTES + 256);

	/** Events that did not fit. */
	dropped = 0;

	add(cell: number, event: number, tick: number, payload: Uint8Array): void {
		let buffer = this.buffers.get(cell);
		if (!buffer) {
			buffer = this.spare.pop() ?? new EventBuffer();
			this.buffers.set(cell, buffer);
		}
		if (!buffer.add(event, tick, payload)) this.dropped++;
	}

	/** Appends the events for all, and those of the given cells. */
	append(shared: SharedBytes, tick: number, cells: Uint16Array, count: number): void {
		if (this.buffers.size === 0) return;
		this.appendCell(shared, tick, GLOBAL_CELL);
		for (let i = 0; i < count; i++) this.appendCell(shared, tick, cells[i]);
	}

	/** Appends all of them, also those of cells without rows: for viewers that see everything. */
	appendAll(shared: SharedBytes, tick: number): void {
		if (this.buffers.size === 0) return;
		for (const cell of this.buffers.keys()) this.appendCell(shared, tick, cell);
	}

	/** The cells in which anything happened. */
	cells(): Iterable<number> {
		return this.buffers.keys();
	}

	/** The data of a cell's chunk for a snapshot of `tick`, valid until the next call; null for none. */
	dataOf(cell: number, tick: number): Uint8Array | null {
		return this.buffers.get(cell)?.finish(tick) ?? null;
	}

	save(): [cell: number, events: SavedEvents][] {
		return [...this.buffers].map(([cell, buffer]) => [cell, buffer.save()]);
	}

	load(saved: readonly (readonly [cell: number, events: SavedEvents])[]): void {
		this.clear();
		for (const [cell, events] of saved) {
			const buffer = this.spare.pop() ?? new EventBuffer();
			buffer.load(events);
			this.buffers.set(cell, buffer);
		}
	}

	clear(): void {
		if (this.buffers.size === 0) return;
		for (const buffer of this.buffers.values()) {
			buffer.clear();
			this.spare.push(buffer);
		}
		this.buffers.clear();
	}

	private appendCell(shared: SharedBytes, tick: number, cell: number): void {
		const buffer = this.buffers.get(cell);
		if (!buffer) return;
		const data = buffer.finish(tick);
		if (this.header.length < data.length + MAX_CHUNK_HEADER_BYTES) {
			this.header = new Uint8Array(2 * data.length + MAX_CHUNK_HEADER_BYTES);
		}
		const at = putChunkHeader(this.header, 0, cell, CHUNK.events, tick, data.length);
		this.header.set(data, at);
		shared.append(CHUNK.events, this.header, 0, at + data.length);
	}
}
