import type { LiveTable } from "../../protocol/abi/simulation.ts";
import type { ColumnShape, TableShape } from "./schema-reader.ts";
import type { Row } from "./tables-reader.ts";

const float = new DataView(new ArrayBuffer(4));

/** `n` as a signed 32-bit integer, 0 for what is no number. */
function low32(n: number): number {
	if (!Number.isFinite(n)) return 0;
	const low = ((n % 2 ** 32) + 2 ** 32) % 2 ** 32;
	return low >= 2 ** 31 ? low - 2 ** 32 : low;
}

/** The formulae of PROTOCOL.md §3. */
function quantise(value: number, { type, quantisation, parameter }: ColumnShape): number {
	if (quantisation === "step") return low32(Math.floor(value * (1 / parameter) + 0.5));
	if (quantisation === "angle") {
		const turn = 2 ** parameter;
		const n = low32(Math.floor(value * (turn / (2 * Math.PI)) + 0.5));
		return ((n % turn) + turn) % turn;
	}
	if (type !== "f32") return low32(value);
	float.setFloat32(0, value);
	return float.getInt32(0);
}

/** What PROTOCOL.md says that a client must see of a module's table; `before` is the last emission. */
export function expectedRows(
	shape: Pick<TableShape, "columns">,
	live: LiveTable,
	before: ReadonlyMap<number, Row>,
): Map<number, Row> {
	const rows = new Map<number, Row>();
	for (let row = 0; row < live.usedCell[0]; row++) {
		const gen = live.gen[row];
		if (gen === 0) continue;
		const values = shape.columns.map((column) => {
			const source = live.columns.find(({ about }) => about.name === column.name);
			return quantise(Number(source?.values[row]), column);
		});
		const old = before.get(row);
		const steps = shape.columns.map(({ isGuessed, quantisation, parameter }, c) => {
			if (!isGuessed || old?.gen !== gen) return 0;
			const move = values[c] - old.values[c];
			if (quantisation !== "angle") return low32(move);
			const turn = 2 ** parameter;
			const up = ((move % turn) + turn) % turn;
			return up >= turn / 2 ? up - turn : up;
		});
		rows.set(row, { gen, values, steps });
	}
	return rows;
}
