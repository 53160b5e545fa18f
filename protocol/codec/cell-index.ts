import { LIMITS } from "../limits.ts";

/** The cell of everything without a position: every viewer has it. */
export const GLOBAL_CELL = 0;
/** Number of cells a game can have: the global one, and a square grid. */
export const CELLS = 1 + LIMITS.gridSide * LIMITS.gridSide;

/**
 * The cells that matter in one emission, numbered from 0 without gaps (a cell's *slot*), so that
 * per-cell arrays are as long as there are such cells.
 */
export class CellIndex {
	readonly cells: Uint16Array;
	count = 0;
	private readonly slots: Uint16Array;
	private readonly seen: Uint32Array;
	private epoch = 0;

	/** For cells below `cells`: a game without spatial tables has only the global one. */
	constructor(cells: number) {
		this.cells = new Uint16Array(cells);
		this.slots = new Uint16Array(cells);
		this.seen = new Uint32Array(cells);
	}

	clear(): void {
		this.count = 0;
		this.epoch++;
	}

	add(cell: number): void {
		if (this.seen[cell] === this.epoch) return;
		this.seen[cell] = this.epoch;
		this.slots[cell] = this.count;
		this.cells[this.count++] = cell;
	}

	/** The slot of a cell, or -1 if the cell is and was empty. */
	slotOf(cell: number): number {
		return this.seen[cell] === this.epoch ? this.slots[cell] : -1;
	}
}
