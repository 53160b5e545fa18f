/** Bytes before a client's payload: opcode, length, mask. */
export const MOST_HEAD_BYTES = 8;

/**
 * Writes a client's frame of `length` bytes, which lie at `MOST_HEAD_BYTES`, masked as RFC 6455 asks.
 * Returns where the frame begins; it ends at `MOST_HEAD_BYTES + length`.
 */
export function putClientFrame(
	bytes: Uint8Array,
	opcode: number,
	length: number,
	mask: number,
): number {
	const start = length < 126 ? 2 : 0;
	bytes[start] = 0x80 | opcode;
	if (length < 126) bytes[start + 1] = 0x80 | length;
	else {
		bytes[1] = 0x80 | 126;
		bytes[2] = length >>> 8;
		bytes[3] = length;
	}
	for (let i = 0; i < 4; i++) bytes[4 + i] = mask >>> (8 * i);
	for (let i = 0; i < length; i++) {
		bytes[MOST_HEAD_BYTES + i] = bytes[MOST_HEAD_BYTES + i] ^ (mask >>> (8 * (i & 3)));
	}
	return start;
}
