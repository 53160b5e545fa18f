import type { GameSpec, TableSpec } from "../../../protocol/schema/define-game.ts";
import { type ScalarName, scalarBytes } from "../../../protocol/schema/scalar.ts";
import { rewindSlots, rewoundOf } from "./past.ts";

/** Memory that is zero at first: `count` values of one type, one after the other. */
export interface Region {
	readonly name: string;
	readonly type: ScalarName;
	readonly count: number;
	/** Its address is a multiple of so many bytes. */
	readonly align: number;
}

export function regionBytes({ type, count }: Region): number {
	return scalarBytes(type) * count;
}

function region(name: string, type: ScalarName, count: number, align = 16): Region {
	return { name, type, count, align };
}

/** What is kept of each player's input of this tick: its fields, and how old the player's view was. */
export function inputColumns({ input }: GameSpec): { name: string; type: ScalarName }[] {
	return [...input.fields, { name: "viewAge", type: "f32" }];
}

function inputRegions(spec: GameSpec): Region[] {
	return inputColumns(spec).map(({ name, type }) => region(`input_${name}`, type, spec.maxPlayers));
}

/** A table's rows. A "$" keeps the names of what is beside its columns apart from theirs. */
export function tableRegions({ name, capacity, columns }: TableSpec): Region[] {
	return [
		// u32 used, u32 hint where to look for a free row
		region(`${name}$state`, "u32", 2, 4),
		region(`${name}_gen`, "u16", capacity),
		...columns.map((c) => region(`${name}_${c.name}`, c.type, capacity)),
	];
}

/** A table's memory of its last ticks, a ring of copies of whole columns. */
export function pastRegions(table: TableSpec, slots: number): Region[] {
	const { name, capacity } = table;
	const rewound = rewoundOf(table);
	if (rewound.length === 0) return [];
	return [
		region(`${name}$stamps`, "u32", slots),
		region(`${name}$gens`, "u16", slots * capacity),
		...rewound.map((c) => region(`${name}$past_${c.name}`, c.type, slots * capacity)),
	];
}

/** All memory of a game that is not constant, in the order in which it lies. */
export function regionsOf(spec: GameSpec, inboxBytes: number, outboxBytes: number): Region[] {
	const slots = rewindSlots(spec);
	return [
		region("INBOX", "u8", inboxBytes),
		region("OUTBOX", "u8", outboxBytes),
		...inputRegions(spec),
		...spec.tables.flatMap((table) => [...tableRegions(table), ...pastRegions(table, slots)]),
	];
}
