import type { TableSpec } from "../../../../protocol/schema/define-game.ts";
import { JUMP_COUNT } from "../../plan/jumps.ts";
import { pastReader, rewoundOf, stopsAtJumps } from "../../plan/past.ts";
import { zigName, zigNumber } from "./names.ts";

type Column = TableSpec["columns"][number];

/** The memory of a table's last ticks; what it remembers of a column has the column's name. */
export function pastMemory(table: TableSpec, slots: number): string {
	const { name, capacity } = table;
	const rewound = rewoundOf(table);
	if (rewound.length === 0) return "";
	const values = rewound.map((c) => {
		const value = c.type === "bool" ? "false" : "0";
		return `    var ${zigName(c.name)}: [${slots * capacity}]${c.type} align(16) = @splat(${value});`;
	});
	return `
const @"${name}$past" = struct {
    var stamps: [${slots}]u32 align(16) = @splat(0);
    var gens: [${slots * capacity}]u16 align(16) = @splat(0);
${values.join("\n")}
    const ring = hotstep.Past(${slots}, ${capacity}){ .stamps = &stamps, .gens = &gens };
};
`;
}

/** The way from one value to the next, and where on it the moment lies. */
function between(column: Column): string[] {
	const reader = pastReader(column);
	const { type } = column;
	const number = (value: number): string => zigNumber(type, value);
	if (reader === "line") return ["return hs_from + (hs_to - hs_from) * hs_part;"];
	const way = "const hs_way = hs_to - hs_from;";
	if (reader === "angle") {
		const turn = number(2 * Math.PI);
		return [
			way,
			`return hs_from + (hs_way - ${turn} * hotstep.nearest(${type}, hs_way / ${turn})) * hs_part;`,
		];
	}
	const { size = 0, from: begin = 0 } = column.wrap ?? {};
	const [s, b] = [number(size), number(begin)];
	return [
		way,
		`const hs_at: ${type} = hs_from + (hs_way - ${s} * hotstep.nearest(${type}, hs_way / ${s})) * hs_part;`,
		`const hs_inside = hs_at - ${s} * @floor((hs_at - ${b}) / ${s});`,
		"// a hair below the beginning rounds to the end, which is the same place",
		`return if (hs_inside < @as(${type}, ${b}) + ${s}) hs_inside else ${b};`,
	];
}

/** `xAt(row, age)` for each rewind() column x. */
export function pastFunctions(table: TableSpec, slots: number): string {
	const { name, capacity } = table;
	const past = `@"${name}$past"`;
	return rewoundOf(table)
		.map((column) => {
			const { type } = column;
			const own = zigName(column.name);
			const isStep = pastReader(column) === "step";
			const step = isStep ? `${column.name}At` : `@"${column.name}$then"`;
			const doc = `    /// \`${column.name}\` as it was \`age\` ticks ago; a row that is younger gives its oldest known value.\n`;
			const stepFunction = `
${isStep ? `${doc}    pub ` : "    "}fn ${step}(hs_row: usize, hs_age: f32) ${type} {
        const hs_at = ${past}.ring.place(hs_row, gen[hs_row], hs_age) orelse return ${own}[hs_row];
        return ${past}.${own}[hs_at];
    }
`;
			if (isStep) return stepFunction;
			const count = `${JUMP_COUNT}At`;
			// between the two sides of a jump a row is where it jumped from
			const stop = stopsAtJumps(table, column)
				? `if (${count}(hs_row, hs_age) != ${count}(hs_row, @floor(hs_age))) @ceil(hs_age) else hs_age`
				: "hs_age";
			return `${stepFunction}
${doc}    pub fn ${column.name}At(hs_row: usize, hs_age: f32) ${type} {
        const hs_moment = ${stop};
        const hs_from = ${step}(hs_row, @ceil(hs_moment));
        const hs_to = ${step}(hs_row, @floor(hs_moment));
        const hs_part: ${type} = hotstep.Past(${slots}, ${capacity}).part(hs_moment);
${between(column)
	.map((line) => `        ${line}`)
	.join("\n")}
    }
`;
		})
		.join("");
}
