import { CELLS, GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { EVERYWHERE } from "../snapshot/focus.ts";
import type { SharedFrame } from "../snapshot/shared-frame.ts";
import type { PrivatePart } from "./private-part.ts";
import type { RoomState } from "./room-state.ts";
import type { Lag, Viewer } from "./viewer.ts";

const oldWindow = new Uint16Array(CELLS);
const newWindow = new Uint16Array(CELLS);
const gone = new Uint16Array(CELLS);
/** The cells that the viewer saw before, and those it sees now. */
const wasSeen = new Uint8Array(CELLS);
const isSeen = new Uint8Array(CELLS);

/** A cell that could be sent, and how urgent that is. */
interface Candidate extends Lag {
	cell: number;
}

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
	frame: SharedFrame,
): SharedFrame {
	const { chunks, slab, previousTick } = encoder;
	const { sentTick, lagging } = viewer;
	frame.reset();
	const append = (cell: number, from: number): void => {
		if (from < 0) slab.appendKeyframe(frame, cell);
		else if (from !== previousTick) slab.appendCatchUp(frame, cell, from);
		else if (viewer.isUncoded && chunks.isCoded) slab.appendUncoded(frame, cell);
		else slab.appendDelta(frame, cell);
	};
	// what all viewers see is sent in full, whatever it costs
	if (chunks.hasCell(GLOBAL_CELL)) append(GLOBAL_CELL, sentTick);

	const before = sentTick < 0 ? 0 : encoder.windowOf(viewer.focus, oldWindow);
	const now = encoder.windowOf(focus, newWindow);
	for (let i = 0; i < before; i++) wasSeen[oldWindow[i]] = 1;
	for (let i = 0; i < now; i++) isSeen[newWindow[i]] = 1;
	let goneCount = 0;
	// a cell that is empty, and was at the last emission, may have held rows before that
	const isStale = (cell: number): boolean => sentTick !== previousTick || !!lagging?.has(cell);
	// it is not known which cells the viewer has
	const isLost = viewer.focus === EVERYWHERE && sentTick >= 0 && sentTick !== previousTick;
	const clearsAll = isLost || (sentTick < 0 && viewer.isInherited);
	if (!encoder.grid) goneCount = 0;
	else if (clearsAll) {
		gone[goneCount++] = GLOBAL_CELL;
		wasSeen.fill(0);
	} else {
		for (let i = 0; i < before; i++) {
			const cell = oldWindow[i];
			if (!isSeen[cell] || (!chunks.hasCell(cell) && isStale(cell))) gone[goneCount++] = cell;
		}
	}

	let rest: Map<number, Lag> | null = null;
	const offer = (cell: number, from: number, priority: number): void => {
		if (frame.sharedBytes >= viewer.budget.available) {
			rest ??= new Map();
			rest.set(cell, { from, priority });
		} else if (chunks.hasCell(cell)) append(cell, from);
		else gone[goneCount++] = cell;
	};
	const candidates: Candidate[] = [];
	for (const [cell, { from, priority }] of lagging ?? []) {
		// a viewer that sees everything gets no list of gone cells: say here that a cell has emptied while
		// it was left out
		if (wasSeen[cell] || from < 0 || clearsAll) continue;
		if (focus !== EVERYWHERE) gone[goneCount++] = cell;
		else candidates.push({ cell, from, priority: priority + 1 / (1 + now) });
	}
	for (let i = 0; i < now; i++) {
		const cell = newWindow[i];
		if (!chunks.hasCell(cell)) continue;
		const lag = lagging?.get(cell);
		const from = wasSeen[cell] ? (lag?.from ?? sentTick) : -1;
		const priority = (lag?.priority ?? 0) + 1 / (1 + i);
		// if none has waited, the nearest are the most urgent, and they are already in order
		if (lagging === null) offer(cell, from, priority);
		else candidates.push({ cell, from, priority });
	}
	for (let i = 0; i < before; i++) wasSeen[oldWindow[i]] = 0;
	for (let i = 0; i < now; i++) isSeen[newWindow[i]] = 0;
	candidates.sort((a, b) => b.priority - a.priority);
	for (const { cell, from, priority } of candidates) offer(cell, from, priority);
	own.addGone(gone, goneCount, tick);
	viewer.lagging = rest;
	if (focus === EVERYWHERE) events.appendAll(frame, tick);
	else events.append(frame, tick, newWindow, now);
	return frame;
}
