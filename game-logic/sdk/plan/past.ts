import type { ColumnSpec } from "../../../protocol/schema/column.ts";
import type { GameSpec, TableSpec } from "../../../protocol/schema/define-game.ts";
import { isFloat } from "../../../protocol/schema/scalar.ts";
import { countsJumps } from "./jumps.ts";

/** Ticks that a rewind() column remembers: as far back as the server lets a player look. */
export function rewindSlots({ rewindMs, tickRate }: GameSpec): number {
	return Math.ceil((rewindMs * tickRate) / 1000);
}

export function rewoundOf({ columns }: TableSpec): TableSpec["columns"] {
	return columns.filter((c) => c.rewound);
}

/** How a column is read between two ticks: as clients show it. */
type PastReader = "step" | "line" | "angle" | "wrap";

export function pastReader({ type, interpolation, wrap }: ColumnSpec): PastReader {
	if (!isFloat(type) || interpolation === "step") return "step";
	return interpolation === "angle" ? "angle" : wrap ? "wrap" : "line";
}

/** Whether a moment between the two sides of a jump must be moved to before it. */
export function stopsAtJumps(table: TableSpec, column: ColumnSpec): boolean {
	return countsJumps(table) && pastReader(column) !== "step";
}
