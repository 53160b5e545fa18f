import { u8 } from "../../../protocol/schema/column.ts";
import type { GameSpec, TableSpec } from "../../../protocol/schema/define-game.ts";

/** The column that counts how often a row has jumped. */
export const JUMP_COUNT = "jumpCount";

function withCount(table: TableSpec): TableSpec {
	const { columns } = table;
	// who looks back at a row must know where it was not
	const rewound = columns.some((c) => c.rewound);
	const count = { ...u8().spec, jumps: true, rewound };
	return { ...table, columns: [...columns, { name: JUMP_COUNT, ...count }] };
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

/** Whether its rows can be told to jump: a game may have had a column of that name for long. */
export function mayJump({ columns }: TableSpec): boolean {
	return !columns.some((c) => c.name === "jump");
}
