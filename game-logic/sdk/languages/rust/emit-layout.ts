import { NEAR_BYTES, VIEW_AGE_PER_TICK } from "../../../../protocol/abi/layout.ts";
import { LIMITS } from "../../../../protocol/limits.ts";
import type { RecordSpec, TableSpec } from "../../../../protocol/schema/define-game.ts";
import type { ScalarName } from "../../../../protocol/schema/scalar.ts";
import { countsJumps, JUMP_COUNT, mayJump } from "../../plan/jumps.ts";
import { rewoundOf } from "../../plan/past.ts";
import type { Plan } from "../../plan/plan.ts";
import { inputColumns } from "../../plan/regions.ts";
import type { Constant, Word } from "../../plan/static-words.ts";
import { pastFunctions, pastMemory } from "./emit-past.ts";
import { constantName, rustName, rustNumber, snake } from "./names.ts";

function zero(type: ScalarName): string {
	return type === "bool" ? "false" : rustNumber(type, 0);
}

/** A static of a module; `of` is the table that drafts name with it. */
function column(name: string, type: ScalarName, count: number, of: string | null): string {
	const head = `${of === null ? "" : "pub "}static ${constantName(name)}: Column<${type}, ${count}>`;
	return `${head} = Column::new(${zero(type)}, "${of === null ? name : `${of}.${name}`}");`;
}

function accessors({ name, type }: { name: string; type: ScalarName }): string {
	const own = constantName(name);
	return `    #[inline]
    pub fn ${rustName(snake(name))}(self) -> ${type} {
        // SAFETY: a Row is a row of the table
        unsafe { ${own}.read(self.index()) }
    }

    #[inline]
    pub fn set_${snake(name)}(self, value: ${type}) {
        // SAFETY: a Row is a row of the table
        unsafe { ${own}.write(self.index(), value) }
    }`;
}

function jump(table: TableSpec): string {
	if (!mayJump(table)) return "";
	const own = constantName(JUMP_COUNT);
	const body = countsJumps(table)
		? `${own}.set(self.index(), ${own}.get(self.index()).wrapping_add(1));`
		: `// SAFETY: the build makes it no import
        unsafe { jumped(self.0 as i32) }`;
	return `
    /// Says that the row was put somewhere else in this tick: nobody sees it on the way.
    pub fn jump(self) {
        ${body}
    }
`;
}

function tableModule(table: TableSpec, slots: number): string {
	const { name, capacity, columns } = table;
	const mark =
		mayJump(table) && !countsJumps(table)
			? `
#[link(wasm_import_module = "hotstep")]
extern "C" {
    #[link_name = "jump:${name}"]
    fn jumped(row: i32);
}
`
			: "";
	const defaults = columns.map(
		(c) => `    ${constantName(c.name)}.set(row, ${rustNumber(c.type, c.default)});`,
	);
	return `pub mod ${rustName(name)} {
use super::*;

pub const CAPACITY: usize = ${capacity};
pub(super) static STATE: TableState = TableState::new();
${column("gen", "u16", capacity, name)}
${columns.map((c) => column(c.name, c.type, capacity, name)).join("\n")}
${pastMemory(table, slots)}${mark}
/// A row of the table, taken or free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row(u16);

/// Rows at or above this one are free.
pub fn used() -> usize {
    STATE.used::<CAPACITY>()
}

/// The row of that number. None if there is none.
pub fn row(number: usize) -> Option<Row> {
    if number < CAPACITY { Some(Row(number as u16)) } else { None }
}

/// The rows that are taken, in order. They may be freed, and others taken, on the way.
pub fn rows() -> impl Iterator<Item = Row> {
    let mut from = 0;
    core::iter::from_fn(move || {
        let row = STATE.next(&GEN, from)?;
        from = row + 1;
        Some(Row(row as u16))
    })
}

/// The lowest free row with every column at its default. None if the table is full.
pub fn spawn() -> Option<Row> {
    let row = STATE.spawn(&GEN)?;
${defaults.join("\n")}
    Some(Row(row as u16))
}

impl Row {
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub fn alive(self) -> bool {
        GEN.get(self.index()) != 0
    }

    pub fn free(self) {
        STATE.free(&GEN, self.index());
    }
${jump(table)}
${columns.map(accessors).join("\n\n")}
${pastFunctions(table, slots)}}
}`;
}

function bytesOf(name: string, type: ScalarName): string {
	return type === "bool" ? `[${name} as u8]` : `${name}.to_le_bytes()`;
}

function eventFunctions(event: { name: string } & RecordSpec, id: number): string {
	const own = event.fields.map((f) => `${rustName(snake(f.name))}: ${f.type}`);
	const one = (suffix: string, extra: string[], target: number, to: string, shift: number) => {
		const near = shift > 0 ? ["hs_x", "hs_y", "hs_radius"] : [];
		const stores = [
			...near.map((name, i) => `put(at, ${i * 4}, ${name}.to_le_bytes());`),
			...event.fields.map(
				(f) => `put(at, ${f.offset + shift}, ${bytesOf(rustName(snake(f.name)), f.type)});`,
			),
		];
		const at = stores.length > 0 ? "at" : "_";
		return `pub fn ${rustName(snake(event.name) + suffix)}(${[...extra, ...own].join(", ")}) {
    append(1, ${target}, ${8 + event.size + shift}, ${to}, ${id}, |${at}| {
${stores.map((line) => `        ${line}`).join("\n")}
    });
}`;
	};
	return [
		one("", [], 0, "0", 0),
		one("_to", ["hs_player: usize"], 1, "hs_player as u16", 0),
		one("_near", ["hs_x: f32", "hs_y: f32", "hs_radius: f32"], 2, "0", NEAR_BYTES),
	].join("\n\n");
}

/** What a region of the plan is in Rust: a static in the module of its table. */
function addresses({ spec }: Plan): Map<string, string> {
	const found = new Map([
		["CTX", "CTX"],
		["INBOX", "INBOX"],
		["OUTBOX", "OUTBOX"],
	]);
	for (const { name, columns } of spec.tables) {
		const module = rustName(name);
		found.set(`${name}$state`, `${module}::STATE`);
		found.set(`${name}_gen`, `${module}::GEN`);
		for (const c of columns) found.set(`${name}_${c.name}`, `${module}::${constantName(c.name)}`);
	}
	return found;
}

/** Statics of the descriptor lie in a module of their own. */
function constantText(constant: Constant, address: ReadonlyMap<string, string>): string {
	const own = (name: string): string => constantName(name.replaceAll("$", "__"));
	if ("text" in constant) {
		const bytes = new TextEncoder().encode(constant.text).length + 1;
		return `    pub static ${own(constant.name)}: [u8; ${bytes}] = *b${JSON.stringify(`${constant.text}\\0`).replaceAll("\\\\", "\\")};`;
	}
	const word = (one: Word): string => {
		if (typeof one === "number") return `Word { number: ${one} }`;
		const at = address.get(one.at) ?? own(one.at);
		return `Word { pointer: &${at} as *const _ as *const u8 }`;
	};
	const { words } = constant;
	return `    pub static ${own(constant.name)}: Words<${words.length}> = Words([${words.map(word).join(", ")}]);`;
}

function remember({ spec, slots }: Plan): string {
	const copies = spec.tables.flatMap((table) => {
		const { name, capacity } = table;
		const module = rustName(name);
		const rewound = rewoundOf(table);
		if (rewound.length === 0) return [];
		const copy = (to: string, from: string): string =>
			`    ${module}::${from}.copy_to(&${module}::${to}, slot * ${capacity}, ${module}::used());`;
		return [
			`    ${module}::PAST_STAMPS_.set(slot, ctx::tick() + 1);`,
			copy("PAST_GENS_", "GEN"),
			...rewound.map((c) => copy(`PAST_${constantName(c.name)}`, constantName(c.name))),
		];
	});
	const body =
		copies.length > 0
			? `    // a client that predicts has no past: it sees now what it shoots at
    if ctx::predicting() {
        return;
    }
    let slot = ctx::tick() as usize % ${slots};
${copies.join("\n")}
`
			: "";
	return `#[doc(hidden)]\npub fn remember() {\n${body}}`;
}

/** Writes `generated/layout.rs`, the module `hs` of a game in Rust; `sdk` is what every game has. */
export function emitLayout(plan: Plan, sdk: string): string {
	const { spec, slots } = plan;
	const address = addresses(plan);
	const inputs = inputColumns(spec);
	const applied = spec.input.fields.map((f) => {
		const from = 8 + f.offset;
		const value =
			f.type === "bool"
				? `record[${from}].get() != 0`
				: `${f.type}::from_le_bytes(take(record, ${from}))`;
		return `    input::${constantName(f.name)}.set(player, ${value});`;
	});
	return `// Generated by \`hotstep build\` from schema.ts: change that file, not this one.
#![allow(dead_code, unused_imports, non_upper_case_globals, clippy::all)]

${sdk}
const NAME_BYTES: usize = ${LIMITS.joinNameBytes};
pub const MAX_PLAYERS: usize = ${spec.maxPlayers};
${column("INBOX", "u8", plan.inboxBytes, null)}
${column("OUTBOX", "u8", plan.outboxBytes, null)}

/// The input of each player in this tick; view_age says how many ticks before it the moment lies that was seen.
pub mod input {
use super::*;
${inputs.map(({ name, type }) => column(name, type, spec.maxPlayers, "input")).join("\n")}
${inputs
	.map(
		({ name, type }) => `
#[track_caller]
pub fn ${rustName(snake(name))}(player: usize) -> ${type} {
    ${constantName(name)}.get(player)
}`,
	)
	.join("\n")}
}

${spec.tables.map((table) => tableModule(table, slots)).join("\n\n")}

/// Events: to all, to one player (_to), or to those near a point (_near).
pub mod emit {
use super::*;

${spec.events.map(eventFunctions).join("\n\n")}
}

fn apply_input(player: usize, record: &[Cell<u8>]) {
${applied.join("\n")}
    let age = u16::from_le_bytes(take(record, 6));
    input::VIEW_AGE.set(player, age as f32 * ${1 / VIEW_AGE_PER_TICK});
}

fn clear_input(player: usize) {
${inputs.map(({ name, type }) => `    input::${constantName(name)}.set(player, ${zero(type)});`).join("\n")}
}

#[doc(hidden)]
pub fn forget_free_rows() {
${spec.tables.map(({ name }) => `    ${rustName(name)}::STATE.hint.set(0);`).join("\n")}
}

${remember(plan)}

mod hs_described {
    use super::*;
${plan.constants.map((one) => constantText(one, address)).join("\n")}
}

#[doc(hidden)]
pub fn describe() -> usize {
    &hs_described::DESCRIPTOR__ as *const _ as usize
}
`;
}
