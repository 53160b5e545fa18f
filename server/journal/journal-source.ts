import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type JournalProblem, problem } from "./journal-format.ts";

/** Bytes of a journal, wherever they are. */
export interface JournalSource {
	readonly length: number;
	/** The bytes from `at`, fewer than `length` where they end. */
	read(at: number, length: number): Uint8Array;
	close(): void;
}

export function memorySource(given: Uint8Array): JournalSource {
	// a Buffer's slice is no copy
	const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
	return {
		length: bytes.length,
		read: (at, length) => bytes.subarray(at, at + length),
		close() {},
	};
}

/** Opens a file for reading; its length is what it is now, though it may still grow. */
export function fileSource(file: string): JournalSource | JournalProblem {
	try {
		const fd = openSync(file, "r");
		const { size } = fstatSync(fd);
		return {
			length: size,
			read(at, length) {
				const bytes = new Uint8Array(length);
				return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
			},
			close: () => closeSync(fd),
		};
	} catch (thrown) {
		return problem("ERR_JOURNAL_MISSING", (thrown as Error).message);
	}
}
