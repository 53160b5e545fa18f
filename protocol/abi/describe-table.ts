import { LIMITS } from "../limits.ts";
import { scalarBytes } from "../schema/scalar.ts";
import { checkRenames, checkUnique } from "./check-names.ts";
import { type DescribedColumn, readColumn } from "./describe-column.ts";
import { type DescriptorReader, refuse } from "./descriptor-reader.ts";
import { FIELD, TABLE, TABLE_FLAG } from "./layout.ts";

export interface DescribedTable {
	readonly name: string;
	readonly was: string | null;
	readonly capacity: number;
	/** Address of the u16 generation per row. */
	readonly gen: number;
	/** Address of the u32 "rows at or above this are free". */
	readonly used: number;
	readonly columns: readonly DescribedColumn[];
	/** Clients run the rules ahead for the rows that their player owns. */
	readonly predicted: boolean;
	/** All clients see all of it, whatever the game's interest. */
	readonly wide: boolean;
}

/** What a table may have only once. */
function checkSpecialColumns(name: string, columns: readonly DescribedColumn[]): void {
	for (const axis of ["x", "y"] as const) {
		if (columns.filter((c) => c.axis === axis).length > 1) {
			refuse("ERR_DESCRIPTOR_TYPE", `${name} has two ${axis} axes`);
		}
	}
	if (columns.filter((c) => c.jumps).length > 1) {
		refuse("ERR_DESCRIPTOR_TYPE", `${name} counts its jumps twice`);
	}
}

/** Reads one table struct at `p`, and checks it. */
export function readTable(r: DescriptorReader, p: number): DescribedTable {
	const name = r.name(r.u32(p + TABLE.name), "a table");
	const capacity = r.u32(p + TABLE.capacity);
	if (capacity < 1 || capacity > LIMITS.rows) {
		refuse("ERR_DESCRIPTOR_CAPACITY", `${name}: ${capacity} rows, at most ${LIMITS.rows}`);
	}
	const gen = r.claim(r.u32(p + TABLE.gen), capacity * 2, 2, `${name}.gen`);
	const used = r.claim(r.u32(p + TABLE.used), 4, 4, `${name}.used`);
	const columns = r
		.structs(
			r.u32(p + TABLE.columns),
			r.u16(p + TABLE.columnCount),
			r.u16(p + TABLE.columnStride),
			FIELD.size,
			LIMITS.columns,
			`columns of ${name}`,
		)
		.map((c) => readColumn(r, c, name, capacity));
	checkUnique(columns, `column of ${name}`);
	checkRenames(columns, `column of ${name}`);
	checkSpecialColumns(name, columns);
	const was = r.optionalName(r.u32(p + TABLE.was), `${name}.was`);
	const flags = r.u32(p + TABLE.flags);
	const predicted = (flags & TABLE_FLAG.predicted) !== 0;
	if ((predicted || columns.some((c) => c.ownerOnly)) && !columns.some((c) => c.owner)) {
		refuse("ERR_DESCRIPTOR_TYPE", `${name}: rows without an owner column are nobody's own`);
	}
	return {
		name,
		was,
		capacity,
		gen,
		used,
		columns,
		predicted,
		wide: (flags & TABLE_FLAG.wide) !== 0,
	};
}

/** All shared state must fit one message: a joining client gets all of it. */
export function checkKeyframe(tables: readonly DescribedTable[]): void {
	let bytes = 0;
	for (const { capacity, columns } of tables) {
		// at worst a block has a code for its numbers, which take a bit more than their type
		const shared = columns.filter((c) => !c.private);
		const values = shared.reduce((sum, c) => sum + scalarBytes(c.type) * 1.25 + 0.5, 0);
		const guesses = shared.filter((c) => c.quantisation.kind !== "exact").length * 9;
		bytes += capacity * (2.5 + values + guesses);
	}
	if (bytes > LIMITS.snapshotBytes) {
		const most = `at most ${LIMITS.snapshotBytes}`;
		refuse("ERR_DESCRIPTOR_CAPACITY", `a keyframe may take ${Math.ceil(bytes)} bytes, ${most}`);
	}
}
