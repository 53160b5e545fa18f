import { NEAR_BYTES, VIEW_AGE_PER_TICK } from "../../../../protocol/abi/layout.ts";
import { LIMITS } from "../../../../protocol/limits.ts";
import type { RecordSpec, TableSpec } from "../../../../protocol/schema/define-game.ts";
import { countsJumps, JUMP_COUNT, mayJump } from "../../plan/jumps.ts";
import type { Plan } from "../../plan/plan.ts";
import { inputColumns } from "../../plan/regions.ts";
import type { Constant, Word } from "../../plan/static-words.ts";
import { pastFunctions, pastMemory } from "./emit-past.ts";
import { zigName, zigNumber, zigParameter } from "./names.ts";

function zero(name: string, type: string, count: number | string, isPublic = true): string {
	const value = type === "bool" ? "false" : "0";
	const head = isPublic ? "pub var" : "var";
	return `${head} ${name}: [${count}]${type} align(16) = @splat(${value});`;
}

function jumpFunction(table: TableSpec): string {
	if (!mayJump(table)) return "";
	const body = countsJumps(table)
		? `${JUMP_COUNT}[hs_row] +%= 1;`
		: `jumps.@"jump:${table.name}"(@intCast(hs_row));`;
	return `
    /// Says that a row was put somewhere else in this tick: nobody sees it on the way.
    pub fn jump(hs_row: usize) void {
        ${body}
    }
`;
}

function tableStruct(table: TableSpec, slots: number): string {
	const { name, capacity: rows, columns } = table;
	const lines = columns.map((c) => `    ${zero(zigName(c.name), c.type, rows)}`);
	const defaults = columns.map(
		(c) => `        ${zigName(c.name)}[hs_row] = ${zigNumber(c.type, c.default)};`,
	);
	return `pub const ${zigName(name)} = struct {
    pub const capacity = ${rows};
    var hs_state: hotstep.Table align(4) = .{};
    ${zero("gen", "u16", rows)}
${lines.join("\n")}

    /// Rows at or above this one are free.
    pub fn used() usize {
        return hs_state.used;
    }

    pub fn alive(hs_row: usize) bool {
        return gen[hs_row] != 0;
    }

    /// The taken rows: \`var it = rows(); while (it.next()) |row| …\`.
    pub fn rows() hotstep.Rows {
        return .{ .gen = &gen, .table = &hs_state };
    }

    /// The lowest free row with every column at its default, or null when the table is full.
    pub fn spawn() ?usize {
        const hs_row = hotstep.spawnRow(&gen, &hs_state) orelse return null;
${defaults.join("\n")}
        return hs_row;
    }

    pub fn free(hs_row: usize) void {
        hotstep.freeRow(&gen, &hs_state, hs_row);
    }
${jumpFunction(table)}${pastFunctions(table, slots)}};
${pastMemory(table, slots)}`;
}

function eventFunctions(event: { name: string } & RecordSpec, id: number): string {
	const own = event.fields.map((f) => `${zigParameter(f.name)}: ${f.type}`);
	const one = (suffix: string, extra: string[], target: number, to: string, shift: number) => {
		const stores = [
			...(shift > 0 ? ["hs_x", "hs_y", "hs_radius"].map((n, i) => store(n, "f32", i * 4)) : []),
			...event.fields.map((f) => store(zigParameter(f.name), f.type, f.offset + shift)),
		];
		const record = `hotstep.append(1, ${target}, ${8 + event.size + shift}, ${to}, ${id})`;
		const body =
			stores.length > 0
				? `const at = ${record} orelse return;\n${stores.join("\n")}`
				: `_ = ${record};`;
		return `    pub fn ${zigName(event.name + suffix)}(${[...extra, ...own].join(", ")}) void {
        ${body}
    }`;
	};
	return [
		one("", [], 0, "0", 0),
		one("To", ["hs_player: usize"], 1, "@intCast(hs_player)", 0),
		one("Near", ["hs_x: f32", "hs_y: f32", "hs_radius: f32"], 2, "0", NEAR_BYTES),
	].join("\n\n");
}

function store(name: string, type: string, offset: number): string {
	return `        put(${type}, at, ${offset}, ${name});`;
}

/** What a region of the plan is in Zig: a variable in the struct of its table. */
function addresses({ spec, constants }: Plan): Map<string, string> {
	const found = new Map([
		["CTX", "hotstep.ctx"],
		["INBOX", "inbox"],
		["OUTBOX", "outbox"],
	]);
	for (const { name, columns } of spec.tables) {
		found.set(`${name}$state`, `${zigName(name)}.hs_state`);
		found.set(`${name}_gen`, `${zigName(name)}.gen`);
		for (const c of columns) found.set(`${name}_${c.name}`, `${zigName(name)}.${zigName(c.name)}`);
	}
	for (const { name } of constants) found.set(name, `described.@"${name}"`);
	return found;
}

function constantText(constant: Constant, address: ReadonlyMap<string, string>): string {
	const head = `    const @"${constant.name}"`;
	if ("text" in constant) return `${head}: [:0]const u8 = ${JSON.stringify(constant.text)};`;
	const word = (one: Word): string => {
		if (typeof one === "number") return `.{ .number = ${one} }`;
		const at = address.get(one.at) as string;
		return `.{ .pointer = ${one.at.startsWith("name$") ? `${at}.ptr` : `&${at}`} }`;
	};
	return `${head} = [_]Word{ ${constant.words.map(word).join(", ")} };`;
}

function remember({ spec, slots }: Plan): string {
	const copies = spec.tables.flatMap(({ name, capacity, columns }) => {
		const rewound = columns.filter((c) => c.rewound);
		if (rewound.length === 0) return [];
		const [own, past] = [zigName(name), `@"${name}$past"`];
		const copy = (to: string, from: string): string =>
			`    @memcpy(${past}.${to}[slot * ${capacity} ..][0..${own}.used()], ${own}.${from}[0..${own}.used()]);`;
		return [
			`    ${past}.stamps[slot] = hotstep.ctx.tick + 1;`,
			copy("gens", "gen"),
			...rewound.map((c) => copy(zigName(c.name), zigName(c.name))),
		];
	});
	if (copies.length === 0) return "fn remember() void {}";
	return `fn remember() void {
    // a client that predicts has no past: it sees now what it shoots at
    if (hotstep.predicting()) return;
    const slot: usize = hotstep.ctx.tick % ${slots};
${copies.join("\n")}
}`;
}

/** Writes `generated/layout.zig`: memory, descriptor, and the ABI's exports around what main.zig offers. */
export function emitLayout(plan: Plan): string {
	const { spec, slots } = plan;
	const address = addresses(plan);
	const inputs = inputColumns(spec);
	const fields = spec.input.fields;
	const marks = spec.tables.filter((t) => mayJump(t) && !countsJumps(t));
	return `//! Generated by \`hotstep build\` from schema.ts: change that file, not this one.
const std = @import("std");
const game = @import("root");
const hotstep = @import("hotstep.zig");

pub const ctx = &hotstep.ctx;
pub const predicting = hotstep.predicting;
pub const log = hotstep.log;
pub const logAt = hotstep.logAt;
pub const print = hotstep.print;
pub const panic = hotstep.panic;
pub const random = hotstep.random;
pub const randomBetween = hotstep.randomBetween;
pub const randomInt = hotstep.randomInt;
pub const randomAt = hotstep.randomAt;
pub const nearest = hotstep.nearest;
pub const refuse = hotstep.refuse;
pub const kick = hotstep.kick;

pub const max_players = ${spec.maxPlayers};
${zero("inbox", "u8", plan.inboxBytes, false)}
${zero("outbox", "u8", plan.outboxBytes, false)}

/// The input of each player in this tick; viewAge says how many ticks before it the moment lies that was seen.
pub const input = struct {
${inputs.map(({ name, type }) => `    ${zero(zigName(name), type, spec.maxPlayers)}`).join("\n")}
};

${spec.tables.map((table) => tableStruct(table, slots)).join("\n\n")}

/// Events: to all, to one player (…To), or to those near a point (…Near).
pub const emit = struct {
${spec.events.map(eventFunctions).join("\n\n")}
};

/// Calls of these tell the build that a table needs a column to count jumps in.
const jumps = struct {
${marks.map(({ name }) => `    extern "hotstep" fn @"jump:${name}"(row: i32) void;`).join("\n")}
};

fn put(comptime T: type, at: []u8, offset: usize, value: T) void {
    const bytes: [@sizeOf(T)]u8 = @bitCast(if (T == bool) @as(u8, @intFromBool(value)) else value);
    @memcpy(at[offset..][0..@sizeOf(T)], &bytes);
}

fn get(comptime T: type, at: []const u8, offset: usize) T {
    const bytes = at[offset..][0..@sizeOf(T)].*;
    return if (T == bool) bytes[0] != 0 else @bitCast(bytes);
}

const Word = extern union { number: u32, pointer: *const anyopaque };

const described = struct {
${plan.constants.map((one) => constantText(one, address)).join("\n")}
};

fn applyInput(player: usize, record: []const u8) void {
${fields.map((f) => `    input.${zigName(f.name)}[player] = get(${f.type}, record, ${8 + f.offset});`).join("\n")}
    input.viewAge[player] = @as(f32, @floatFromInt(get(u16, record, 6))) * ${1 / VIEW_AGE_PER_TICK};
}

fn clearInput(player: usize) void {
${inputs.map(({ name, type }) => `    input.${zigName(name)}[player] = ${type === "bool" ? "false" : "0"};`).join("\n")}
}

fn joined(player: usize, record: []const u8) void {
    clearInput(player);
    const bytes = @min(get(u16, record, 6), ${LIMITS.joinNameBytes});
    if (@hasDecl(game, "join")) game.join(player, record[8..][0..bytes]);
}

${remember(plan)}

export fn hs_describe() *const anyopaque {
    return &described.@"descriptor$";
}

export fn hs_init() i32 {
    hotstep.openOutbox(&outbox);
    if (@hasDecl(game, "init")) game.init();
    return 0;
}

export fn hs_migrated(from_version: i32) i32 {
    hotstep.openOutbox(&outbox);
    // the host has put other rows here
${spec.tables.map(({ name }) => `    ${zigName(name)}.hs_state.hint = 0;`).join("\n")}
    if (@hasDecl(game, "migrated")) game.migrated(from_version);
    return 0;
}

export fn hs_check() i32 {
    return if (@hasDecl(game, "check")) game.check() else 0;
}

export fn hs_tick() i32 {
    hotstep.openOutbox(&outbox);
    var at: usize = 0;
    while (at < hotstep.ctx.inbox_length) {
        const record = inbox[at..];
        const player: usize = get(u16, record, 4);
        switch (record[0]) {
            1 => joined(player, record),
            2 => if (@hasDecl(game, "leave")) game.leave(player),
            3 => applyInput(player, record),
            else => {},
        }
        at += get(u16, record, 2);
    }
    game.tick();
    remember();
    return 0;
}
`;
}
