import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import { type JournalProblem, problem } from "./journal-format.ts";

/** Deflates on another thread. */
export const deflate = promisify<Uint8Array, { level: number }, Uint8Array>(deflateRaw);

/** For images, which are large, mostly zeros, and made while a room runs. */
export const FAST = { level: 1 };
/** For what is packed once in a process: modules. */
export const SMALL = { level: 9 };

/** Inflates to exactly `length` bytes, and never to more; says what is wrong when that is not what comes out. */
export function inflateTo(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> | string {
	try {
		// zlib takes no maximum of 0
		const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(length, 1) });
		if (bytes.length === length) return new Uint8Array(bytes);
		return `${length} bytes were packed, ${bytes.length} came out`;
	} catch (thrown) {
		return (thrown as Error).message;
	}
}

/** The same with the name of what is wrong. */
export function inflate(
	packed: Uint8Array,
	length: number,
	offset = -1,
): Uint8Array<ArrayBuffer> | JournalProblem {
	const bytes = inflateTo(packed, length);
	return typeof bytes === "string" ? problem("ERR_JOURNAL_DEFLATE", bytes, offset) : bytes;
}
