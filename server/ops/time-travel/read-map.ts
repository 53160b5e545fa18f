import { type LiveColumn, type LiveTable, usedRows } from "../../../protocol/abi/simulation.ts";
import type { PointSet, StateMap } from "../../../protocol/admin-answers.ts";
import { SERVER_LIMITS } from "../../limits.ts";

const NOBODY = 0xffff;

interface SpatialTable {
	readonly table: LiveTable;
	readonly xs: LiveColumn["values"];
	readonly ys: LiveColumn["values"];
	readonly owners: LiveColumn["values"] | null;
}

interface Bounds {
	minX: number;
	minY: number;
	maxX: number;
	maxY: number;
}

function findSpatial(tables: readonly LiveTable[]): SpatialTable[] {
	return tables.flatMap((table) => {
		const values = (wanted: (column: LiveColumn) => boolean) =>
			table.columns.find(wanted)?.values ?? null;
		const xs = values(({ about }) => about.axis === "x");
		const ys = values(({ about }) => about.axis === "y");
		const owners = values(({ about }) => about.owner);
		return xs && ys ? [{ table, xs, ys, owners }] : [];
	});
}

/** Calls `visit` for each live row with a position. */
function forEachPoint(
	{ table, xs, ys }: SpatialTable,
	visit: (row: number, x: number, y: number) => void,
): void {
	const used = usedRows(table);
	for (let row = 0; row < used; row++) {
		if (table.gen[row] === 0) continue;
		const x = xs[row] as number;
		const y = ys[row] as number;
		if (Number.isFinite(x) && Number.isFinite(y)) visit(row, x, y);
	}
}

function base64(words: Uint16Array, count: number): string {
	return Buffer.from(words.buffer, words.byteOffset, count * 2).toString("base64");
}

function readPoints(spatial: SpatialTable, bounds: Bounds, every: number): PointSet {
	const most = Math.ceil(usedRows(spatial.table) / every);
	const rows = new Uint16Array(most);
	const x = new Uint16Array(most);
	const y = new Uint16Array(most);
	const owners = spatial.owners && new Uint16Array(most);
	const scaleX = 65_535 / (bounds.maxX - bounds.minX || 1);
	const scaleY = 65_535 / (bounds.maxY - bounds.minY || 1);
	let count = 0;
	let seen = 0;
	forEachPoint(spatial, (row, px, py) => {
		if (seen++ % every !== 0) return;
		rows[count] = row;
		x[count] = Math.round((px - bounds.minX) * scaleX);
		y[count] = Math.round((py - bounds.minY) * scaleY);
		if (owners && spatial.owners) owners[count] = Math.min(NOBODY, Number(spatial.owners[row]));
		count++;
	});
	return {
		table: spatial.table.name,
		count,
		rows: base64(rows, count),
		x: base64(x, count),
		y: base64(y, count),
		owners: owners && base64(owners, count),
	};
}

/**
 * The positions of all rows, seen from above; null if no table has axes. Large tables are thinned out.
 */
export function readMap(tables: readonly LiveTable[]): StateMap | null {
	const spatial = findSpatial(tables);
	if (spatial.length === 0) return null;
	const bounds: Bounds = {
		minX: Number.POSITIVE_INFINITY,
		minY: Number.POSITIVE_INFINITY,
		maxX: Number.NEGATIVE_INFINITY,
		maxY: Number.NEGATIVE_INFINITY,
	};
	let points = 0;
	for (const one of spatial) {
		forEachPoint(one, (_, x, y) => {
			points++;
			if (x < bounds.minX) bounds.minX = x;
			if (x > bounds.maxX) bounds.maxX = x;
			if (y < bounds.minY) bounds.minY = y;
			if (y > bounds.maxY) bounds.maxY = y;
		});
	}
	if (points === 0) Object.assign(bounds, { minX: 0, minY: 0, maxX: 0, maxY: 0 });
	const every = Math.ceil(points / SERVER_LIMITS.mapPoints) || 1;
	return { ...bounds, every, sets: spatial.map((one) => readPoints(one, bounds, every)) };
}
