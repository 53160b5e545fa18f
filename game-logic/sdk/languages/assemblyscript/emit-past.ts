import type { TableSpec } from "../../../../protocol/schema/define-game.ts";
import { scalarBytes } from "../../../../protocol/schema/scalar.ts";
import { pastReader, rewoundOf, stopsAtJumps } from "../../plan/past.ts";

/** `xAt(row, age)` for each rewind() column x. */
export function pastMembers(table: TableSpec, slots: number): string {
	const { name, capacity } = table;
	// between the two sides of a jump a row is where it jumped from
	const beside = `${name}.jumpCountAt(row, age) == ${name}.jumpCountAt(row, floor<f32>(age)) ? age : ceil<f32>(age)`;
	return rewoundOf(table)
		.map((c) => {
			const reader = `${pastReader(c)}At`;
			const at = stopsAtJumps(table, c) ? beside : "age";
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
