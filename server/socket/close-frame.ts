/** The frame with which a server closes a WebSocket, for want of one (RFC 6455 §5.5.1). */
export function closeFrame(code: number, reason: string): Buffer {
	const text = Buffer.from(reason).subarray(0, 123);
	const frame = Buffer.alloc(4 + text.length);
	frame[0] = 0x88;
	frame[1] = 2 + text.length;
	frame.writeUInt16BE(code, 2);
	text.copy(frame, 4);
	return frame;
}
