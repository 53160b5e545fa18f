/** What one message may hold. */
interface MessageBounds {
	/** 1 is a flat array. */
	depth: number;
	/** Values in all, nested ones included. */
	elements: number;
	stringBytes: number;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Whether a string's bytes, the `n` before `end`, are UTF-8: no overlong forms, no surrogates. */
function isText(bytes: Uint8Array, end: number, n: number): boolean {
	let at = end - n;
	while (at < end && bytes[at] < 0x80) at++;
	if (at === end) return true;
	try {
		utf8.decode(bytes.subarray(at, end));
		return true;
	} catch {
		return false;
	}
}

/**
 * Walks a msgpack value without building anything, and checks that it is complete, alone and within
 * bounds. It runs before the real decoder, so that no message can make the decoder allocate much.
 *
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md. Maps and extensions are refused:
 * no message has any.
 *
 * @returns null, or what is wrong and where
 */
export function checkMsgpack(bytes: Uint8Array, bounds: MessageBounds): string | null {
	let at = 0;
	let elements = 0;
	let text = 0;
	/** Values still to come at each depth. */
	const open: number[] = [1];

	/** Reads a big-endian length and steps past it. */
	const length = (width: number): number => {
		let n = 0;
		for (let i = 0; i < width; i++) n = n * 256 + (bytes[at + i] ?? 0);
		at += width;
		return n;
	};

	while (open.length > 0) {
		const left = open[open.length - 1];
		if (left === 0) {
			open.pop();
			continue;
		}
		open[open.length - 1] = left - 1;
		if (at >= bytes.length) return `cut off at byte ${at}`;
		if (++elements > bounds.elements) return `more than ${bounds.elements} values`;
		const start = at;
		const head = bytes[at++] as number;
		let items = -1;
		text = 0;
		if (head <= 0x7f || head >= 0xe0 || head === 0xc0 || head === 0xc2 || head === 0xc3) continue;
		if (head >= 0x90 && head <= 0x9f) items = head & 15;
		else if (head === 0xdc) items = length(2);
		else if (head === 0xdd) items = length(4);
		else if (head >= 0xa0 && head <= 0xbf) at += text = head & 31;
		else if (head >= 0xd9 && head <= 0xdb) {
			const n = length(1 << (head - 0xd9));
			if (n > bounds.stringBytes) return `a string of ${n} bytes at ${start}`;
			at += text = n;
		} else if (head >= 0xc4 && head <= 0xc6) {
			const n = length(1 << (head - 0xc4));
			at += n;
		} else if (head === 0xca) at += 4;
		else if (head === 0xcb) at += 8;
		else if (head >= 0xcc && head <= 0xcf) at += 1 << (head - 0xcc);
		else if (head >= 0xd0 && head <= 0xd3) at += 1 << (head - 0xd0);
		else return `the forbidden type 0x${head.toString(16)} at ${start}`;
		if (at > bytes.length) return `cut off at byte ${bytes.length}`;
		if (text > 0 && !isText(bytes, at, text)) return `a string that is not UTF-8 at ${start}`;
		if (items >= 0) {
			if (open.length > bounds.depth) return `nested deeper than ${bounds.depth} at ${start}`;
			open.push(items);
		}
	}
	return at === bytes.length ? null : `${bytes.length - at} bytes follow the message`;
}
