import { u8 } from "../../../protocol/schema/column.ts";
import type { GameSpec, TableSpec } from "../../../protocol/schema/define-game.ts";

/** The column that counts how often a row has jumped. */
const COUNT = "jumpCount";

function withCount(table: TableSpec): TableSpec {
	const { columns } = table;
	// who looks back at a row must know where it was not
	const rewound = columns.some((c) => c.rewound);
	const count = { ...u8().spec, jumps: true, rewound };
	return { ...table, columns: [...columns, { name: COUNT, ...count }] };
}

/** Gives the tables in which rows jump the column that tells of it. */
export function withJumps(spec: GameSpec, jumping: readonly string[]): GameSpec {
	return {
		...spec,
		tables: spec.tables.map((t) => (jumping.includes(t.name) ? withCount(t) : t)),
	};
}

/** Whether a table has that column. */
export function countsJumps({ columns }: TableSpec): boolean {
	return columns.some((c) => c.jumps);
}

/** `jump(row)` of a table; without a column to count in, the build sees whether anybody calls it. */
export function jumpMember(table: TableSpec): string {
	// a game may have had a column of that name for long
	if (table.columns.some((c) => c.name === "jump")) return "";
	const count = `${table.name}_${COUNT} + <usize>row`;
	const body = countsJumps(table) ? `\n\t\tstore<u8>(${count}, load<u8>(${count}) + 1);\n\t` : "";
	return `	/** Says that a row was put somewhere else in this tick: nobody sees it on the way. */
	static jump(row: i32): void {${body}}`;
}
