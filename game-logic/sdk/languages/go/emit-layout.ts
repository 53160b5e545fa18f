import { NEAR_BYTES, VIEW_AGE_PER_TICK } from "../../../../protocol/abi/layout.ts";
import { LIMITS } from "../../../../protocol/limits.ts";
import type { RecordSpec, TableSpec } from "../../../../protocol/schema/define-game.ts";
import { countsJumps, JUMP_COUNT, mayJump } from "../../plan/jumps.ts";
import { rewoundOf } from "../../plan/past.ts";
import type { Plan } from "../../plan/plan.ts";
import { inputColumns } from "../../plan/regions.ts";
import type { Constant } from "../../plan/static-words.ts";
import { pastFunctions, pastMemory } from "./emit-past.ts";
import { exported, GO_TYPES, goNumber, parameter } from "./names.ts";

function jumpMethod(table: TableSpec): string {
	if (!mayJump(table)) return "";
	const { name } = table;
	const counts = countsJumps(table);
	const mark = counts
		? ""
		: `\n//go:wasmimport hotstep jump:${name}\nfunc jumped_${name}(row int32)\n`;
	const body = counts ? `t.${exported(JUMP_COUNT)}[row]++` : `jumped_${name}(int32(row))`;
	return `${mark}
// Jump says that a row was put somewhere else in this tick: nobody sees it on the way.
func (t *table_${name}) Jump(row int) { ${body} }
`;
}

function tableCode(table: TableSpec): string {
	const { name, capacity, columns } = table;
	const own = exported(name);
	const receiver = `func (t *table_${name})`;
	const fields = columns.map((c) => `\t${exported(c.name)} [${capacity}]${GO_TYPES[c.type]}`);
	const defaults = columns.map(
		(c) => `\t\tt.${exported(c.name)}[row] = ${goNumber(c.type, c.default)}`,
	);
	return `type table_${name} struct {
	state state
	// Gen is 0 for a row that is free.
	Gen [${capacity}]uint16
${fields.join("\n")}
}

// ${own} is the table ${name}: a column is an array, ${own}.${exported(columns[0]?.name ?? "")}[row].
var ${own} table_${name}

// Used: rows at or above this one are free.
${receiver} Used() int { return int(t.state.used) }

${receiver} Alive(row int) bool { return t.Gen[row] != 0 }

// Rows are the rows that are taken. They may be freed, and others taken, on the way.
${receiver} Rows() iter.Seq[int] { return t.state.rows(t.Gen[:]) }

// Spawn takes the lowest free row, with every column at its default; -1 when the table is full.
${receiver} Spawn() int {
	row := t.state.spawn(t.Gen[:])
	if row >= 0 {
${defaults.join("\n")}
	}
	return row
}

${receiver} Free(row int) { t.state.free(t.Gen[:], row) }
${jumpMethod(table)}`;
}

function eventMethods(event: { name: string } & RecordSpec, id: number): string {
	const own = event.fields.map((f) => `${parameter(f.name)} ${GO_TYPES[f.type]}`);
	const one = (suffix: string, extra: string[], target: number, to: string, shift: number) => {
		const near = shift > 0 ? ["x", "y", "radius"] : [];
		const stores = [
			...near.map((name, i) => `put(at, ${i * 4}, ${name})`),
			...event.fields.map((f) => `put(at, ${f.offset + shift}, ${parameter(f.name)})`),
		];
		const record = `appendRecord(1, ${target}, ${8 + event.size + shift}, ${to}, ${id})`;
		const body =
			stores.length > 0
				? `\tif at := ${record}; at != nil {\n${stores.map((s) => `\t\t${s}`).join("\n")}\n\t}`
				: `\t${record}`;
		return `func (emitter) ${exported(event.name)}${suffix}(${[...extra, ...own].join(", ")}) {\n${body}\n}`;
	};
	return [
		one("", [], 0, "0", 0),
		one("To", ["player int"], 1, "player", 0),
		one("Near", ["x, y, radius float32"], 2, "0", NEAR_BYTES),
	].join("\n\n");
}

/** What a region of the plan is in Go. */
function addresses({ spec }: Plan): Map<string, string> {
	const found = new Map([
		["CTX", "ctx"],
		["INBOX", "inbox"],
		["OUTBOX", "outbox"],
	]);
	for (const { name, columns } of spec.tables) {
		const own = exported(name);
		found.set(`${name}$state`, `${own}.state`);
		found.set(`${name}_gen`, `${own}.Gen`);
		for (const c of columns) found.set(`${name}_${c.name}`, `${own}.${exported(c.name)}`);
	}
	return found;
}

function constantName(name: string): string {
	return name === "descriptor$" ? "descriptor" : `constant_${name.replaceAll("$", "_")}`;
}

function constantCode(constant: Constant): string {
	const own = constantName(constant.name);
	if ("text" in constant) {
		const bytes = [...new TextEncoder().encode(constant.text), 0];
		return `var ${own} = [...]byte{${bytes.join(", ")}} // ${constant.text}`;
	}
	const words = constant.words.map((word) => (typeof word === "number" ? word : 0));
	return `var ${own} = [...]uint32{${words.join(", ")}}`;
}

/** Addresses are known once the module runs: they are put in then, before anybody asks. */
function pointerCode(constant: Constant, address: ReadonlyMap<string, string>): string[] {
	if ("text" in constant) return [];
	return constant.words.flatMap((word, i) => {
		if (typeof word === "number") return [];
		const at = address.get(word.at) ?? constantName(word.at);
		return [`\t${constantName(constant.name)}[${i}] = address(unsafe.Pointer(&${at}))`];
	});
}

function remember({ spec, slots }: Plan): string {
	const copies = spec.tables.flatMap((table) => {
		const { name, capacity } = table;
		const rewound = rewoundOf(table);
		if (rewound.length === 0) return [];
		const own = exported(name);
		const copy = (to: string, from: string): string =>
			`\tcopy(past_${name}.${to}[slot*${capacity}:], ${own}.${from}[:${own}.Used()])`;
		return [
			`\tpast_${name}.stamps[slot] = ctx.tick + 1`,
			copy("gens", "Gen"),
			...rewound.map((c) => copy(exported(c.name), exported(c.name))),
		];
	});
	if (copies.length === 0) return "func remember() {}";
	return `func remember() {
	// a client that predicts has no past: it sees now what it shoots at
	if Predicting() {
		return
	}
	slot := int(ctx.tick % ${slots})
${copies.join("\n")}
}`;
}

/** Writes `generated/layout.go`. */
export function emitLayout(plan: Plan): string {
	const { spec, slots, constants } = plan;
	const address = addresses(plan);
	const inputs = inputColumns(spec);
	const applied = spec.input.fields.map((f) => {
		const type = GO_TYPES[f.type];
		return `\tInput.${exported(f.name)}[player] = get[${type}](record, ${8 + f.offset})`;
	});
	return `// Code generated by hotstep build from schema.ts. DO NOT EDIT.

package hs

import (
	"iter"
	"unsafe"
)

const MaxPlayers = ${spec.maxPlayers}
const nameBytes = ${LIMITS.joinNameBytes}

var inbox [${plan.inboxBytes}]byte
var outbox [${plan.outboxBytes}]byte

// Input is the input of each player in this tick; ViewAge says how many ticks before it the moment lies that was seen.
var Input struct {
${inputs.map(({ name, type }) => `\t${exported(name)} [${spec.maxPlayers}]${GO_TYPES[type]}`).join("\n")}
}

${spec.tables.map((table) => `${tableCode(table)}${pastMemory(table, slots)}${pastFunctions(table, slots)}`).join("\n")}
type emitter struct{}

// Emit sends events: to all, to one player (…To), or to those near a point (…Near).
var Emit emitter

${spec.events.map(eventMethods).join("\n\n")}

func applyInput(player int, record []byte) {
${applied.join("\n")}
	Input.ViewAge[player] = float32(get[uint16](record, 6)) * ${1 / VIEW_AGE_PER_TICK}
}

func clearInput(player int) {
${inputs.map(({ name, type }) => `\tInput.${exported(name)}[player] = ${type === "bool" ? "false" : "0"}`).join("\n")}
}

func forgetFreeRows() {
${spec.tables.map(({ name }) => `\t${exported(name)}.state.hint = 0`).join("\n")}
}

${remember(plan)}

${constants.map(constantCode).join("\n")}

func init() {
${constants.flatMap((one) => pointerCode(one, address)).join("\n")}
}
`;
}
