import { CELLS, GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { Circle } from "../../protocol/schema/column.ts";
import type { InterestSpec } from "../../protocol/schema/define-game.ts";

const SIDE = LIMITS.gridSide;
const HALF = SIDE / 2;
export interface Circles {
	readonly x: Circle | null;
	readonly y: Circle | null;
}

/** A row keeps its cell until it is this far beyond the edge, as a share of the cell's side. */
const HYSTERESIS = 1 / 8;

/** One direction of the grid: a line of cells from edge to edge, or as many as a circle has. */
class Direction {
	/** A circle that is not a whole number of cells is shorter than its cells, by less than this many. */
	readonly slack: number;
	readonly isCircle: boolean;
	private readonly scale: number;
	private readonly first: number;
	private readonly count: number;
	private readonly circle: Circle;

	constructor(cell: number, circle: Circle | null) {
		const scale = 1 / cell;
		const { size, from } = circle ?? { size: 0, from: 0 };
		const first = Math.floor(from * scale) + HALF;
		const count = Math.ceil((from + size) * scale) + HALF - first;
		// of a circle beyond the grid the rest counts to the cells at the edge, as without one
		this.isCircle = count > 0 && first >= 0 && first + count <= SIDE;
		this.scale = scale;
		this.circle = { size, from };
		this.first = this.isCircle ? first : 0;
		this.count = this.isCircle ? count : SIDE;
		this.slack = this.isCircle ? Math.ceil(count - size * scale - 1e-6) : 0;
	}

	/** Where a value lies, in cells from the grid's corner. */
	place(value: number): number {
		if (!this.isCircle) return value * this.scale + HALF;
		const { size, from } = this.circle;
		return (value - size * Math.floor((value - from) / size)) * this.scale + HALF;
	}

	/** The cell of a position; NaN lies in the first one. */
	cellAt(place: number): number {
		const { first, count } = this;
		return Math.max(first, Math.min(first + count - 1, Math.floor(place))) || first;
	}

	/** The cell this many after another, or -1 if there is none. */
	on(cell: number, way: number): number {
		const { first, count, isCircle } = this;
		const at = cell - first + way;
		if (isCircle) return first + (((at % count) + count) % count);
		return at < 0 || at >= count ? -1 : at;
	}
}

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

	/** Writes those around `middle` that are in the grid, some twice in a small circle; returns how many. */
	from(middle: number, cells: Uint16Array, across: Direction, down: Direction): number {
		const { columns, lines } = this;
		const x = column(middle);
		const y = line(middle);
		let n = 0;
		for (let i = 0; i < columns.length; i++) {
			const cx = across.on(x, columns[i]);
			const cy = down.on(y, lines[i]);
			if (cx < 0 || cy < 0) continue;
			cells[n++] = 1 + cy * SIDE + cx;
		}
		return n;
	}
}

/**
 * The square cells in which spatial rows are sent. The grid is centred on the origin; rows beyond its
 * edge belong to the cells there.
 *
 *     cell = 1 + line · side + column,  column = floor(x / cell) + side / 2,  line likewise from y
 */
export class Grid {
	private readonly across: Direction;
	private readonly down: Direction;
	/** The round in which a cell was last written, so that a window lists each cell once. */
	private readonly written: Uint32Array | null;
	private round = 0;
	/** The cells that may hold something within the radius of a point in the middle one. */
	private readonly byDistance: Offsets;
	private readonly byLine: Offsets;

	/** `circles` are those on which the axes lie, null for a line. */
	constructor({ radius, cell }: InterestSpec, circles: Circles = { x: null, y: null }) {
		this.across = new Direction(cell, circles.x);
		this.down = new Direction(cell, circles.y);
		const isRound = this.across.isCircle || this.down.isCircle;
		this.written = isRound ? new Uint32Array(CELLS) : null;
		const slack = Math.max(this.across.slack, this.down.slack);
		const reach = Math.ceil(radius / cell) + 1 + slack;
		const window: [number, number][] = [];
		for (let dy = -reach; dy <= reach; dy++) {
			for (let dx = -reach; dx <= reach; dx++) {
				// the least distance between points of the two cells, which both may lie a bit outside
				const gap = (d: number) => Math.max(0, Math.abs(d) - 1 - slack - 2 * HYSTERESIS) * cell;
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
		const { across, down } = this;
		const least = -HYSTERESIS;
		const most = 1 + HYSTERESIS;
		for (let row = 0; row < used; row++) {
			if (gen[row] === 0) continue;
			const x = across.place(xs[row]);
			const y = down.place(ys[row]);
			const cell = cells[row];
			if (born[row] === gen[row] && cell !== GLOBAL_CELL) {
				const dx = x - ((cell - 1) % SIDE);
				const dy = y - (((cell - 1) / SIDE) | 0);
				if (dx >= least && dx <= most && dy >= least && dy <= most) continue;
			}
			born[row] = gen[row];
			cells[row] = this.cellAt(x, y);
		}
	}

	/** The cell of a point. */
	cellOf(x: number, y: number): number {
		return this.cellAt(this.across.place(x), this.down.place(y));
	}

	private cellAt(x: number, y: number): number {
		return 1 + this.down.cellAt(y) * SIDE + this.across.cellAt(x);
	}

	/** Writes the cells that a player in `focus` sees, the nearest first; returns how many. */
	windowOf(focus: number, cells: Uint16Array): number {
		return this.once(cells, this.byDistance.from(focus, cells, this.across, this.down));
	}

	/** The same cells, ascending: line by line. */
	linesOf(focus: number, cells: Uint16Array): number {
		const count = this.once(cells, this.byLine.from(focus, cells, this.across, this.down));
		if (this.written) cells.subarray(0, count).sort();
		return count;
	}

	/** Leaves out of `count` cells those that are already before them. */
	private once(cells: Uint16Array, count: number): number {
		const { written } = this;
		if (!written) return count;
		const round = ++this.round;
		let n = 0;
		for (let i = 0; i < count; i++) {
			const cell = cells[i];
			if (written[cell] === round) continue;
			written[cell] = round;
			cells[n++] = cell;
		}
		return n;
	}
}
