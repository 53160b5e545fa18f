import { type LiveColumn, type LiveTable, usedRows } from "../../protocol/abi/simulation.ts";
import { isFloat } from "../../protocol/schema/scalar.ts";
import type { BoundTable } from "./bound-table.ts";
import type { PredictedWorld } from "./predicted-world.ts";
import { decayed, shortWay } from "./smoothing.ts";

/** Steps of quantisation that count as a metre: Gaffer's cubes of 1 m travelled in steps of 1/512 m. */
const STEPS_PER_METRE = 512;
/** A row that was set so far off has been put somewhere else: nobody wants to see it slide there. */
const TELEPORT_METRES = 16;
/** A frame longer than that was no frame: whatever is left of an offset goes. */
const LONGEST_FRAME_SECONDS = 1;

/** One table as a client shows it: an array for each column. */
export interface ShownRows {
	used: number;
	readonly gen: Uint16Array;
	readonly [column: string]: unknown;
}

class ViewColumn {
	readonly name: string;
	private readonly kind: "step" | "linear" | "angle";
	private readonly metre: number;
	private readonly before: Float64Array;
	/** What was shown when a correction came, then how far the view still lies off. */
	private readonly held: Float64Array;
	private readonly offset: Float64Array;
	values: LiveColumn["values"];

	constructor({ about, values }: LiveColumn, capacity: number) {
		const { name, type, interpolation, quantisation: q } = about;
		this.name = name;
		this.values = values;
		this.kind = isFloat(type) ? interpolation : "step";
		this.metre = q.kind === "step" ? q.step * STEPS_PER_METRE : 1;
		this.before = new Float64Array(capacity);
		this.held = new Float64Array(capacity);
		this.offset = new Float64Array(capacity);
	}

	remember(row: number): void {
		this.before[row] = Number(this.values[row]);
	}

	/** Between the last two ticks; only as of the last one if the row is new. */
	private pose(row: number, share: number): number {
		const now = Number(this.values[row]);
		if (this.kind === "step" || share >= 1) return now;
		const before = this.before[row] as number;
		const way = this.kind === "angle" ? shortWay(before, now) : now - before;
		return before + way * share;
	}

	hold(row: number, share: number): void {
		this.held[row] = this.pose(row, share) + (this.offset[row] as number);
	}

	release(row: number, share: number): void {
		if (this.kind === "step") return;
		const pose = this.pose(row, share);
		const held = this.held[row] as number;
		const way = this.kind === "angle" ? shortWay(pose, held) : held - pose;
		this.offset[row] = Math.abs(way) > TELEPORT_METRES * this.metre ? 0 : way;
	}

	decay(row: number, seconds: number): void {
		if (this.offset[row] === 0) return;
		this.offset[row] = decayed(this.offset[row] as number, this.metre, seconds);
	}

	forget(row: number): void {
		this.offset[row] = 0;
	}

	shown(row: number, share: number): number {
		return this.pose(row, share) + (this.offset[row] as number);
	}
}

/** The own rows of one predicted table. */
class ViewTable {
	readonly place: number;
	private table: BoundTable;
	private live: LiveTable;
	private readonly columns: readonly ViewColumn[];
	private readonly rows: Uint16Array;
	private count = 0;
	/** Generations one tick before, and when a correction came. */
	private readonly genBefore: Uint16Array;
	private readonly genHeld: Uint16Array;

	constructor(table: BoundTable, place: number) {
		const { live } = table;
		this.place = place;
		this.table = table;
		this.live = live;
		this.columns = live.columns.map((column) => new ViewColumn(column, live.capacity));
		this.rows = new Uint16Array(live.capacity);
		this.genBefore = new Uint16Array(live.capacity);
		this.genHeld = new Uint16Array(live.capacity);
	}

	/** Takes the views of the module's present memory. */
	bind(table: BoundTable): void {
		if (table === this.table) return;
		this.table = table;
		this.live = table.live;
		this.columns.forEach((column, c) => {
			column.values = (table.live.columns[c] as LiveColumn).values;
		});
	}

	find(player: number): void {
		const { table, live } = this;
		const used = usedRows(live);
		this.count = 0;
		for (let row = 0; row < used; row++) {
			if (table.isOf(player, row)) this.rows[this.count++] = row;
		}
	}

	remember(): void {
		const { rows, live, genBefore } = this;
		genBefore.fill(0, 0, usedRows(live));
		for (let k = 0; k < this.count; k++) {
			const row = rows[k] as number;
			genBefore[row] = live.gen[row] as number;
			for (const column of this.columns) column.remember(row);
		}
	}

	/** `share`, or 1 for a row that was not there a tick ago. */
	private shareOf(row: number, share: number): number {
		return this.genBefore[row] === this.live.gen[row] ? share : 1;
	}

	hold(share: number): void {
		const { rows, live, genHeld } = this;
		genHeld.fill(0);
		for (let k = 0; k < this.count; k++) {
			const row = rows[k] as number;
			genHeld[row] = live.gen[row] as number;
			for (const column of this.columns) column.hold(row, this.shareOf(row, share));
		}
	}

	release(share: number): void {
		const { rows, live, genHeld } = this;
		for (let k = 0; k < this.count; k++) {
			const row = rows[k] as number;
			const isSame = genHeld[row] === live.gen[row];
			for (const column of this.columns) {
				if (isSame) column.release(row, this.shareOf(row, share));
				else column.forget(row);
			}
		}
	}

	decay(seconds: number): void {
		for (let k = 0; k < this.count; k++) {
			for (const column of this.columns) column.decay(this.rows[k] as number, seconds);
		}
	}

	show(player: number, owner: Float64Array | undefined, shown: ShownRows, share: number): void {
		const { rows, live } = this;
		// own rows of the past that is shown of the others are not there
		for (let row = 0; row < shown.used; row++) {
			if (shown.gen[row] !== 0 && owner?.[row] === player) shown.gen[row] = 0;
		}
		for (let k = 0; k < this.count; k++) {
			const row = rows[k] as number;
			// a free row below `used` must say so
			for (let free = shown.used; free < row; free++) shown.gen[free] = 0;
			shown.used = Math.max(shown.used, row + 1);
			shown.gen[row] = live.gen[row] as number;
			for (const column of this.columns) {
				const array = shown[column.name] as Float64Array | undefined;
				if (array) array[row] = column.shown(row, this.shareOf(row, share));
			}
		}
	}
}

/**
 * Shows the own rows between the last two ticks computed ahead. When a correction moves them, the view
 * keeps showing them where they were and lets the distance fade: the simulation never hears of it.
 */
export class OwnView {
	private readonly world: PredictedWorld;
	private readonly player: number;
	private readonly tables: readonly ViewTable[];
	private share = 1;
	private lastMs = -1;

	constructor(world: PredictedWorld, player: number) {
		this.world = world;
		this.player = player;
		this.tables = world.tables.flatMap((table, t) =>
			table.predicted ? [new ViewTable(table, t)] : [],
		);
	}

	private bind(): void {
		for (const table of this.tables) table.bind(this.world.tables[table.place] as BoundTable);
	}

	beforeTick(): void {
		for (const table of this.tables) table.remember();
	}

	afterTick(): void {
		this.bind();
		for (const table of this.tables) table.find(this.player);
	}

	/** Before the world is replaced: notes what is shown. */
	hold(): void {
		for (const table of this.tables) table.hold(this.share);
	}

	/** The world is another now, of an earlier tick. */
	restart(): void {
		this.bind();
		for (const table of this.tables) {
			table.find(this.player);
			table.remember();
		}
	}

	/** The world has been brought to the tick that was shown: what is shown stays where it was. */
	release(): void {
		for (const table of this.tables) table.release(this.share);
	}

	/** Moves on to the moment `share` of the way to the newest tick. */
	moveTo(share: number, nowMs: number): void {
		const seconds = this.lastMs < 0 ? 0 : (nowMs - this.lastMs) / 1000;
		this.lastMs = nowMs;
		this.share = share;
		for (const table of this.tables) table.decay(Math.min(seconds, LONGEST_FRAME_SECONDS));
	}

	/** Puts the own rows over what is shown of the past. */
	show(state: Readonly<Record<string, ShownRows>>, ownerColumns: readonly (string | null)[]): void {
		for (const table of this.tables) {
			const { name } = (this.world.tables[table.place] as BoundTable).live;
			const shown = state[name];
			if (!shown) continue;
			const owner = ownerColumns[table.place];
			const owners = owner ? (shown[owner] as Float64Array) : undefined;
			table.show(this.player, owners, shown, this.share);
		}
	}
}
