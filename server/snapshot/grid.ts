import { GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { InterestSpec } from "../../protocol/schema/define-game.ts";

const SIDE = LIMITS.gridSide;
const HALF = SIDE / 2;
/** A row keeps its cell until it is so far beyond the edge, as a share of the cell's side. */
const HYSTERESIS = 1 / 8;

function column(cell: number): number {
	return (cell - 1) % SIDE;
}

function line(cell: number): number {
	return Math.floor((cell - 1) / SIDE);
}

/** Cells around one, by their distance in columns and lines. */
class Offsets {
	private readonly columns: Int8Array;
	private readonly lines: Int8Array;

	constructor(offsets: readonly (readonly [dx: number, dy: number])[]) {
		this.columns = Int8Array.from(offsets, ([dx]) => dx);
		this.lines = Int8Array.from(offsets, ([, dy]) => dy);
	}

	/** Writes those around `middle` that are in the grid; returns how many. */
	from(middle: number, cells: Uint16Array): number {
		const { columns, lines } = this;
		const x = column(middle);
		const y = line(middle);
		let n = 0;
		for (let i = 0; i < columns.length; i++) {
			const cx = x + (columns[i] as number);
			const cy = y + (lines[i] as number);
			if (cx < 0 || cy < 0 || cx >= SIDE || cy >= SIDE) continue;
			cells[n++] = 1 + cy * SIDE + cx;
		}
		return n;
	}
}

/**
 * The square cells that spatial rows are sent by. The grid lies around the origin; what is beyond its
 * edge counts to the cells there.
 *
 *     cell = 1 + line · side + column,  column = floor(x / cell) + side / 2,  line likewise from y
 */
export class Grid {
	private readonly scale: number;
	/** The cells that may hold something within the radius of a point in the middle one. */
	private readonly byDistance: Offsets;
	private readonly byLine: Offsets;

	constructor({ radius, cell }: InterestSpec) {
		this.scale = 1 / cell;
		const reach = Math.ceil(radius / cell) + 1;
		const window: [number, number][] = [];
		for (let dy = -reach; dy <= reach; dy++) {
			for (let dx = -reach; dx <= reach; dx++) {
				// the least distance between points of the two cells, which both may lie a bit outside
				const gap = (d: number) => Math.max(0, Math.abs(d) - 1 - 2 * HYSTERESIS) * cell;
				if (Math.hypot(gap(dx), gap(dy)) < radius) window.push([dx, dy]);
			}
		}
		this.byLine = new Offsets(window);
		window.sort(([ax, ay], [bx, by]) => ax * ax + ay * ay - bx * bx - by * by);
		this.byDistance = new Offsets(window);
	}

	/** Fills `cells` for the live rows: each stays in its cell until it is clearly out of it. */
	assign(
		gen: Uint16Array,
		used: number,
		xs: Float32Array,
		ys: Float32Array,
		born: Uint16Array,
		cells: Uint16Array,
	): void {
		const { scale } = this;
		const least = -HYSTERESIS;
		const most = 1 + HYSTERESIS;
		for (let row = 0; row < used; row++) {
			if (gen[row] === 0) continue;
			const x = (xs[row] as number) * scale + HALF;
			const y = (ys[row] as number) * scale + HALF;
			const cell = cells[row] as number;
			if (born[row] === gen[row] && cell !== GLOBAL_CELL) {
				const dx = x - ((cell - 1) % SIDE);
				const dy = y - (((cell - 1) / SIDE) | 0);
				if (dx >= least && dx <= most && dy >= least && dy <= most) continue;
			}
			born[row] = gen[row] as number;
			cells[row] = cellAt(x, y);
		}
	}

	/** The cell of a point. */
	cellOf(x: number, y: number): number {
		return cellAt(x * this.scale + HALF, y * this.scale + HALF);
	}

	/** Writes the cells that a player in `focus` sees, the nearest first; returns how many. */
	windowOf(focus: number, cells: Uint16Array): number {
		return this.byDistance.from(focus, cells);
	}

	/** The same cells, ascending: line by line. */
	linesOf(focus: number, cells: Uint16Array): number {
		return this.byLine.from(focus, cells);
	}
}

/** `x` and `y` in cells from the grid's corner; what is no number lies in the first cell. */
function cellAt(x: number, y: number): number {
	const cx = Math.max(0, Math.min(SIDE - 1, Math.floor(x))) || 0;
	const cy = Math.max(0, Math.min(SIDE - 1, Math.floor(y))) || 0;
	return 1 + cy * SIDE + cx;
}
