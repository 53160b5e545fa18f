import type { Image } from "../../protocol/abi/image.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import { GLOBAL_KIND, type JournalHeader, type PackedRules, START, TAG } from "./journal-format.ts";

/** A tag and the longest varint. */
const HEAD_BYTES = 6;

export function putBytes(to: ByteWriter, bytes: Uint8Array): void {
	to.bytes.set(bytes, to.length);
	to.length += bytes.length;
}

export function putHex(to: ByteWriter, hex: string): void {
	to.ensure(hex.length / 2);
	for (let i = 0; i < hex.length; i += 2) to.u8(Number.parseInt(hex.slice(i, i + 2), 16));
}

/** Writes a tag, the body that `fill` makes, and the body's length between them. */
export function putRecord(to: ByteWriter, tag: number, fill: (body: ByteWriter) => void): void {
	const body = new ByteWriter(128);
	fill(body);
	to.ensure(HEAD_BYTES + body.length);
	to.u8(tag);
	to.varint(body.length);
	putBytes(to, body.bytes.subarray(0, body.length));
}

/** The inbox of a tick that took effect. Allocates nothing while the buffer is long enough. */
export function putTick(to: ByteWriter, inbox: Uint8Array): void {
	to.ensure(HEAD_BYTES + inbox.length);
	to.u8(TAG.tick);
	to.varint(inbox.length);
	putBytes(to, inbox);
}

export function putRepeat(to: ByteWriter): void {
	to.ensure(1);
	to.u8(TAG.repeat);
}

/** Writes how `inbox` differs from `last`, which is as long; nothing when it does not. */
export function makePatch(to: ByteWriter, last: Uint8Array, inbox: Uint8Array): void {
	const { length } = inbox;
	// at worst every other byte is new, and each brings two numbers of one byte, or the last two of five
	to.ensure(length * 2 + 16);
	let kept = 0;
	for (let at = 0; at < length; ) {
		if (last[at] === inbox[at]) {
			at++;
			continue;
		}
		const from = at;
		while (at < length && last[at] !== inbox[at]) at++;
		to.varint(from - kept);
		to.varint(at - from);
		for (let i = from; i < at; i++) to.u8(inbox[i]);
		kept = at;
	}
}

/** The inbox of the tick before with the changes that `makePatch` wrote. */
export function putPatch(to: ByteWriter, patch: ByteWriter): void {
	to.ensure(HEAD_BYTES + patch.length);
	to.u8(TAG.patch);
	to.varint(patch.length);
	for (let i = 0; i < patch.length; i++) to.u8(patch.bytes[i]);
}

export function putAbort(to: ByteWriter, tick: number, inbox: Uint8Array): void {
	putRecord(to, TAG.abort, (body) => {
		body.ensure(HEAD_BYTES + inbox.length);
		body.varint(tick);
		putBytes(body, inbox);
	});
}

export function putHash(to: ByteWriter, tick: number, hash: string): void {
	putRecord(to, TAG.hash, (body) => {
		body.varint(tick);
		putHex(body, hash);
	});
}

/** The time at which `tick` is computed, ms since 1970. */
export function putTime(to: ByteWriter, tick: number, timeMs: number): void {
	putRecord(to, TAG.time, (body) => {
		body.varint(tick);
		putU64(body, timeMs);
	});
}

export function putSkip(to: ByteWriter, tick: number): void {
	putRecord(to, TAG.skip, (body) => body.varint(tick));
}

export function putEnd(to: ByteWriter, tick: number): void {
	putRecord(to, TAG.end, (body) => body.varint(tick));
}

function putRules(to: ByteWriter, rules: PackedRules): void {
	to.ensure(64 + rules.packed.length);
	putHex(to, rules.moduleHash);
	putHex(to, rules.schemaHash);
	to.varint(rules.fuelPerTick);
	to.varint(rules.length);
	putBytes(to, rules.packed);
}

function whole(record: ByteWriter): Uint8Array {
	return record.bytes.subarray(0, record.length);
}

export function encodeHeader(header: JournalHeader): Uint8Array {
	const to = new ByteWriter();
	putRecord(to, TAG.header, (body) => {
		putText(body, header.game);
		body.ensure(32);
		body.varint(header.version);
		body.varint(header.tickRate);
		putU32(body, header.seed);
		body.u8(START[header.start]);
		body.varint(header.firstTick);
		putRules(body, header.rules);
	});
	return whole(to);
}

export function encodeSwap(tick: number, previousHash: string, rules: PackedRules): Uint8Array {
	const to = new ByteWriter();
	putRecord(to, TAG.swap, (body) => {
		body.ensure(64);
		body.varint(tick);
		putHex(body, previousHash);
		putRules(body, rules);
	});
	return whole(to);
}

/** The mutable globals of a module: how many, and the kind and the 8 bytes of each. */
export function putGlobals(to: ByteWriter, globals: Image["globals"]): void {
	to.ensure(HEAD_BYTES + globals.length * 9);
	to.varint(globals.length);
	const value = new DataView(new ArrayBuffer(8));
	for (const global of globals) {
		const isBig = typeof global === "bigint";
		to.u8(isBig ? GLOBAL_KIND.bigint : GLOBAL_KIND.number);
		if (isBig) value.setBigInt64(0, global, true);
		else value.setFloat64(0, global, true);
		putBytes(to, new Uint8Array(value.buffer));
	}
}

/** A varint with so many bytes of UTF-8. */
export function putText(to: ByteWriter, text: string): void {
	const bytes = Buffer.from(text);
	to.ensure(HEAD_BYTES + bytes.length);
	to.varint(bytes.length);
	putBytes(to, bytes);
}

/** 8 bytes: a time of day, ms since 1970. */
export function putU64(to: ByteWriter, value: number): void {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt(value));
	to.ensure(8);
	putBytes(to, bytes);
}

export function putU32(to: ByteWriter, value: number): void {
	to.ensure(4);
	for (let shift = 0; shift < 32; shift += 8) to.u8(value >>> shift);
}

/** `packed` is the deflated memory of `image`. */
export function encodeImage(
	tick: number,
	{ length, globals }: Pick<Image, "length" | "globals">,
	packed: Uint8Array,
): Uint8Array {
	const to = new ByteWriter();
	putRecord(to, TAG.image, (body) => {
		body.ensure(32 + packed.length);
		body.varint(tick);
		putGlobals(body, globals);
		body.ensure(HEAD_BYTES + packed.length);
		body.varint(length);
		putBytes(body, packed);
	});
	return whole(to);
}
