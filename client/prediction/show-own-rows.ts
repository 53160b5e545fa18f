import { readScalar } from "../../protocol/schema/scalar.ts";
import type { WireTable } from "../../protocol/wire-schema.ts";
import type { OwnRows } from "./own-rows.ts";
import type { ShownRows } from "./own-view.ts";

/** Columns that only a row's owner receives: shown where known, 0 elsewhere. */
export function ownOnlyColumns({ own, columns }: WireTable): string[] {
	return own.map(({ name }) => name).filter((name) => !columns.some((c) => c.name === name));
}

/** Fills the columns of {@link ownOnlyColumns} with what the last snapshot brought. */
export function showOwnRows(
	own: OwnRows,
	tables: readonly WireTable[],
	state: Readonly<Record<string, ShownRows>>,
): void {
	for (const { table, count, rows, values, rowBytes, offsets } of own.tables) {
		const wire = tables[table];
		const shown = state[wire.name];
		if (!shown) continue;
		const view = new DataView(values.buffer);
		for (const name of ownOnlyColumns(wire)) {
			const array = shown[name] as Float64Array;
			const c = wire.own.findIndex((column) => column.name === name);
			const { type } = wire.own[c] as WireTable["own"][number];
			array.fill(0);
			for (let k = 0; k < count; k++) {
				const at = k * rowBytes + (offsets[c] as number);
				array[rows[k] as number] = readScalar(view, at, type);
			}
		}
	}
}
