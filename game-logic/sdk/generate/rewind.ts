import type { ColumnSpec } from "../../../protocol/schema/column.ts";
import type { GameSpec, TableSpec } from "../../../protocol/schema/define-game.ts";
import { isFloat, scalarBytes } from "../../../protocol/schema/scalar.ts";
import { countsJumps } from "./jumps.ts";

/** Ticks that a rewind() column remembers: as far back as the server lets a player look. */
export function rewindSlots({ rewindMs, tickRate }: GameSpec): number {
	return Math.ceil((rewindMs * tickRate) / 1000);
}

function rewoundOf({ columns }: TableSpec) {
	return columns.filter((c) => c.rewound);
}

/** Bytes that a table's memory of its past takes. */
export function pastBytes(table: TableSpec, slots: number): number {
	const rewound = rewoundOf(table);
	if (rewound.length === 0) return 0;
	const rowBytes = rewound.reduce((sum, c) => sum + scalarBytes(c.type), 2);
	return slots * (4 + table.capacity * rowBytes);
}

export function pastData(table: TableSpec, slots: number): string[] {
	const { name, capacity } = table;
	const rewound = rewoundOf(table);
	if (rewound.length === 0) return [];
	return [
		`const ${name}$stamps = memory.data(${slots * 4}, 16);`,
		`const ${name}$gens = memory.data(${slots * capacity * 2}, 16);`,
		...rewound.map(
			(c) =>
				`const ${name}$past_${c.name} = memory.data(${slots * capacity * scalarBytes(c.type)}, 16);`,
		),
	];
}

/** How to read between two ticks: as clients show the column. */
function readerOf({ type, interpolation, wrap }: ColumnSpec): string {
	if (!isFloat(type) || interpolation === "step") return "stepAt";
	return interpolation === "angle" ? "angleAt" : wrap ? "wrapAt" : "lineAt";
}

/** `xAt(row, age)` for each rewind() column x. */
export function pastMembers(table: TableSpec, slots: number): string {
	const { name, capacity } = table;
	// between the two sides of a jump a row is where it jumped from
	const beside = `${name}.jumpCountAt(row, age) == ${name}.jumpCountAt(row, floor<f32>(age)) ? age : ceil<f32>(age)`;
	return rewoundOf(table)
		.map((c) => {
			const reader = readerOf(c);
			const at = countsJumps(table) && reader !== "stepAt" ? beside : "age";
			const circle = c.wrap && reader === "wrapAt" ? `, ${c.wrap.size}, ${c.wrap.from}` : "";
			const ring = `${name}$stamps, ${name}$gens, ${name}$past_${c.name}, ${slots}, ${capacity}`;
			return `
	/** \`${c.name}\` as it was \`age\` ticks ago; a row that is younger gives its oldest known value. */
	static ${c.name}At(row: i32, age: f32): ${c.type} {
		return ${reader}<${c.type}>(${ring}, row, ${name}.gen[row], ${at}, ${name}.${c.name}[row]${circle});
	}
`;
		})
		.join("");
}

/** `remember()`: copies the rewind() columns as they are at the end of a tick. */
export function rememberFunction(tables: readonly TableSpec[], slots: number): string {
	const copies = tables.flatMap((table) => {
		const { name, capacity } = table;
		const rewound = rewoundOf(table);
		if (rewound.length === 0) return [];
		const copy = (to: string, from: string, bytes: number): string =>
			`\t\tmemory.copy(${to} + slot * ${capacity * bytes}, ${from}, used * ${bytes});`;
		return [
			"\t{",
			`\t\tconst slot = <usize>openSlot(${name}$stamps, ${slots});`,
			`\t\tconst used = <usize>${name}.used;`,
			copy(`${name}$gens`, `${name}_gen`, 2),
			...rewound.map((c) =>
				copy(`${name}$past_${c.name}`, `${name}_${c.name}`, scalarBytes(c.type)),
			),
			"\t}",
		];
	});
	// a client that predicts has no past: it sees now what it shoots at
	const body = copies.length > 0 ? ["\tif (ctx.predicting) return;", ...copies] : [];
	return `/** Keeps what the \`…At\` functions look back at; runs at the end of each tick. */
export function remember(): void {
${body.join("\n")}
}`;
}
