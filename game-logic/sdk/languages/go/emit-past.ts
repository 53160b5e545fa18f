import type { TableSpec } from "../../../../protocol/schema/define-game.ts";
import { JUMP_COUNT } from "../../plan/jumps.ts";
import { pastReader, rewoundOf, stopsAtJumps } from "../../plan/past.ts";
import { exported, GO_TYPES, goNumber } from "./names.ts";

type Column = TableSpec["columns"][number];

/** The memory of a table's last ticks. */
export function pastMemory(table: TableSpec, slots: number): string {
	const { name, capacity } = table;
	const rewound = rewoundOf(table);
	if (rewound.length === 0) return "";
	const values = rewound.map(
		(c) => `\t${exported(c.name)} [${slots * capacity}]${GO_TYPES[c.type]}`,
	);
	return `
var past_${name} struct {
	stamps [${slots}]uint32
	gens [${slots * capacity}]uint16
${values.join("\n")}
}
`;
}

/** The way from one value to the next, and where on it the moment lies. */
function between(column: Column): string[] {
	const { type } = column;
	const go = GO_TYPES[type];
	const reader = pastReader(column);
	if (reader === "line") return ["return from + (to-from)*part"];
	const number = (value: number): string => `${go}(${goNumber(type, value)})`;
	const nearest = (of: string): string =>
		type === "f64" ? `math.RoundToEven(${of})` : `Nearest(${of})`;
	const floor = (of: string): string => (type === "f64" ? `math.Floor(${of})` : `Floor(${of})`);
	const way = "way := to - from";
	if (reader === "angle") {
		const turn = number(2 * Math.PI);
		return [way, `return from + (way-${turn}*${nearest(`way/${turn}`)})*part`];
	}
	const { size = 0, from: begin = 0 } = column.wrap ?? {};
	const [s, b] = [number(size), number(begin)];
	return [
		way,
		`at := from + (way-${s}*${nearest(`way/${s}`)})*part`,
		`inside := at - ${s}*${floor(`(at-${b})/${s}`)}`,
		"// a hair below the beginning rounds to the end, which is the same place",
		`if inside < ${b}+${s} {`,
		"\treturn inside",
		"}",
		`return ${b}`,
	];
}

/** `XAt(row, age)` for each rewind() column x. */
export function pastFunctions(table: TableSpec, slots: number): string {
	const { name } = table;
	const past = `past_${name}`;
	return rewoundOf(table)
		.map((column) => {
			const own = exported(column.name);
			const type = GO_TYPES[column.type];
			const isStep = pastReader(column) === "step";
			const step = isStep ? `${own}At` : `then_${column.name}`;
			const doc = `// ${own}At is ${column.name} as it was age ticks ago; a row that is younger gives its oldest known value.\n`;
			const stepFunction = `
${isStep ? doc : ""}func (t *table_${name}) ${step}(row int, age float32) ${type} {
	if at := pastPlace(${past}.stamps[:], ${past}.gens[:], row, t.Gen[row], age); at >= 0 {
		return ${past}.${own}[at]
	}
	return t.${own}[row]
}
`;
			if (isStep) return stepFunction;
			const count = `${exported(JUMP_COUNT)}At`;
			// between the two sides of a jump a row is where it jumped from
			const stop = stopsAtJumps(table, column)
				? `\tif t.${count}(row, age) != t.${count}(row, Floor(age)) {\n\t\tage = Ceil(age)\n\t}\n`
				: "";
			return `${stepFunction}
${doc}func (t *table_${name}) ${own}At(row int, age float32) ${type} {
${stop}	from, to := t.${step}(row, Ceil(age)), t.${step}(row, Floor(age))
	part := ${type}(pastPart(age, ${slots}))
${between(column)
	.map((line) => `\t${line}`)
	.join("\n")}
}
`;
		})
		.join("");
}
