import { NEAR_BYTES, VIEW_AGE_PER_TICK } from "../../../../protocol/abi/layout.ts";
import type { GameSpec, RecordSpec, TableSpec } from "../../../../protocol/schema/define-game.ts";
import { type ScalarName, scalarBytes } from "../../../../protocol/schema/scalar.ts";
import { countsJumps, JUMP_COUNT, mayJump } from "../../plan/jumps.ts";
import type { Plan } from "../../plan/plan.ts";
import { inputColumns, type Region, regionBytes } from "../../plan/regions.ts";
import type { Constant } from "../../plan/static-words.ts";
import { emitEffects } from "./emit-effects.ts";
import { pastMembers, rememberFunction } from "./emit-past.ts";

/** `jump(row)` of a table; without a column to count in, the build sees whether anybody calls it. */
function jumpMember(table: TableSpec): string {
	if (!mayJump(table)) return "";
	const count = `${table.name}_${JUMP_COUNT} + <usize>row`;
	const body = countsJumps(table) ? `\n\t\tstore<u8>(${count}, load<u8>(${count}) + 1);\n\t` : "";
	return `	/** Says that a row was put somewhere else in this tick: nobody sees it on the way. */
	static jump(row: i32): void {${body}}`;
}

function columnMember(table: string, name: string, type: ScalarName): string {
	return `\t@lazy static readonly ${name}: Column<${type}> = changetype<Column<${type}>>(${table}_${name});`;
}

function tableClass(table: TableSpec, slots: number): string {
	const { name, capacity, columns } = table;
	const defaults = columns.map((c) => {
		const value = c.type === "bool" ? String(c.default !== 0) : `<${c.type}>${c.default}`;
		return `\t\t\tstore<${c.type}>(${name}_${c.name} + <usize>row * ${scalarBytes(c.type)}, ${value});`;
	});
	return `export class ${name} {
\t@lazy static readonly capacity: i32 = ${capacity};
\t@lazy static readonly gen: Column<u16> = changetype<Column<u16>>(${name}_gen);
${columns.map((c) => columnMember(name, c.name, c.type)).join("\n")}

\t/** Rows at or above this one are free. */
\t@inline static get used(): i32 {
\t\treturn load<i32>(${name}$state);
\t}

\t@inline static alive(row: i32): bool {
\t\treturn load<u16>(${name}_gen + (<usize>row << 1)) != 0;
\t}

\t/** The lowest free row with every column at its default, or -1 when the table is full. */
\tstatic spawn(): i32 {
\t\tconst row = spawnRow(${name}_gen, ${name}$state, ${capacity});
\t\tif (row >= 0) {
${defaults.join("\n")}
\t\t}
\t\treturn row;
\t}

\t@inline static free(row: i32): void {
\t\tfreeRow(${name}_gen, ${name}$state, row);
\t}

${jumpMember(table)}
${pastMembers(table, slots)}}`;
}

function eventFunctions(event: { name: string } & RecordSpec, id: number): string {
	const parameters = event.fields.map((f) => `${f.name}: ${f.type}`);
	// a "$" where a field of the event has that name already
	const free = (name: string): string =>
		event.fields.some((f) => f.name === name) ? `${name}$` : name;
	const [at, player, x, y, radius] = ["at", "player", "centreX", "centreY", "radius"].map(free);
	const stores = (shift: number) =>
		event.fields
			.map((f) => `\t\tstore<${f.type}>(${at}, ${f.name}, ${f.offset + shift});`)
			.join("\n");
	const one = (suffix: string, extra: string[], target: string, to: string, shift: number) =>
		`\tstatic ${event.name}${suffix}(${[...extra, ...parameters].join(", ")}): void {
\t\tconst ${at} = appendEvent(${target}, ${event.size + shift}, ${to}, ${id});
\t\tif (${at} == 0) return;
${shift > 0 ? `\t\tstore<f32>(${at}, ${x});\n\t\tstore<f32>(${at}, ${y}, 4);\n\t\tstore<f32>(${at}, ${radius}, 8);\n` : ""}${stores(shift)}
\t}`;
	return [
		one("", [], "TO_ALL", "0", 0),
		one("To", [`${player}: i32`], "TO_PLAYER", `<u16>${player}`, 0),
		one("Near", [`${x}: f32`, `${y}: f32`, `${radius}: f32`], "TO_NEAR", "0", NEAR_BYTES),
	].join("\n\n");
}

function inputClass(spec: GameSpec): string {
	const members = spec.input.fields.map((f) => columnMember("input", f.name, f.type));
	members.push(
		"\t/** Ticks before this one that the moment lies which the player saw; 0 if unknown. */",
		columnMember("input", "viewAge", "f32"),
	);
	const copies = spec.input.fields.map(
		(f) =>
			`\tstore<${f.type}>(input_${f.name} + <usize>player * ${scalarBytes(f.type)}, load<${f.type}>(at, ${f.offset}));`,
	);
	const clears = spec.input.fields.map(
		(f) =>
			`\tstore<${f.type}>(input_${f.name} + <usize>player * ${scalarBytes(f.type)}, ${f.type === "bool" ? "false" : "0"});`,
	);
	return `/** The input of each player in this tick: \`input.name[player]\`. */
export class input {
${members.join("\n")}
}

/** Copies an input record, its payload at \`at\`, to the player's columns. */
export function applyInput(player: i32, at: usize): void {
${copies.join("\n")}
	store<f32>(input_viewAge + (<usize>player << 2), <f32>load<u16>(at - 2) * <f32>${1 / VIEW_AGE_PER_TICK});
}

export function clearInput(player: i32): void {
${clears.join("\n")}
	store<f32>(input_viewAge + (<usize>player << 2), 0);
}`;
}

/** The numbers of a text's bytes, or of the words of a struct, in which a pointer is a name. */
function constantLine(constant: Constant): string {
	if ("text" in constant) {
		const bytes = [...new TextEncoder().encode(constant.text), 0].join(", ");
		return `const ${constant.name} = memory.data<u8>([${bytes}]); // "${constant.text}"`;
	}
	const words = constant.words.map((word) =>
		typeof word === "number" ? String(word) : `<u32>${word.at}`,
	);
	return `const ${constant.name} = memory.data<u32>([${words.join(", ")}]);`;
}

function regionLine(region: Region): string {
	const isShared = region.name === "INBOX" || region.name === "OUTBOX";
	const head = isShared ? `@lazy export const ${region.name}: usize` : `const ${region.name}`;
	return `${head} = memory.data(${regionBytes(region)}, ${region.align});`;
}

/**
 * The same with bounds: what the columns of tables and inputs are made of, each with what lies before it. No line is
 * added before the last: places in the file are those of the layout without bounds.
 */
export function emitCheckedLayout(plan: Plan): string {
	const { spec } = plan;
	const of = (table: string, rows: number, columns: readonly { name: string }[]): Checked[] =>
		columns.map(({ name }) => ({ region: `${table}_${name}`, name: `${table}.${name}`, rows }));
	const checked = [
		...spec.tables.flatMap(({ name, capacity, columns }) =>
			of(name, capacity, [{ name: "gen" }, ...columns]),
		),
		...of("input", spec.maxPlayers, inputColumns(spec)),
	];
	let text = emitLayout(plan)
		.replaceAll(/\bColumn</g, "CheckedColumn<")
		.replace(
			'import { Column } from "hotstep/assembly";',
			'import { CHECK_BYTES, CheckedColumn, describeColumn } from "hotstep/assembly/checked-column";',
		);
	for (const { region } of checked) {
		text = text.replace(
			new RegExp(`^const ${region} = memory\\.data\\((\\d+), \\d+\\);$`, "m"),
			`const ${region} = memory.data($1 + 16, 16) + CHECK_BYTES;`,
		);
	}
	const lines = checked.map(
		({ region, name, rows }) => `describeColumn(${region}, ${rows}, "${name}");`,
	);
	return `${text}\n${lines.join("\n")}\n`;
}

interface Checked {
	readonly region: string;
	readonly name: string;
	readonly rows: number;
}

/** Writes the AssemblyScript module that lays out a game's state in static memory and describes it. */
export function emitLayout({ spec, slots, outboxBytes, regions, constants }: Plan): string {
	const [inbox, outbox, ...rest] = regions.map(regionLine);
	return `// Generated by \`hotstep build\` from schema.ts: change that file, not this one.
import { Column } from "hotstep/assembly";
import { CTX, ctx } from "hotstep/assembly/context";
import { ${spec.effects.length > 0 ? "appendEffect, " : ""}appendEvent, ${spec.effects.length > 0 ? "NOBODY, " : ""}TO_ALL, TO_NEAR, TO_PLAYER } from "hotstep/assembly/outbox";
import { angleAt, lineAt, openSlot, stepAt, wrapAt } from "hotstep/assembly/rewind";
import { freeRow, spawnRow } from "hotstep/assembly/table";

const MAX_PLAYERS: i32 = ${spec.maxPlayers};
${inbox}
${outbox}
@lazy export const OUTBOX_BYTES: u32 = ${outboxBytes};

${rest.join("\n")}

${spec.tables.map((table) => tableClass(table, slots)).join("\n\n")}

${inputClass(spec)}

/** Sends an event: to all, to one player (\`…To\`), or to those near a point (\`…Near\`). */
export class emit {
${spec.events.map(eventFunctions).join("\n\n")}
}

${emitEffects(spec.effects)}
/** Forgets where free rows were last found: the host has put other rows here. */
export function forgetFreeRows(): void {
${spec.tables.map(({ name }) => `\tstore<u32>(${name}$state, 0, 4);`).join("\n")}
}

${rememberFunction(spec.tables, slots)}

${constants.map(constantLine).join("\n")}

export function describe(): usize {
	return descriptor$;
}
`;
}
