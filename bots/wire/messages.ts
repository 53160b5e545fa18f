import { CLIENT_MESSAGE } from "../../protocol/messages/client-message.ts";
import { SERVER_MESSAGE } from "../../protocol/messages/server-message.ts";

/*
 * The two messages that travel often are read and written here without a library, as the msgpack of
 * PROTOCOL.md; all others go through the protocol's own code.
 *
 *     input      95 02 | ackTick | tick | bin | age  the inputs for tick, tick + 1, …
 *     snapshot   9x 02 | tick | inputTick | slack …  includes all inputs up to inputTick
 */

/** The first fields of a snapshot, read into one object over and over. */
export interface SnapshotHead {
	tick: number;
	inputTick: number;
	slack: number;
}

let at = 0;

/** The integer at `at`, which moves behind it; NaN for anything else. */
function takeInteger(bytes: Uint8Array): number {
	const head = bytes[at++];
	if (head < 0x80) return head;
	if (head >= 0xe0) return head - 0x100;
	const size = head >= 0xcc && head <= 0xcf ? 1 << (head - 0xcc) : 1 << (head - 0xd0);
	if (head < 0xcc || head > 0xd3) return Number.NaN;
	let value = head >= 0xd0 && bytes[at] >= 0x80 ? -1 : 0;
	for (let i = 0; i < size; i++) value = value * 256 + bytes[at++];
	return value;
}

/** Reads a snapshot's head; false when the message is none. */
export function readSnapshotHead(bytes: Uint8Array, head: SnapshotHead): boolean {
	if ((bytes[0] & 0xf0) !== 0x90 || bytes[1] !== SERVER_MESSAGE.snapshot) return false;
	at = 2;
	head.tick = takeInteger(bytes);
	head.inputTick = takeInteger(bytes);
	head.slack = takeInteger(bytes);
	return !Number.isNaN(head.slack) && head.inputTick >= 0 && head.tick >= 0;
}

/** The type of any message, -1 when it has none. */
export function typeOf(bytes: Uint8Array): number {
	const first = bytes[0];
	if ((first & 0xf0) === 0x90) return bytes[1];
	// a roster of many has more elements than the short form counts
	return first === 0xdc ? bytes[3] : -1;
}

function putUint(bytes: Uint8Array, value: number): void {
	if (value < 0x80) bytes[at++] = value;
	else if (value < 0x100) {
		bytes[at++] = 0xcc;
		bytes[at++] = value;
	} else if (value < 0x10000) {
		bytes[at++] = 0xcd;
		bytes[at++] = value >>> 8;
		bytes[at++] = value;
	} else {
		bytes[at++] = 0xce;
		for (let shift = 24; shift >= 0; shift -= 8) bytes[at++] = value >>> shift;
	}
}

function putBinHead(bytes: Uint8Array, length: number): void {
	bytes[at++] = length < 0x100 ? 0xc4 : 0xc5;
	if (length >= 0x100) bytes[at++] = length >>> 8;
	bytes[at++] = length;
}

/** Writes an input message at `from`: `count` times the same `input`. Returns where it ends. */
export function putInput(
	bytes: Uint8Array,
	from: number,
	ackTick: number,
	tick: number,
	input: Uint8Array,
	count: number,
): number {
	at = from + 2;
	bytes[from] = 0x95;
	bytes[from + 1] = CLIENT_MESSAGE.input;
	putUint(bytes, ackTick);
	putUint(bytes, tick);
	putBinHead(bytes, input.length * count);
	for (let i = 0; i < count; i++, at += input.length) bytes.set(input, at);
	// a bot shows nothing, so its view has no age
	putUint(bytes, 0);
	return at;
}
