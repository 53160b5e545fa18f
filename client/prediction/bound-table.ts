import { type LiveColumn, type LiveTable, usedRows } from "../../protocol/abi/simulation.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import { is64Bit, isFloat, scalarBytes } from "../../protocol/schema/scalar.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";
import { shortWay } from "../view/circle.ts";
import type { OwnTable } from "./own-rows.ts";
import { type SharedColumn, sharedColumn } from "./requantise.ts";

/** An own column as bytes of linear memory. */
interface OwnBytes {
	readonly size: number;
	readonly bytes: Uint8Array;
}

/** The table of a running module, bound to what a server sends of it. */
export class BoundTable {
	readonly live: LiveTable;
	readonly predicted: boolean;
	/** In the order of the wire schema. */
	private readonly shared: readonly SharedColumn[];
	private readonly own: readonly OwnBytes[];
	private readonly hidden: readonly LiveColumn[];
	private readonly owners: ArrayLike<number | bigint> | null;
	private readonly axes: readonly LiveColumn[];

	private constructor(
		live: LiveTable,
		predicted: boolean,
		shared: readonly SharedColumn[],
		own: readonly OwnBytes[],
	) {
		this.live = live;
		this.predicted = predicted;
		this.shared = shared;
		this.own = own;
		this.hidden = live.columns.filter(({ about }) => about.private);
		this.owners = live.columns.find(({ about }) => about.owner)?.values ?? null;
		this.axes = live.columns.filter(({ about }) => about.axis !== null);
	}

	/** Null if the module's table differs from the one that is sent. */
	static bind(live: LiveTable, wire: WireTable): BoundTable | null {
		const find = ({ name, type }: { name: string; type: string }): LiveColumn | undefined =>
			live.columns.find(({ about }) => about.name === name && about.type === type);
		if (live.name !== wire.name || live.capacity !== wire.capacity) return null;
		const shared = wire.columns.map(find);
		const own = wire.own.map(find);
		if ([...shared, ...own].some((column) => column === undefined)) return null;
		return new BoundTable(
			live,
			wire.predicted,
			(shared as LiveColumn[]).map(sharedColumn),
			(own as LiveColumn[]).map(({ about, values }) => ({
				size: scalarBytes(about.type),
				bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
			})),
		);
	}

	clear(): void {
		this.live.gen.fill(0);
		this.live.usedCell[0] = 0;
	}

	/** Whether a live row belongs to a player. */
	isOf(player: number, row: number): boolean {
		return this.live.gen[row] !== 0 && this.owners !== null && Number(this.owners[row]) === player;
	}

	/**
	 * Sets the rows to what the server has sent. Values that quantise to the same integer stay as they
	 * are, with their finer detail. Returns whether anything changed.
	 */
	take(chain: ChainTable): boolean {
		const { live } = this;
		const used = Math.max(usedRows(live), chain.used);
		let differs = false;
		for (let row = 0; row < used; row++) {
			const gen = row < chain.used ? chain.gen[row] : 0;
			if (live.gen[row] === gen) continue;
			differs = true;
			live.gen[row] = gen;
			if (gen === 0) continue;
			this.resetHidden(row);
			for (let c = 0; c < this.shared.length; c++) {
				this.shared[c].put(row, chain.columns[c]?.value[row]);
			}
		}
		live.usedCell[0] = chain.used;
		for (let c = 0; c < this.shared.length; c++) {
			const column = this.shared[c];
			const value = chain.columns[c]?.value as Int32Array;
			for (let row = 0; row < chain.used; row++) {
				if (live.gen[row] === 0 || column.toWire(row) === value[row]) continue;
				differs = true;
				column.put(row, value[row]);
			}
		}
		return differs;
	}

	/** Writes the exact values of own rows; creates rows that were not there. */
	takeOwn(own: OwnTable): void {
		const { live } = this;
		for (let k = 0; k < own.count; k++) {
			const row = own.rows[k];
			if (live.gen[row] !== own.gens[k]) {
				live.gen[row] = own.gens[k];
				this.resetHidden(row);
				live.usedCell[0] = Math.max(usedRows(live), row + 1);
			}
			for (let c = 0; c < this.own.length; c++) {
				const { size, bytes } = this.own[c];
				const from = k * own.rowBytes + own.offsets[c];
				for (let i = 0; i < size; i++) bytes[row * size + i] = own.values[from + i];
			}
		}
	}

	/**
	 * How far the own rows here are from the server's, in units of the axis columns: -1 if they are
	 * exactly the same, 0 if something other than the position differs.
	 */
	distanceTo(own: OwnTable, player: number): number {
		const { live } = this;
		let distance = -1;
		let mine = 0;
		for (let row = 0; row < usedRows(live); row++) if (this.isOf(player, row)) mine++;
		// rows beyond what can be sent are left out
		if (Math.min(mine, own.rows.length) !== own.count) distance = 0;
		for (let k = 0; k < own.count; k++) {
			const row = own.rows[k];
			if (live.gen[row] !== own.gens[k]) distance = Math.max(distance, 0);
			else if (!this.isSame(own, k, row)) {
				distance = Math.max(distance, this.apart(own, k, row));
			}
		}
		return distance;
	}

	private isSame(own: OwnTable, k: number, row: number): boolean {
		for (let c = 0; c < this.own.length; c++) {
			const { size, bytes } = this.own[c];
			const at = k * own.rowBytes + own.offsets[c];
			for (let i = 0; i < size; i++) if (bytes[row * size + i] !== own.values[at + i]) return false;
		}
		return true;
	}

	private apart(own: OwnTable, k: number, row: number): number {
		const view = new DataView(own.values.buffer);
		let sum = 0;
		for (const { about, values } of this.axes) {
			const c = this.own.findIndex(({ bytes }) => bytes.byteOffset === values.byteOffset);
			if (c < 0) continue;
			const theirs = view.getFloat32(k * own.rowBytes + (own.offsets[c] as number), true);
			const mine = values[row] as number;
			const way = about.wrap ? shortWay(mine, theirs, about.wrap.size) : theirs - mine;
			sum += way ** 2;
		}
		return Number.isFinite(sum) ? Math.sqrt(sum) : 0;
	}

	private resetHidden(row: number): void {
		for (const { about, values } of this.hidden) {
			const big = is64Bit(about.type) && !isFloat(about.type);
			(values as Float64Array)[row] = (big ? BigInt(about.default) : about.default) as number;
		}
	}
}
