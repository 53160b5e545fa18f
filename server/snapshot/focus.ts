import type { LiveTable } from "../../protocol/abi/simulation.ts";
import type { ColumnArray } from "../../protocol/schema/scalar.ts";

/** The focus of a viewer without a position: everywhere. */
export const EVERYWHERE = -1;

interface OwnedTable {
	readonly gen: Uint16Array;
	readonly owners: ColumnArray;
	readonly cells: Uint16Array;
	readonly used: () => number;
}

/**
 * The cell that each player looks from: that of the first row, in the schema's order of tables, that
 * the player owns in a spatial table.
 */
export class FocusFinder {
	private readonly tables: OwnedTable[] = [];
	private readonly focus: Int32Array;

	constructor(maxPlayers: number) {
		this.focus = new Int32Array(maxPlayers);
	}

	/** Adds a spatial table that has an owner column. */
	watch(table: LiveTable, used: () => number, cells: Uint16Array): void {
		const owner = table.columns.find((c) => c.about.owner);
		if (owner) this.tables.push({ gen: table.gen, owners: owner.values, cells, used });
	}

	/** Searches the owned rows again. */
	find(): void {
		const { focus } = this;
		focus.fill(EVERYWHERE);
		for (let t = this.tables.length - 1; t >= 0; t--) {
			const { gen, owners, cells, used } = this.tables[t];
			for (let row = used() - 1; row >= 0; row--) {
				if (gen[row] === 0) continue;
				const player = Number(owners[row]);
				if (player >= 0 && player < focus.length) focus[player] = cells[row];
			}
		}
	}

	/** The cell of a player, or EVERYWHERE for one who owns no row with a position. */
	of(player: number): number {
		return this.focus[player];
	}
}
