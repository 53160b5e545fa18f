import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { EVERYWHERE } from "../snapshot/focus.ts";
import type { SharedBytes } from "../snapshot/shared-bytes.ts";
import type { SnapshotEncoder } from "../snapshot/snapshot-encoder.ts";
import { GoneCells, losesAll } from "./gone-cells.ts";
import type { PrivatePart } from "./private-part.ts";
import type { RoomState } from "./room-state.ts";
import { SeenCells } from "./seen-cells.ts";
import { UrgencyQueue } from "./urgency-queue.ts";
import type { Lag, Viewer } from "./viewer.ts";

// one of each serves all rooms: viewers are served one after the other
const seen = new SeenCells();
const gone = new GoneCells();
const queue = new UrgencyQueue();

/**
 * Assembles a snapshot for a single viewer from shared chunks: a delta of each cell it has as of the
 * last emission, a catch-up of one it has from earlier, a keyframe of one that is new to it. The
 * nearest and the longest neglected cells come first, until the budget is spent; the rest waits for a
 * later snapshot. Late join, lag, budget and a lower rate for distant cells all come down to this.
 */
export function assembleView(
	{ encoder, events, tick }: RoomState,
	viewer: Viewer,
	focus: number,
	own: PrivatePart,
	shared: SharedBytes,
): SharedBytes {
	shared.reset();
	// what all viewers see is sent in full, whatever it costs
	if (encoder.chunks.hasCell(GLOBAL_CELL)) {
		append(shared, encoder, viewer, GLOBAL_CELL, viewer.sentTick);
	}
	seen.open(encoder, viewer, focus);
	gone.find(encoder, viewer, seen);
	// if none has waited, the nearest are the most urgent, and they are already in order
	const rest =
		viewer.lagging === null
			? fillNearestFirst(shared, encoder, viewer)
			: fillByUrgency(shared, encoder, viewer, viewer.lagging, focus);
	seen.close();
	own.addGone(gone.cells, gone.count, tick);
	viewer.lagging = rest;
	if (focus === EVERYWHERE) events.appendAll(shared, tick);
	else events.append(shared, tick, seen.now, seen.nowCount);
	return shared;
}

/** Appends a cell to somebody who has the emission at `from`, -1 for none. */
function append(
	shared: SharedBytes,
	{ chunks, slab, previousTick }: SnapshotEncoder,
	viewer: Viewer,
	cell: number,
	from: number,
): void {
	if (from < 0) slab.appendKeyframe(shared, cell);
	else if (from !== previousTick) slab.appendCatchUp(shared, cell, from);
	else if (viewer.isUncoded && chunks.isCoded) slab.appendUncoded(shared, cell);
	else slab.appendDelta(shared, cell);
}

/** Appends the cells in view in their order; returns those for which the budget was too small. */
function fillNearestFirst(
	shared: SharedBytes,
	encoder: SnapshotEncoder,
	viewer: Viewer,
): Map<number, Lag> | null {
	const { available } = viewer.budget;
	let rest: Map<number, Lag> | null = null;
	for (let i = 0; i < seen.nowCount; i++) {
		const cell = seen.now[i];
		if (!encoder.chunks.hasCell(cell)) continue;
		const from = seen.was[cell] ? viewer.sentTick : -1;
		if (shared.sharedBytes < available) append(shared, encoder, viewer, cell, from);
		else {
			rest ??= new Map();
			rest.set(cell, { from, priority: 1 / (1 + i) });
		}
	}
	return rest;
}

/** As `fillNearestFirst`, where cells have waited: how long each has counts too. */
function fillByUrgency(
	shared: SharedBytes,
	encoder: SnapshotEncoder,
	viewer: Viewer,
	lagging: ReadonlyMap<number, Lag>,
	focus: number,
): Map<number, Lag> | null {
	queueCells(encoder, viewer, lagging, focus);
	const { available } = viewer.budget;
	let rest: Map<number, Lag> | null = null;
	for (const { cell, from, priority } of queue.ordered()) {
		if (shared.sharedBytes >= available) {
			rest ??= new Map();
			rest.set(cell, { from, priority });
		} else if (encoder.chunks.hasCell(cell)) append(shared, encoder, viewer, cell, from);
		else gone.add(cell);
	}
	queue.clear();
	return rest;
}

function queueCells(
	encoder: SnapshotEncoder,
	viewer: Viewer,
	lagging: ReadonlyMap<number, Lag>,
	focus: number,
): void {
	const clearsAll = losesAll(encoder, viewer);
	for (const [cell, { from, priority }] of lagging) {
		if (seen.was[cell] || from < 0 || clearsAll) continue;
		// a viewer that sees everything gets no list of gone cells: say here that a cell has emptied while
		// it was left out
		if (focus !== EVERYWHERE) gone.add(cell);
		else queue.add(cell, from, priority + 1 / (1 + seen.nowCount));
	}
	for (let i = 0; i < seen.nowCount; i++) {
		const cell = seen.now[i];
		if (!encoder.chunks.hasCell(cell)) continue;
		const lag = lagging.get(cell);
		const from = seen.was[cell] ? (lag?.from ?? viewer.sentTick) : -1;
		queue.add(cell, from, (lag?.priority ?? 0) + 1 / (1 + i));
	}
}
