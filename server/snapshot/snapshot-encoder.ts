import type { DescribedTable } from "../../protocol/abi/describe-table.ts";
import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import { type LiveTable, type Simulation, usedRows } from "../../protocol/abi/simulation.ts";
import { CELLS, GLOBAL_CELL } from "../../protocol/codec/cell-index.ts";
import { ChunkEncoder } from "../../protocol/codec/chunk-encoder.ts";
import type { Circle } from "../../protocol/schema/column.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { ChunkSlab } from "./chunk-slab.ts";
import type { EventBoard } from "./event-board.ts";
import { EVERYWHERE, FocusFinder } from "./focus.ts";
import { Grid } from "./grid.ts";
import { OwnRowsEncoder } from "./own-rows.ts";
import { PlainTables } from "./plain-tables.ts";
import { TableQuantiser } from "./quantise.ts";
import { SharedBytes } from "./shared-bytes.ts";

/** A live table with the encoder's own data. */
interface Source {
	readonly table: LiveTable;
	readonly quantiser: TableQuantiser;
	/** Coordinates of a spatial table. */
	readonly axes: readonly [Float32Array, Float32Array] | null;
	/** Occupants when their row's cell was last looked up. */
	readonly born: Uint16Array;
}

/** The circle on which all spatial tables have an axis, or null: then the world has edges there. */
function circleOf(spatial: readonly DescribedTable[], axis: "x" | "y"): Circle | null {
	const circles = spatial.map(({ columns }) => columns.find((c) => c.axis === axis)?.wrap ?? null);
	const [first = null] = circles;
	const isSame = circles.every((c) => c?.size === first?.size && c?.from === first?.from);
	return isSame ? first : null;
}

/**
 * Turns a module's columns into chunks: quantised, sorted into cells and moved along the delta chains
 * once per room and snapshot, however many clients there are.
 */
export class SnapshotEncoder {
	readonly chunks: ChunkEncoder;
	readonly slab: ChunkSlab;
	readonly grid: Grid | null;
	/** What only the owners of rows get, of the state last captured. */
	readonly own = new OwnRowsEncoder();
	readonly plain: PlainTables;
	private readonly schema: WireSchema;
	private focus: FocusFinder;
	private sources: readonly Source[] = [];
	private quantised: readonly TableQuantiser[] = [];
	private tables: readonly LiveTable[] = [];
	private readonly windows = new Map<number, SharedBytes>();
	private readonly pool: SharedBytes[] = [];
	private readonly window: Uint16Array;
	private readonly maxPlayers: number;
	/** Ticks of the last emission, and of the one before; -1 for none. */
	tick = -1;
	previousTick = -1;
	/** The first shared value under these rules that was not a finite number. */
	oddValue: string | null = null;

	constructor(
		schema: WireSchema,
		{ interest, maxPlayers, tables }: Pick<Descriptor, "interest" | "maxPlayers" | "tables">,
		coded = false,
	) {
		this.schema = schema;
		this.plain = new PlainTables(schema);
		this.maxPlayers = maxPlayers;
		this.chunks = new ChunkEncoder(schema.tables, { coded });
		this.slab = new ChunkSlab(this.chunks);
		const spatial = tables.filter((_, t) => schema.tables[t]?.spatial);
		const circles = { x: circleOf(spatial, "x"), y: circleOf(spatial, "y") };
		this.grid = interest && spatial.length > 0 ? new Grid(interest, circles) : null;
		this.window = new Uint16Array(this.grid ? CELLS : 1);
		this.focus = new FocusFinder(maxPlayers);
	}

	get changedRows(): number {
		return this.chunks.changedRows;
	}

	/** Reads the state after `tick` out of linear memory and moves the chains to it. */
	capture(simulation: Simulation, tick: number): void {
		if (simulation.tables !== this.tables) this.attach(simulation.tables);
		for (let t = 0; t < this.sources.length; t++) {
			const { table, quantiser, axes, born } = this.sources[t];
			const used = usedRows(table);
			quantiser.capture(used, this.chunks.inputOf(t, used));
			this.oddValue ??= quantiser.oddValue;
			if (axes === null || quantiser.cells === null) continue;
			this.grid?.assign(table.gen, used, axes[0], axes[1], born, quantiser.cells);
		}
		this.chunks.advance(this.quantised, tick);
		this.previousTick = this.tick;
		this.tick = tick;
		this.slab.begin(this.previousTick, tick);
		this.windows.clear();
		this.plain.clear();
		this.own.capture(simulation);
		if (this.grid) this.focus.find();
	}

	/** Recreates all views of linear memory: memory that has grown has a new buffer. */
	private attach(tables: readonly LiveTable[]): void {
		this.tables = tables;
		this.focus = new FocusFinder(this.maxPlayers);
		this.sources = tables.map((table, t) => {
			const isSpatial = this.schema.tables[t]?.spatial === true;
			const previous = this.sources[t];
			const cells = isSpatial
				? (previous?.quantiser.cells ?? new Uint16Array(table.capacity))
				: null;
			const quantiser = new TableQuantiser(table, cells);
			const axis = (name: "x" | "y") =>
				table.columns.find((c) => c.about.axis === name)?.values as Float32Array;
			if (cells) this.focus.watch(table, () => quantiser.used, cells);
			return {
				table,
				quantiser,
				axes: isSpatial ? [axis("x"), axis("y")] : null,
				born: previous?.born ?? new Uint16Array(table.capacity),
			};
		});
		this.quantised = this.sources.map((source) => source.quantiser);
	}

	/** The cell of each row at the last emission; null for a table that all clients receive in full. */
	cellsOf(table: number): Uint16Array | null {
		return this.sources[table]?.quantiser.cells ?? null;
	}

	/** The cell that a player looks from now, or EVERYWHERE. */
	focusOf(player: number): number {
		return this.grid ? this.focus.of(player) : EVERYWHERE;
	}

	/**
	 * Writes the cells that are seen from `focus`, the nearest first, without the global one; returns
	 * how many. Seen from everywhere are those that hold, or held, anything.
	 */
	windowOf(focus: number, cells: Uint16Array): number {
		if (focus !== EVERYWHERE) return this.grid?.windowOf(focus, cells) ?? 0;
		const { index } = this.chunks;
		for (let i = 0; i < index.count; i++) cells[i] = index.cells[i];
		return index.count;
	}

	/** The bytes of this emission for viewers that look from `focus`, if `windowBytes` has made one. */
	madeWindow(focus: number): SharedBytes | undefined {
		return this.windows.get(focus);
	}

	/**
	 * The step from the last emission, as seen from `focus`: made once for all viewers that look from
	 * there and are up to date. The events of these cells follow.
	 */
	windowBytes(focus: number, events: EventBoard): SharedBytes {
		const shared = this.pool[this.windows.size] ?? new SharedBytes();
		this.pool[this.windows.size] = shared;
		this.windows.set(focus, shared);
		shared.reset();
		if (this.chunks.hasCell(GLOBAL_CELL)) this.slab.appendDelta(shared, GLOBAL_CELL);
		// line by line: the chunks of neighbouring windows lie together
		const count =
			focus === EVERYWHERE || !this.grid
				? this.windowOf(focus, this.window)
				: this.grid.linesOf(focus, this.window);
		this.slab.appendDeltas(shared, this.window, count);
		if (focus === EVERYWHERE) events.appendAll(shared, this.tick);
		else events.append(shared, this.tick, this.window, count);
		return shared;
	}
}
