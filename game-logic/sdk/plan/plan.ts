import { ANSWER, inputRecordBytes, pad4, RECORD } from "../../../protocol/abi/layout.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { GameSpec } from "../../../protocol/schema/define-game.ts";
import { describeGame } from "./describe.ts";
import { rewindSlots } from "./past.ts";
import { pastRegions, type Region, regionBytes, regionsOf, tableRegions } from "./regions.ts";
import type { Constant } from "./static-words.ts";

/**
 * What the code of a game's module is generated from, in whatever language: which memory it has, and which
 * constants describe it. It says nothing of how a language writes that down.
 */
export interface Plan {
	readonly spec: GameSpec;
	/** Ticks that rewind() columns remember. */
	readonly slots: number;
	readonly inboxBytes: number;
	readonly outboxBytes: number;
	/** Besides the 64 bytes of `CTX`. */
	readonly regions: readonly Region[];
	/** Each after those that it points to; the last one is the descriptor. */
	readonly constants: readonly Constant[];
	/** Most pages of 64 KiB that a module may ever have. */
	readonly pages: number;
}

const OUTBOX_BYTES = 16_384;
const PAGE = 65_536;
/** Pages beyond the tables: name strings, inbox, outbox, and what the game allocates itself. */
const SPARE_PAGES = 32;

function inboxBytes(spec: GameSpec): number {
	const join = RECORD.size + pad4(LIMITS.joinNameBytes);
	const answers = spec.effects.map(({ answer }) => answer?.size ?? 0);
	const longest = Math.max(0, ...answers);
	// a few answers fit whatever else comes
	const answer = answers.length > 0 ? RECORD.size + ANSWER.size + pad4(longest) : 0;
	const each = inputRecordBytes(spec.input.size) + join + RECORD.size + answer;
	return spec.maxPlayers * each + 8 * join;
}

function pagesFor(spec: GameSpec): number {
	const slots = rewindSlots(spec);
	const rows = spec.tables.flatMap((table) => [
		...tableRegions(table).slice(1),
		...pastRegions(table, slots),
	]);
	return Math.ceil(rows.reduce((sum, r) => sum + regionBytes(r), 0) / PAGE) + SPARE_PAGES;
}

/** Plans the module of a game. */
export function planGame(spec: GameSpec): Plan {
	const inbox = inboxBytes(spec);
	const regions = regionsOf(spec, inbox, OUTBOX_BYTES);
	return {
		spec,
		slots: rewindSlots(spec),
		inboxBytes: inbox,
		outboxBytes: OUTBOX_BYTES,
		regions,
		constants: describeGame(spec, inbox, OUTBOX_BYTES),
		pages: pagesFor(spec),
	};
}
