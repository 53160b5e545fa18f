/** A message of a later version, which a receiver that does not know it ignores. */
export interface Unknown {
	type: "unknown";
	code: number;
}

/** Types up to here are for messages that may be ignored. */
const LAST_TYPE = 127;

/** Whether a message's type is not among `known` but may belong to a later version. */
export function isLaterType(type: number, known: Readonly<Record<string, number>>): boolean {
	return type > Math.max(...Object.values(known)) && type <= LAST_TYPE;
}

/** The start of a message, read without the rest. */
interface MessageHead {
	/** The first element if it is an integer, in any form; otherwise NaN. */
	type: number;
	/** The second one likewise. */
	second: number;
}

/** Integers up to 64 bits, and floats: bytes that follow the head, and how to read them. */
function readNumber(view: DataView, at: number): [value: number, end: number] {
	if (at >= view.byteLength) return [Number.NaN, at];
	const head = view.getUint8(at);
	if (head < 0x80) return [head, at + 1];
	if (head >= 0xe0) return [head - 0x100, at + 1];
	if (head < 0xca || head > 0xd3) return [Number.NaN, at];
	const bytes = head === 0xca ? 4 : head === 0xcb ? 8 : 1 << (head & 3);
	const from = at + 1;
	if (from + bytes > view.byteLength) return [Number.NaN, at];
	const read: Record<number, () => number> = {
		202: () => view.getFloat32(from),
		203: () => view.getFloat64(from),
		204: () => view.getUint8(from),
		205: () => view.getUint16(from),
		206: () => view.getUint32(from),
		207: () => Number(view.getBigUint64(from)),
		208: () => view.getInt8(from),
		209: () => view.getInt16(from),
		210: () => view.getInt32(from),
		211: () => Number(view.getBigInt64(from)),
	};
	const value = (read[head] as () => number)();
	return [Number.isInteger(value) ? value : Number.NaN, from + bytes];
}

/** Reads the first two elements of an array; null if the bytes do not begin with an array. */
export function peekHead(bytes: Uint8Array): MessageHead | null {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const head = bytes[0] ?? 0;
	let length = head & 15;
	let at = 1;
	if (head === 0xdc && bytes.length >= 3) {
		length = view.getUint16(1);
		at = 3;
	} else if (head === 0xdd && bytes.length >= 5) {
		length = view.getUint32(1);
		at = 5;
	} else if (head < 0x90 || head > 0x9f) return null;
	const [type, next] = length > 0 ? readNumber(view, at) : [Number.NaN, at];
	const second = length > 1 && next > at ? readNumber(view, next)[0] : Number.NaN;
	return { type, second };
}
