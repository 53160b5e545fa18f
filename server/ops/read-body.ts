import type { IncomingMessage } from "node:http";

/** The whole body of a request; null when it is longer than it may be. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer | null> {
	const parts: Buffer[] = [];
	let bytes = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		bytes += part.length;
		if (bytes > most) return null;
		parts.push(part);
	}
	return Buffer.concat(parts);
}
