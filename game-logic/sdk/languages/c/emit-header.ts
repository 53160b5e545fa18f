import { NEAR_BYTES } from "../../../../protocol/abi/layout.ts";
import type { RecordSpec, TableSpec } from "../../../../protocol/schema/define-game.ts";
import { countsJumps, JUMP_COUNT, mayJump } from "../../plan/jumps.ts";
import { pastReader, rewoundOf, stopsAtJumps } from "../../plan/past.ts";
import type { Plan } from "../../plan/plan.ts";
import { C_TYPES, checkNames, cName, cNumber, columnType, parameter } from "./names.ts";

type Column = TableSpec["columns"][number];

/** `ship_jump(row)`; without a column to count in, a call of it leaves an import that the build sees. */
function jumpFunction(table: TableSpec): string {
	const { name } = table;
	if (!mayJump(table)) return "";
	const head =
		"/* Says that a row was put somewhere else in this tick: nobody sees it on the way. */";
	if (countsJumps(table)) {
		return `${head}\nstatic inline void ${name}_jump(int row) { ${name}_${JUMP_COUNT}[row]++; }\n`;
	}
	return `__attribute__((import_module("hotstep"), import_name("jump:${name}"))) void hs_${name}_jump(int row);
${head}
static inline void ${name}_jump(int row) { hs_${name}_jump(row); }
`;
}

/** The way from one value to the next, and where on it the moment lies. */
function between(column: Column, type: string): string[] {
	const reader = pastReader(column);
	const suffix = type === "float" ? "f" : "";
	const nearest = (of: string): string => `__builtin_rint${suffix}(${of})`;
	const number = (value: number): string => cNumber(column.type, value);
	if (reader === "line") return ["return from + (to - from) * part;"];
	const way = `${type} way = to - from;`;
	if (reader === "angle") {
		const turn = number(2 * Math.PI);
		return [way, `return from + (way - ${turn} * ${nearest(`way / ${turn}`)}) * part;`];
	}
	const { size = 0, from: begin = 0 } = column.wrap ?? {};
	const [s, b] = [number(size), number(begin)];
	return [
		way,
		`${type} at = from + (way - ${s} * ${nearest(`way / ${s}`)}) * part;`,
		`${type} inside = at - ${s} * __builtin_floor${suffix}((at - ${b}) / ${s});`,
		"/* a hair below the beginning rounds to the end, which is the same place */",
		`return inside < ${b} + ${s} ? inside : ${b};`,
	];
}

/** `ship_x_at(row, age)` for each rewind() column x. */
function pastFunctions(table: TableSpec, slots: number): string {
	const { name, capacity } = table;
	return rewoundOf(table)
		.map((column) => {
			const type = C_TYPES[column.type];
			const past = `(hs_past){hs_${name}_stamps, hs_${name}_gens, ${slots}, ${capacity}}`;
			const isStep = pastReader(column) === "step";
			const step = `${name}_${column.name}_${isStep ? "at" : "then"}`;
			const doc = `/* \`${column.name}\` as it was \`age\` ticks ago; a row that is younger gives its oldest known value. */`;
			const stepFunction = `${isStep ? `${doc}\n` : ""}static inline ${type} ${step}(int row, float age) {
	int at = hs_past_place(${past}, row, ${name}_gen[row], age);
	return at < 0 ? ${name}_${column.name}[row] : hs_${name}_past_${column.name}[at];
}`;
			if (isStep) return stepFunction;
			// between the two sides of a jump a row is where it jumped from
			const count = `${name}_${JUMP_COUNT}_at`;
			const stop = stopsAtJumps(table, column)
				? `\tif (${count}(row, age) != ${count}(row, __builtin_floorf(age))) age = __builtin_ceilf(age);\n`
				: "";
			return `${stepFunction}

${doc}
static inline ${type} ${name}_${column.name}_at(int row, float age) {
${stop}	${type} from = ${step}(row, __builtin_ceilf(age)), to = ${step}(row, __builtin_floorf(age));
	${type} part = (${type})hs_past_part(${past}, age);
${between(column, type)
	.map((line) => `\t${line}`)
	.join("\n")}
}`;
		})
		.join("\n\n");
}

/** Those that others look back with first: a past of places asks for the past of jumps. */
function withCountFirst(table: TableSpec): TableSpec {
	const columns = [...table.columns].sort((a, b) => Number(b.jumps) - Number(a.jumps));
	return { ...table, columns };
}

function tableFunctions(table: TableSpec, slots: number): string {
	const { name, capacity, columns } = table;
	const defaults = columns.map(
		(c) => `\t\t${name}_${c.name}[row] = ${cNumber(c.type, c.default)};`,
	);
	return `/* ---- ${name} ---- */

enum { ${name}_capacity = ${capacity} };

/* Rows at or above this one are free. */
static inline int ${name}_used(void) { return hs_${name}_state.used; }

static inline bool ${name}_alive(int row) { return ${name}_gen[row] != 0; }

/* The lowest free row with every column at its default, or -1 when the table is full. */
static inline int ${name}_spawn(void) {
	int row = hs_spawn_row(${name}_gen, &hs_${name}_state, ${capacity});
	if (row >= 0) {
${defaults.join("\n")}
	}
	return row;
}

static inline void ${name}_free(int row) { hs_free_row(${name}_gen, &hs_${name}_state, row); }

${jumpFunction(table)}
${pastFunctions(withCountFirst(table), slots)}`;
}

function eventFunctions(event: { name: string } & RecordSpec, id: number): string {
	const own = event.fields.map((f) => `${C_TYPES[f.type]} ${parameter(f.name)}`);
	// a line behind it where a field of the event has that name already
	const free = (name: string): string =>
		event.fields.some((f) => f.name === name) ? `${name}_` : name;
	const [player, x, y, radius] = ["player", "centre_x", "centre_y", "radius"].map(free);
	const one = (suffix: string, extra: string[], target: number, to: string, shift: number) => {
		const parameters = [...extra, ...own].join(", ") || "void";
		const stores = event.fields.map((f) => {
			const at = f.offset + shift;
			return `\t__builtin_memcpy(hs_at + ${at}, &${parameter(f.name)}, sizeof ${parameter(f.name)});`;
		});
		const place =
			shift > 0
				? `\tfloat hs_near[3] = {${x}, ${y}, ${radius}};\n\t__builtin_memcpy(hs_at, hs_near, 12);\n`
				: "";
		return `static inline void emit_${event.name}${suffix}(${parameters}) {
	char *hs_at = (char *)hs_append(1, ${target}, ${8 + event.size + shift}, ${to}, ${id});
	if (!hs_at) return;
${place}${stores.join("\n")}
}`;
	};
	return [
		one("", [], 0, "0", 0),
		one("_to", [`int ${player}`], 1, `(uint16_t)${player}`, 0),
		one("_near", [`float ${x}`, `float ${y}`, `float ${radius}`], 2, "0", NEAR_BYTES),
	].join("\n\n");
}

/** Writes `generated/layout.h`: what a game in C sees of its schema. @throws SchemaError */
export function emitHeader(plan: Plan): string {
	checkNames(plan);
	const { spec, slots, regions } = plan;
	const arrays = regions.map(({ name, type, count }) =>
		name.endsWith("$state")
			? `extern hs_table ${cName(name)};`
			: // drafts call an array by the name of its type
				`typedef ${C_TYPES[type]} ${columnType(name)}[${count}];\nextern ${columnType(name)} ${cName(name)};`,
	);
	return `/* Generated by \`hotstep build\` from schema.ts: change that file, not this one. */
#ifndef HOTSTEP_LAYOUT_H
#define HOTSTEP_LAYOUT_H

#include "hotstep.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MAX_PLAYERS = ${spec.maxPlayers} };

/*
 * A column is an array: ship_x[row]. The input of a player in this tick is input_fire[player]; input_viewAge says
 * how many ticks before this one the moment lies which the player saw, 0 if unknown.
 */
${arrays.join("\n")}

${spec.tables.map((table) => tableFunctions(table, slots)).join("\n\n")}

/* ---- events: to all, to one player (_to), or to those near a point (_near) ---- */

${spec.events.map(eventFunctions).join("\n\n")}

#ifdef __cplusplus
}
#endif
#endif
`;
}
