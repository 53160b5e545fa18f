/**
 * Rows of a table, grouped: `rows[start[g]..start[g + 1])` are those of group g, ascending. Filled anew
 * for each emission by `clear`, `push` in ascending order, `close`; nothing is allocated in between.
 */
export class RowGroups {
	rows: Int32Array;
	/** One more than there are groups. */
	start = new Int32Array(2);
	count = 0;
	private pushed: Int32Array;
	private readonly groups: Uint16Array;
	private groupCount = 1;

	constructor(capacity: number) {
		this.rows = new Int32Array(capacity);
		this.pushed = new Int32Array(capacity);
		this.groups = new Uint16Array(capacity);
	}

	clear(groupCount: number): void {
		this.count = 0;
		this.groupCount = groupCount;
		if (this.start.length <= groupCount) this.start = new Int32Array(groupCount * 2 + 1);
	}

	push(row: number, group: number): void {
		this.pushed[this.count] = row;
		this.groups[this.count++] = group;
	}

	/** Brings the rows into the order of their groups, by a counting sort. */
	close(): void {
		const { start, groups, count, groupCount, pushed } = this;
		if (groupCount === 1) {
			this.pushed = this.rows;
			this.rows = pushed;
			start[0] = 0;
			start[1] = count;
			return;
		}
		const { rows } = this;
		start.fill(0, 0, groupCount + 1);
		for (let i = 0; i < count; i++) {
			const next = groups[i] + 1;
			start[next] = start[next] + 1;
		}
		for (let g = 0; g < groupCount; g++) {
			start[g + 1] = start[g + 1] + start[g];
		}
		// filling moves each start to its end, which is the next one's start
		for (let i = 0; i < count; i++) {
			const group = groups[i];
			rows[start[group]] = pushed[i];
			start[group] = start[group] + 1;
		}
		for (let g = groupCount; g > 0; g--) start[g] = start[g - 1];
		start[0] = 0;
	}
}

/** Number of rows in a group. */
export function sizeOf({ start }: RowGroups, group: number): number {
	return start[group + 1] - start[group];
}
