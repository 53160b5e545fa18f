import { CELLS, GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { EVERYWHERE } from "../snapshot/focus.ts";
import type { SnapshotEncoder } from "../snapshot/snapshot-encoder.ts";
import type { SeenCells } from "./seen-cells.ts";
import type { Viewer } from "./viewer.ts";

/** The cells that one snapshot takes away from a viewer; the global one stands for all that it has. */
export class GoneCells {
	readonly cells = new Uint16Array(CELLS);
	count = 0;

	add(cell: number): void {
		this.cells[this.count++] = cell;
	}

	/** Starts anew with the cells that have left the view or lost their last row. */
	find(encoder: SnapshotEncoder, viewer: Viewer, seen: SeenCells): void {
		this.count = 0;
		if (!encoder.grid) return;
		if (losesAll(encoder, viewer)) {
			this.add(GLOBAL_CELL);
			seen.forgetBefore();
			return;
		}
		const { chunks, previousTick } = encoder;
		const { sentTick, lagging } = viewer;
		for (let i = 0; i < seen.beforeCount; i++) {
			const cell = seen.before[i];
			if (seen.is[cell] === 0) this.add(cell);
			else if (chunks.hasCell(cell)) continue;
			// a cell that is empty, and was at the last emission, may have held rows before that
			else if (sentTick !== previousTick || lagging?.has(cell)) this.add(cell);
		}
	}
}

/** Whether it is not known which cells the viewer has, so that it must drop them all. */
export function losesAll({ previousTick }: SnapshotEncoder, viewer: Viewer): boolean {
	const { sentTick, focus, isInherited } = viewer;
	if (sentTick < 0) return isInherited;
	return focus === EVERYWHERE && sentTick !== previousTick;
}
