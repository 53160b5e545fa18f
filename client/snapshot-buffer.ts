import type { ChainTable } from "../protocol/codec/chain-state.ts";

/** One table of a received snapshot, as integers. */
interface TableFrame {
	used: number;
	readonly gen: Uint16Array;
	readonly values: readonly Int32Array[];
	readonly steps: readonly Int32Array[];
}

export interface SnapshotFrame {
	tick: number;
	readonly tables: readonly TableFrame[];
}

/** Snapshots kept for interpolation: a second and a half at 20 Hz. */
const FRAMES = 32;

function createFrame(tables: readonly ChainTable[]): SnapshotFrame {
	return {
		tick: -1,
		tables: tables.map(({ capacity, columns }) => ({
			used: 0,
			gen: new Uint16Array(capacity),
			values: columns.map(() => new Int32Array(capacity)),
			steps: columns.map(() => new Int32Array(capacity)),
		})),
	};
}

/** The last snapshots in a ring; frames are made once and filled again. */
export class SnapshotBuffer {
	private readonly frames: SnapshotFrame[] = [];
	private readonly chain: readonly ChainTable[];
	private count = 0;

	constructor(chain: readonly ChainTable[]) {
		this.chain = chain;
	}

	clear(): void {
		this.count = 0;
	}

	get newest(): SnapshotFrame | null {
		return this.count === 0 ? null : (this.frames[(this.count - 1) % FRAMES] as SnapshotFrame);
	}

	/** Copies the chain's present state. */
	push(tick: number): void {
		const slot = this.count % FRAMES;
		this.frames[slot] ??= createFrame(this.chain);
		const frame = this.frames[slot] as SnapshotFrame;
		frame.tick = tick;
		this.chain.forEach((table, t) => {
			const copy = frame.tables[t] as TableFrame;
			copy.used = table.used;
			copy.gen.set(table.gen.subarray(0, table.used));
			table.columns.forEach((column, c) => {
				(copy.values[c] as Int32Array).set(column.value.subarray(0, table.used));
				(copy.steps[c] as Int32Array).set(column.step.subarray(0, table.used));
			});
		});
		this.count++;
	}

	/** The two frames around `tick`; the same one twice at either end. */
	around(tick: number): [SnapshotFrame, SnapshotFrame] | null {
		const { newest } = this;
		if (newest === null) return null;
		let after = newest;
		const oldest = Math.max(0, this.count - FRAMES);
		for (let i = this.count - 1; i >= oldest; i--) {
			const frame = this.frames[i % FRAMES] as SnapshotFrame;
			if (frame.tick <= tick) return [frame, after];
			after = frame;
		}
		return [after, after];
	}
}
