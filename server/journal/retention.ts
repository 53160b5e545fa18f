import { JOURNAL_LIMITS } from "./journal-limits.ts";

/** Which journals in a folder to keep; null means no limit. */
export interface Retention {
	/** Time since their last byte, ms. */
	readonly keepMs: number | null;
	/** Bytes of all journals together. */
	readonly maxBytes: number | null;
}

/** A journal in the folder. */
export interface KeptJournal {
	readonly name: string;
	readonly bytes: number;
	/** When its last byte was written, ms since 1970. */
	readonly writtenMs: number;
	/** `ours` is being written by this process, `done` was; for `foreign` ones, only their age tells. */
	readonly writer: "ours" | "done" | "foreign";
}

function mayGo({ writer, writtenMs }: KeptJournal, nowMs: number): boolean {
	return (
		writer === "done" || (writer === "foreign" && nowMs - writtenMs >= JOURNAL_LIMITS.foreignMs)
	);
}

/**
 * Which journals to delete, oldest first: those that are too old, then as many as needed to get below
 * the limit in bytes. One that is being written counts towards the bytes, but is never chosen.
 */
export function chooseExpired(
	journals: readonly KeptJournal[],
	{ keepMs, maxBytes }: Retention,
	nowMs: number,
): KeptJournal[] {
	let bytes = journals.reduce((sum, journal) => sum + journal.bytes, 0);
	const oldestFirst = [...journals].sort(
		(a, b) => a.writtenMs - b.writtenMs || (a.name < b.name ? -1 : 1),
	);
	return oldestFirst.filter((journal) => {
		if (!mayGo(journal, nowMs)) return false;
		const isTooOld = keepMs !== null && nowMs - journal.writtenMs > keepMs;
		const isTooMuch = maxBytes !== null && bytes > maxBytes;
		if (!isTooOld && !isTooMuch) return false;
		bytes -= journal.bytes;
		return true;
	});
}
