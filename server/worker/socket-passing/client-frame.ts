/** A frame as a client sends it, with a mask of zeros: for a message that was read and is to be read again. */
export function clientFrame(payload: Uint8Array, isBinary: boolean): Buffer {
	const isLong = payload.length > 125;
	const head = Buffer.alloc((isLong ? 4 : 2) + 4);
	head[0] = isBinary ? 0x82 : 0x81;
	head[1] = 0x80 | (isLong ? 126 : payload.length);
	if (isLong) head.writeUInt16BE(payload.length, 2);
	return Buffer.concat([head, payload]);
}
