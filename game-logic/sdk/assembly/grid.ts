/**
 * A uniform grid over a rectangle from (0, 0), to find what is near without comparing everything
 * with everything. It is filled anew in every tick, by counting sort, in memory taken once: make it
 * at the top of a file, never in a tick.
 *
 *     const near = new Grid(128, 16, 16, 200);          // cell size, columns, lines, items at most
 *
 *     near.clear();
 *     for (…) near.add(i, rock.x[i], rock.y[i]);
 *     near.sort();
 *     for (let line = near.line(y - r); line <= near.line(y + r); line++) {
 *       const end = near.end(near.column(x + r), line);
 *       for (let k = near.start(near.column(x - r), line); k < end; k++) visit(near.item(k));
 *     }
 *
 * Cells of one line follow each other in the sorted list, so a line of a query is one run of items.
 * Within a cell, items keep the order in which they were added: the same state, the same order.
 * At most 65,535 cells and 65,535 items; positions outside count to the cells at the edge.
 *
 *     u32 start per cell, and the end | u16 item, as added | u16 its cell | u16 item, sorted
 */
@unmanaged
export class Grid {
	/** Items added since `clear`. */
	count: i32 = 0;
	private perUnit: f32;
	private columns: i32;
	private lines: i32;
	private capacity: i32;
	private starts: usize;
	private added: usize;
	private cells: usize;
	private sorted: usize;

	constructor(cellSize: f32, columns: i32, lines: i32, capacity: i32) {
		assert(columns * lines <= 65535 && capacity <= 65535, "a grid has at most 65535 cells and items");
		const startBytes = (<usize>(columns * lines) + 1) << 2;
		const itemBytes = <usize>capacity << 1;
		this.perUnit = <f32>1.0 / cellSize;
		this.columns = columns;
		this.lines = lines;
		this.capacity = capacity;
		this.starts = heap.alloc(startBytes + 3 * itemBytes);
		this.added = this.starts + startBytes;
		this.cells = this.added + itemBytes;
		this.sorted = this.cells + itemBytes;
	}

	clear(): void {
		this.count = 0;
		memory.fill(this.starts, 0, (<usize>(this.columns * this.lines) + 1) << 2);
	}

	@inline add(item: i32, x: f32, y: f32): void {
		assert(this.count < this.capacity, "more items than the grid was made for");
		const cell = this.line(y) * this.columns + this.column(x);
		const at = <usize>this.count << 1;
		store<u16>(this.added + at, <u16>item);
		store<u16>(this.cells + at, <u16>cell);
		this.count++;
		const counter = this.starts + (<usize>cell << 2);
		store<u32>(counter, load<u32>(counter) + 1);
	}

	/** Orders the items by cell. Queries are valid from here until the next `clear`. */
	sort(): void {
		const starts = this.starts;
		const end = starts + (<usize>(this.columns * this.lines) << 2);
		let total: u32 = 0;
		for (let at = starts; at <= end; at += 4) {
			total += load<u32>(at);
			store<u32>(at, total);
		}
		// each counter now holds the end of its cell and walks back to the start, last item first
		const added = this.added;
		const cells = this.cells;
		const sorted = this.sorted;
		for (let at = <usize>this.count << 1; at > 0; ) {
			at -= 2;
			const counter = starts + (<usize>load<u16>(cells + at) << 2);
			const k = load<u32>(counter) - 1;
			store<u32>(counter, k);
			store<u16>(sorted + (<usize>k << 1), load<u16>(added + at));
		}
	}

	/** The column of cells that x lies in. */
	@inline column(x: f32): i32 {
		return min(max(<i32>(x * this.perUnit), 0), this.columns - 1);
	}

	/** The line of cells that y lies in. */
	@inline line(y: f32): i32 {
		return min(max(<i32>(y * this.perUnit), 0), this.lines - 1);
	}

	/** Place in the sorted list of a cell's first item. */
	@inline start(column: i32, line: i32): i32 {
		return load<i32>(this.starts + (<usize>(line * this.columns + column) << 2));
	}

	/** Place in the sorted list behind a cell's last item. */
	@inline end(column: i32, line: i32): i32 {
		return load<i32>(this.starts + (<usize>(line * this.columns + column) << 2), 4);
	}

	/** The item at a place of the sorted list. */
	@inline item(k: i32): i32 {
		return <i32>load<u16>(this.sorted + (<usize>k << 1));
	}
}
