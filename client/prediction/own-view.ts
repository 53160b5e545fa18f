import { type LiveColumn, type LiveTable, usedRows } from "../../protocol/abi/simulation.ts";
import { isFloat } from "../../protocol/schema/scalar.ts";
import { inCircle, shortWay } from "../view/circle.ts";
import type { BoundTable } from "./bound-table.ts";
import type { PredictedWorld } from "./predicted-world.ts";
import { decayed } from "./smoothing.ts";

/** Steps of quantisation that count as a metre: Gaffer's cubes of 1 m travelled in steps of 1/512 m. */
const STEPS_PER_METRE = 512;
/** A row corrected by this much has been moved: it should not be seen sliding there. */
const TELEPORT_METRES = 16;
/**
 * The same while a jump is so recent that the rules have run it here but the server has not confirmed
 * it.
 */
const LANDING_METRES = 1;
/** After a longer gap between frames, what remains of an offset is dropped. */
const LONGEST_FRAME_SECONDS = 1;

/** One table as a client shows it: an array for each column. */
export interface ShownRows {
	used: number;
	readonly gen: Uint16Array;
	readonly [column: string]: unknown;
}

class ViewColumn {
	readonly name: string;
	private readonly kind: "step" | "linear" | "circle";
	/** Size of the circle, and its start, if values lie on one. */
	private readonly turn: number;
	private readonly from: number | null;
	private readonly metre: number;
	private readonly before: Float64Array;
	/** What was shown when a correction came, then how far the view still is from it. */
	private readonly held: Float64Array;
	private readonly offset: Float64Array;
	values: LiveColumn["values"];

	constructor({ about, values }: LiveColumn, capacity: number) {
		const { name, type, interpolation, wrap, quantisation: q } = about;
		this.name = name;
		this.values = values;
		const isCircle = wrap !== null || interpolation === "angle";
		this.kind =
			!isFloat(type) || interpolation === "step" ? "step" : isCircle ? "circle" : "linear";
		this.turn = wrap?.size ?? 2 * Math.PI;
		this.from = wrap?.from ?? null;
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
		const before = this.before[row];
		return before + this.way(before, now) * share;
	}

	private way(from: number, to: number): number {
		return this.kind === "circle" ? shortWay(from, to, this.turn) : to - from;
	}

	hold(row: number, share: number): void {
		this.held[row] = this.pose(row, share) + this.offset[row];
	}

	release(row: number, share: number, mostMetres: number): void {
		if (this.kind === "step") return;
		const pose = this.pose(row, share);
		const held = this.held[row];
		const way = this.way(pose, held);
		this.offset[row] = Math.abs(way) > mostMetres * this.metre ? 0 : way;
	}

	decay(row: number, seconds: number): void {
		if (this.offset[row] === 0) return;
		this.offset[row] = decayed(this.offset[row], this.metre, seconds);
	}

	forget(row: number): void {
		this.offset[row] = 0;
	}

	shown(row: number, share: number): number {
		const value = this.pose(row, share) + this.offset[row];
		return this.from === null ? value : inCircle(value, this.turn, this.from);
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
	/** The column that counts a row's jumps, and what it was at those moments. */
	private jumps: LiveColumn["values"] | null = null;
	private readonly jumpsBefore: Uint8Array;
	private readonly jumpsHeld: Uint8Array;
	/** In the world that replaced the last one, and in the one before: what the server has sent. */
	private readonly jumpsConfirmed: Uint8Array;
	private readonly jumpsKnown: Uint8Array;

	constructor(table: BoundTable, place: number) {
		const { live } = table;
		this.place = place;
		this.table = table;
		this.live = live;
		this.columns = live.columns.map((column) => new ViewColumn(column, live.capacity));
		this.rows = new Uint16Array(live.capacity);
		this.genBefore = new Uint16Array(live.capacity);
		this.genHeld = new Uint16Array(live.capacity);
		this.jumpsBefore = new Uint8Array(live.capacity);
		this.jumpsHeld = new Uint8Array(live.capacity);
		this.jumpsConfirmed = new Uint8Array(live.capacity);
		this.jumpsKnown = new Uint8Array(live.capacity);
		this.findJumps();
	}

	private findJumps(): void {
		this.jumps = this.live.columns.find(({ about }) => about.jumps)?.values ?? null;
	}

	private jumpsOf(row: number): number {
		return this.jumps === null ? 0 : Number(this.jumps[row]);
	}

	/** Takes the views of the module's present memory. */
	bind(table: BoundTable): void {
		if (table === this.table) return;
		this.table = table;
		this.live = table.live;
		this.columns.forEach((column, c) => {
			column.values = table.live.columns[c].values;
		});
		this.findJumps();
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
			const row = rows[k];
			genBefore[row] = live.gen[row];
			this.jumpsBefore[row] = this.jumpsOf(row);
			for (const column of this.columns) column.remember(row);
		}
	}

	restart(): void {
		this.remember();
		for (let k = 0; k < this.count; k++) {
			const row = this.rows[k];
			this.jumpsConfirmed[row] = this.jumpsBefore[row];
		}
	}

	/** `share`, or 1 for a row that was not there a tick ago, or has jumped since. */
	private shareOf(row: number, share: number): number {
		const isSame = this.genBefore[row] === this.live.gen[row];
		return isSame && this.jumpsBefore[row] === this.jumpsOf(row) ? share : 1;
	}

	/** How far a row may slide to its corrected place: the landing point of a jump was a guess. */
	private slideOf(row: number): number {
		if (this.genHeld[row] !== this.live.gen[row]) return 0;
		const jumps = this.jumpsOf(row);
		if (this.jumpsHeld[row] !== jumps) return 0;
		return this.jumpsKnown[row] === jumps ? TELEPORT_METRES : LANDING_METRES;
	}

	hold(share: number): void {
		const { rows, live, genHeld } = this;
		genHeld.fill(0);
		for (let k = 0; k < this.count; k++) {
			const row = rows[k];
			genHeld[row] = live.gen[row];
			this.jumpsHeld[row] = this.jumpsOf(row);
			for (const column of this.columns) column.hold(row, this.shareOf(row, share));
		}
	}

	release(share: number): void {
		for (let k = 0; k < this.count; k++) {
			const row = this.rows[k];
			const metres = this.slideOf(row);
			for (const column of this.columns) {
				if (metres > 0) column.release(row, this.shareOf(row, share), metres);
				else column.forget(row);
			}
		}
		this.jumpsKnown.set(this.jumpsConfirmed);
	}

	decay(seconds: number): void {
		for (let k = 0; k < this.count; k++) {
			for (const column of this.columns) column.decay(this.rows[k], seconds);
		}
	}

	show(player: number, owner: Float64Array | undefined, shown: ShownRows, share: number): void {
		const { rows, live } = this;
		// the past that is shown for other rows has no own rows
		for (let row = 0; row < shown.used; row++) {
			if (shown.gen[row] !== 0 && owner?.[row] === player) shown.gen[row] = 0;
		}
		for (let k = 0; k < this.count; k++) {
			const row = rows[k];
			// a free row below `used` must be marked free
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
 * keeps showing them where they were and lets the distance fade; the simulation is not affected.
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
		for (const table of this.tables) table.bind(this.world.tables[table.place]);
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

	/** The world has been replaced by one of an earlier tick. */
	restart(): void {
		this.bind();
		for (const table of this.tables) {
			table.find(this.player);
			table.restart();
		}
	}

	/** The world has caught up with the tick shown: the view stays where it was. */
	release(): void {
		for (const table of this.tables) table.release(this.share);
	}

	/** Advances to the moment `share` of the way to the newest tick. */
	moveTo(share: number, nowMs: number): void {
		const seconds = this.lastMs < 0 ? 0 : (nowMs - this.lastMs) / 1000;
		this.lastMs = nowMs;
		this.share = share;
		for (const table of this.tables) table.decay(Math.min(seconds, LONGEST_FRAME_SECONDS));
	}

	/** Draws the own rows over the past that is shown. */
	show(state: Readonly<Record<string, ShownRows>>, ownerColumns: readonly (string | null)[]): void {
		for (const table of this.tables) {
			const { name } = this.world.tables[table.place].live;
			const shown = state[name];
			if (!shown) continue;
			const owner = ownerColumns[table.place];
			const owners = owner ? (shown[owner] as Float64Array) : undefined;
			table.show(this.player, owners, shown, this.share);
		}
	}
}
