import type { WireColumn, WireTable } from "../../protocol/wire-schema.ts";
import type { ColumnShape, TableShape } from "../conformance/schema-reader.ts";

/** Whether both ends guess the column to keep moving. */
export function isGuessed({ quantisation, interpolation }: WireColumn): boolean {
	return quantisation.kind !== "exact" && interpolation !== "step";
}

/** A table as the reader written from PROTOCOL.md takes it. */
export function documentShape(table: WireTable): TableShape {
	const { name, capacity, columns, spatial, predicted, own } = table;
	return {
		name,
		capacity,
		isSpatial: spatial,
		isPredicted: predicted,
		own: [...own],
		columns: columns.map((column): ColumnShape => {
			const { quantisation: q } = column;
			return {
				name: column.name,
				type: column.type,
				quantisation: q.kind,
				parameter: q.kind === "step" ? q.step : q.kind === "angle" ? q.bits : 0,
				isGuessed: isGuessed(column),
				isOwner: false,
			};
		}),
	};
}
