/**
 * Writes the header of an unmasked, final binary WebSocket frame (RFC 6455 §5.2) so that it ends at
 * `end`; returns where it begins.
 */
export function putFrameHeader(bytes: Uint8Array, end: number, payloadBytes: number): number {
	let start: number;
	if (payloadBytes < 126) {
		start = end - 2;
		bytes[start + 1] = payloadBytes;
	} else if (payloadBytes < 0x10000) {
		start = end - 4;
		bytes[start + 1] = 126;
		bytes[start + 2] = payloadBytes >>> 8;
		bytes[start + 3] = payloadBytes;
	} else {
		start = end - 10;
		bytes.fill(0, start + 2, start + 6);
		bytes[start + 1] = 127;
		bytes[start + 6] = payloadBytes >>> 24;
		bytes[start + 7] = payloadBytes >>> 16;
		bytes[start + 8] = payloadBytes >>> 8;
		bytes[start + 9] = payloadBytes;
	}
	bytes[start] = 0x82;
	return start;
}

/** Maximum bytes of such a header. */
export const MAX_FRAME_HEADER_BYTES = 10;
