import { LIMITS } from "../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { Effect } from "../../room/effect.ts";
import { parseEffect } from "../../room/is-effect.ts";
import { readGlobals } from "../decode-record.ts";
import { JOURNAL_LIMITS } from "../journal-limits.ts";
import type { RecordBody } from "../record-body.ts";
import type { ListedRoom, LoggedImage } from "./encode-log-record.ts";
import {
	HASH_BYTES,
	IMAGE_KIND,
	type LoggedAbout,
	type LoggedRules,
	type LoggedSeat,
	PACKING,
	SEAT_FLAG,
	type SegmentName,
} from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";

/** A page of WebAssembly: memories are whole ones. */
const WASM_PAGE_BYTES = 65_536;

interface SegmentRecord extends SegmentName {
	readonly rooms: readonly ListedRoom[];
}

export interface OpenRecord {
	readonly about: LoggedAbout;
	/** The tick that comes next. */
	readonly tick: number;
	readonly seats: readonly LoggedSeat[];
	readonly seatChanges: number;
}

/** Each gives what the body holds, or in a few words why it makes no sense. */
export function decodeSegment(body: RecordBody): SegmentRecord | string {
	const worker = body.varint();
	const incarnation = body.text(LOG_LIMITS.incarnationBytes);
	const n = body.varint();
	const count = body.varint();
	if (count > LOG_LIMITS.rooms) return `a segment with ${count} rooms`;
	const rooms: ListedRoom[] = [];
	for (let i = 0; i < count && !body.failed; i++) {
		const key = body.varint();
		const id = body.text(LOG_LIMITS.idBytes);
		rooms.push({ key, id, epoch: body.varint(), seq: body.varint() });
	}
	return body.isWhole ? { worker, incarnation, n, rooms } : "a segment's record has a wrong length";
}

function readRules(body: RecordBody): LoggedRules {
	return { moduleHash: body.hex(HASH_BYTES), rawHash: body.hex(HASH_BYTES) };
}

function readSeat(body: RecordBody): { seat: LoggedSeat; isGone: boolean } {
	const number = body.varint();
	const flags = body.u8();
	const name = body.text(LOG_LIMITS.nameBytes);
	const user = body.text(LOG_LIMITS.userBytes);
	const tokenHash = body.hex(HASH_BYTES);
	const heldUntilMs = body.u64();
	if (number >= LIMITS.players || heldUntilMs > LOG_LIMITS.timeMs) body.failed = true;
	return {
		isGone: (flags & SEAT_FLAG.gone) !== 0,
		seat: {
			number,
			name,
			user: flags & SEAT_FLAG.hasUser ? user : null,
			tokenHash,
			heldUntilMs: flags & SEAT_FLAG.held ? Number(heldUntilMs) : null,
		},
	};
}

export function decodeOpen(body: RecordBody): OpenRecord | string {
	const id = body.text(LOG_LIMITS.idBytes);
	const epoch = body.varint();
	const game = body.text(LOG_LIMITS.gameBytes);
	const rules = readRules(body);
	const seed = body.u32();
	const firstTick = body.varint();
	const tick = body.varint();
	const seatChanges = body.varint();
	const settingsBytes = body.varint();
	if (settingsBytes > LOG_LIMITS.settingsBytes) return `settings of ${settingsBytes} bytes`;
	const settings = body.take(settingsBytes).slice();
	const count = body.varint();
	if (count > LIMITS.players) return `a room with ${count} seats`;
	const seats: LoggedSeat[] = [];
	for (let i = 0; i < count && !body.failed; i++) {
		const { seat, isGone } = readSeat(body);
		if (isGone) return "a room lists a seat that is gone";
		seats.push(seat);
	}
	if (new Set(seats.map(({ number }) => number)).size < seats.length)
		return "a seat is there twice";
	if (!body.isWhole || tick < firstTick) return "a room's beginning makes no sense";
	return {
		about: { id, epoch, game, ...rules, seed, firstTick, settings },
		tick,
		seats,
		seatChanges,
	};
}

export function decodeSeat(body: RecordBody): { seat: LoggedSeat; isGone: boolean } | string {
	const seat = readSeat(body);
	return body.isWhole ? seat : "a seat makes no sense";
}

export function decodeImage(body: RecordBody): LoggedImage | string {
	const tick = body.varint();
	const number = body.varint();
	const kind = body.u8();
	const since = body.varint();
	const seatChanges = body.varint();
	const globals = readGlobals(body);
	if (globals === null) return "an image with too many globals";
	const length = body.varint();
	const packing = body.u8();
	const unpacked = body.varint();
	// a copy: the image outlives its block, and the part of the file that was read with it
	const bytes = body.rest().slice();
	if (length > JOURNAL_LIMITS.imageBytes || unpacked > LOG_LIMITS.blockBytes) {
		return `an image of ${Math.max(length, unpacked)} bytes`;
	}
	const isPlain = packing === PACKING.plain;
	const makesSense =
		body.isWhole &&
		length % WASM_PAGE_BYTES === 0 &&
		(kind === IMAGE_KIND.whole || (kind === IMAGE_KIND.changes && since < number)) &&
		(isPlain ? bytes.length === unpacked : packing === PACKING.deflated);
	if (!makesSense) return "an image makes no sense";
	return {
		tick,
		number,
		since: kind === IMAGE_KIND.whole ? null : since,
		seatChanges,
		globals,
		length,
		runs: { length: unpacked, packing: isPlain ? "plain" : "deflated", bytes },
	};
}

export function decodeSwap(body: RecordBody): { rules: LoggedRules; image: LoggedImage } | string {
	const rules = readRules(body);
	const image = decodeImage(body);
	if (typeof image === "string") return image;
	return image.since === null ? { rules, image } : "a swap without a whole image";
}

export function decodeEffect(body: RecordBody): Effect | string {
	const effect = parseEffect(body.text(SERVER_LIMITS.effectBytes));
	return body.isWhole && effect !== null ? effect : "an effect makes no sense";
}

export function decodeClose(body: RecordBody): { tick: number; why: string } | string {
	const tick = body.varint();
	const why = body.text(LOG_LIMITS.whyBytes);
	return body.isWhole ? { tick, why } : "a close makes no sense";
}
