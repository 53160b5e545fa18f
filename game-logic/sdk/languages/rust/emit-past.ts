import type { TableSpec } from "../../../../protocol/schema/define-game.ts";
import { JUMP_COUNT } from "../../plan/jumps.ts";
import { pastReader, rewoundOf, stopsAtJumps } from "../../plan/past.ts";
import { constantName, rustNumber, snake } from "./names.ts";

type Column = TableSpec["columns"][number];

/** The memory of a table's last ticks. */
export function pastMemory(table: TableSpec, slots: number): string {
	const { capacity } = table;
	const rewound = rewoundOf(table);
	if (rewound.length === 0) return "";
	const one = (name: string, type: Column["type"], count: number): string =>
		`pub(super) static ${name}: Column<${type}, ${count}> = Column::new(${rustNumber(type, 0)}, "${name}");`;
	return `${[
		one("PAST_STAMPS_", "u32", slots),
		one("PAST_GENS_", "u16", slots * capacity),
		...rewound.map((c) => one(`PAST_${constantName(c.name)}`, c.type, slots * capacity)),
	].join("\n")}\n`;
}

/** The way from one value to the next, and where on it the moment lies. */
function between(column: Column): string[] {
	const { type } = column;
	const is64 = type === "f64" ? "64" : "";
	const number = (value: number): string => rustNumber(type, value);
	const reader = pastReader(column);
	if (reader === "line") return ["from + (to - from) * part"];
	const way = "let way = to - from;";
	if (reader === "angle") {
		const turn = number(2 * Math.PI);
		return [way, `from + (way - ${turn} * nearest${is64}(way / ${turn})) * part`];
	}
	const { size = 0, from: begin = 0 } = column.wrap ?? {};
	const [s, b] = [number(size), number(begin)];
	return [
		way,
		`let at = from + (way - ${s} * nearest${is64}(way / ${s})) * part;`,
		`let inside = at - ${s} * floor${is64}((at - ${b}) / ${s});`,
		"// a hair below the beginning rounds to the end, which is the same place",
		`if inside < ${b} + ${s} { inside } else { ${b} }`,
	];
}

/** `x_at(age)` of a row for each rewind() column x. */
export function pastFunctions(table: TableSpec, slots: number): string {
	return rewoundOf(table)
		.map((column) => {
			const { type } = column;
			const name = constantName(column.name);
			const isStep = pastReader(column) === "step";
			const own = snake(column.name);
			const step = isStep ? `${own}_at` : `${own}_then_`;
			const doc = `    /// \`${column.name}\` as it was \`age\` ticks ago; a row that is younger gives its oldest known value.\n`;
			const stepFunction = `
${isStep ? `${doc}    pub ` : "    "}fn ${step}(self, age: f32) -> ${type} {
        match past_place(&PAST_STAMPS_, &PAST_GENS_, self.index(), GEN.get(self.index()), age) {
            Some(at) => PAST_${name}.get(at),
            None => ${name}.get(self.index()),
        }
    }
`;
			if (isStep) return stepFunction;
			const count = `${snake(JUMP_COUNT)}_at`;
			// between the two sides of a jump a row is where it jumped from
			const stop = stopsAtJumps(table, column)
				? `        let age = if self.${count}(age) != self.${count}(floor(age)) { ceil(age) } else { age };\n`
				: "";
			return `${stepFunction}
${doc}    pub fn ${own}_at(self, age: f32) -> ${type} {
${stop}        let (from, to) = (self.${step}(ceil(age)), self.${step}(floor(age)));
        let part = past_part(age, ${slots}) as ${type};
${between(column)
	.map((line) => `        ${line}`)
	.join("\n")}
    }
`;
		})
		.join("");
}
