import type { Image } from "../../../protocol/abi/image.ts";
import type { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import {
	putBytes,
	putGlobals,
	putHex,
	putRecord,
	putText,
	putU32,
	putU64,
} from "../encode-record.ts";
import {
	IMAGE_KIND,
	LOG_TAG,
	type LoggedAbout,
	type LoggedRules,
	type LoggedSeat,
	PACKING,
	SEAT_FLAG,
	type SegmentName,
} from "./log-format.ts";

/** A room as a segment's first record lists it. */
export interface ListedRoom {
	readonly key: number;
	readonly id: string;
	readonly epoch: number;
	/** How many `for` records of it there were so far. */
	readonly seq: number;
}

/** The changes of a memory, as they are written. */
export interface PackedRuns {
	/** Bytes before they were packed. */
	readonly length: number;
	readonly packing: keyof typeof PACKING;
	readonly bytes: Uint8Array;
}

/** An image as it is written: the whole memory, or what changed since an earlier image. */
export interface LoggedImage {
	readonly tick: number;
	/** Counts the room's images, since several may be of one tick, around a swap. */
	readonly number: number;
	/** Number of the image that this one changes; null when it stands on its own. */
	readonly since: number | null;
	/** Seat records of the room so far: a reader that has as many missed none. */
	readonly seatChanges: number;
	readonly globals: Image["globals"];
	/** Bytes of the memory. */
	readonly length: number;
	readonly runs: PackedRuns;
}

const VARINT_BYTES = 5;

export function putSegment(
	to: ByteWriter,
	{ worker, incarnation, n }: SegmentName,
	rooms: readonly ListedRoom[],
): void {
	putRecord(to, LOG_TAG.segment, (body) => {
		body.ensure(VARINT_BYTES);
		body.varint(worker);
		putText(body, incarnation);
		body.ensure(2 * VARINT_BYTES);
		body.varint(n);
		body.varint(rooms.length);
		for (const { key, id, epoch, seq } of rooms) {
			body.ensure(VARINT_BYTES);
			body.varint(key);
			putText(body, id);
			body.ensure(2 * VARINT_BYTES);
			body.varint(epoch);
			body.varint(seq);
		}
	});
}

function varintLength(value: number): number {
	let bytes = 1;
	for (let v = value >>> 7; v > 0; v >>>= 7) bytes++;
	return bytes;
}

/** The records up to the next of these are the room's. Comes before each room's tick: allocates nothing. */
export function putFor(to: ByteWriter, key: number, seq: number): void {
	to.ensure(2 + 2 * VARINT_BYTES);
	to.u8(LOG_TAG.for);
	to.varint(varintLength(key) + varintLength(seq));
	to.varint(key);
	to.varint(seq);
}

function putRules(to: ByteWriter, { moduleHash, rawHash }: LoggedRules): void {
	putHex(to, moduleHash);
	putHex(to, rawHash);
}

function putSeatBody(body: ByteWriter, seat: LoggedSeat, isGone: boolean): void {
	const { number, name, user, tokenHash, heldUntilMs } = seat;
	body.ensure(2 * VARINT_BYTES);
	body.varint(number);
	const flags = [
		isGone ? SEAT_FLAG.gone : 0,
		user === null ? 0 : SEAT_FLAG.hasUser,
		heldUntilMs === null ? 0 : SEAT_FLAG.held,
	];
	body.u8(flags.reduce((all, flag) => all | flag));
	putText(body, name);
	putText(body, user ?? "");
	putHex(body, tokenHash);
	putU64(body, heldUntilMs ?? 0);
}

/** All that is known of a room; `tick` is the one that comes next. */
export function putOpen(
	to: ByteWriter,
	about: LoggedAbout,
	tick: number,
	seats: readonly LoggedSeat[],
	seatChanges: number,
): void {
	putRecord(to, LOG_TAG.open, (body) => {
		putText(body, about.id);
		body.ensure(VARINT_BYTES);
		body.varint(about.epoch);
		putText(body, about.game);
		putRules(body, about);
		putU32(body, about.seed);
		body.ensure(4 * VARINT_BYTES + about.settings.length);
		body.varint(about.firstTick);
		body.varint(tick);
		body.varint(seatChanges);
		body.varint(about.settings.length);
		putBytes(body, about.settings);
		body.ensure(VARINT_BYTES);
		body.varint(seats.length);
		for (const seat of seats) putSeatBody(body, seat, false);
	});
}

export function putSeat(to: ByteWriter, seat: LoggedSeat, isGone: boolean): void {
	putRecord(to, LOG_TAG.seat, (body) => putSeatBody(body, seat, isGone));
}

/** Bytes of an image's record before its runs, at most, for a module with so many globals. */
function imageHeadBytes({ globals }: LoggedImage): number {
	return 9 * VARINT_BYTES + globals.length * 9;
}

function putImageBody(body: ByteWriter, image: LoggedImage): void {
	const { tick, number, since, seatChanges, globals, length, runs } = image;
	body.ensure(imageHeadBytes(image) + runs.bytes.length);
	body.varint(tick);
	body.varint(number);
	body.u8(since === null ? IMAGE_KIND.whole : IMAGE_KIND.changes);
	body.varint(since ?? 0);
	body.varint(seatChanges);
	putGlobals(body, globals);
	body.ensure(3 * VARINT_BYTES + runs.bytes.length);
	body.varint(length);
	body.u8(PACKING[runs.packing]);
	body.varint(runs.length);
	putBytes(body, runs.bytes);
}

export function putImage(to: ByteWriter, image: LoggedImage): void {
	putRecord(to, LOG_TAG.image, (body) => putImageBody(body, image));
}

/** From the image's tick on the room plays by other rules, which begin with this image. */
export function putSwap(to: ByteWriter, rules: LoggedRules, image: LoggedImage): void {
	putRecord(to, LOG_TAG.swap, (body) => {
		putRules(body, rules);
		putImageBody(body, image);
	});
}

export function putEffect(to: ByteWriter, text: string): void {
	putRecord(to, LOG_TAG.effect, (body) => putText(body, text));
}

export function putClose(to: ByteWriter, tick: number, why: string): void {
	putRecord(to, LOG_TAG.close, (body) => {
		body.varint(tick);
		putText(body, why);
	});
}
