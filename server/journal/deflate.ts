import { promisify } from "node:util";
import { deflateRaw, inflateRawSync } from "node:zlib";
import { type JournalProblem, problem } from "./journal-format.ts";

/** Deflates on another thread. */
export const deflate = promisify<Uint8Array, { level: number }, Uint8Array>(deflateRaw);

/** For images, which are large, mostly zeros, and made while a room runs. */
export const FAST = { level: 1 };
/** For what is packed once in a process: modules. */
export const SMALL = { level: 9 };

/** Inflates to exactly `length` bytes, and never to more. */
export function inflate(
	packed: Uint8Array,
	length: number,
	offset = -1,
): Uint8Array<ArrayBuffer> | JournalProblem {
	try {
		// zlib takes no maximum of 0
		const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(length, 1) });
		if (bytes.length === length) return new Uint8Array(bytes);
		const detail = `${length} bytes were packed, ${bytes.length} came out`;
		return problem("ERR_JOURNAL_DEFLATE", detail, offset);
	} catch (thrown) {
		return problem("ERR_JOURNAL_DEFLATE", (thrown as Error).message, offset);
	}
}
