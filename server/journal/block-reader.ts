import {
	type Block,
	FILE_HEAD_BYTES,
	readBlock as readAnyBlock,
	readFileHead,
} from "./block-file.ts";
import { JOURNAL_MAGIC, JOURNAL_MAJOR, type JournalProblem, problem } from "./journal-format.ts";
import { JOURNAL_LIMITS } from "./journal-limits.ts";
import type { JournalSource } from "./journal-source.ts";

export function checkFileHead(source: JournalSource): JournalProblem | null {
	const first = source.read(0, 4);
	if (first.length === 4 && Buffer.from(first).readUInt32LE() !== JOURNAL_MAGIC) {
		return problem("ERR_JOURNAL_MAGIC", "this is no journal", 0);
	}
	const head = readFileHead(source);
	if (head === null) {
		const { length } = source.read(0, FILE_HEAD_BYTES);
		return problem("ERR_JOURNAL_CUT", "the file ends before it begins", length);
	}
	const { major } = head;
	if (major === JOURNAL_MAJOR) return null;
	return problem("ERR_JOURNAL_VERSION", `format ${major}, this build reads ${JOURNAL_MAJOR}`, 4);
}

/** The block at `offset` with its checksums verified, or the end of the file. */
export function readBlock(
	source: JournalSource,
	offset: number,
): Block | { readonly end: number; readonly isCut: boolean } | JournalProblem {
	const block = readAnyBlock(source, offset, JOURNAL_LIMITS.blockBytes);
	if (!("damage" in block)) return block;
	const error = block.damage === "size" ? "ERR_JOURNAL_LIMIT" : "ERR_JOURNAL_DAMAGED";
	return problem(error, block.detail, offset);
}
