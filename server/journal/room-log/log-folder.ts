import { existsSync, readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { fileSource, type JournalSource } from "../journal-source.ts";
import { type LogProblem, logProblem, parseSegmentFile, seriesOf } from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";

/** Segments, wherever they are. */
export interface LogFolder {
	/** Names and sizes of all files, or why they cannot be had. */
	list(): readonly { readonly name: string; readonly bytes: number }[] | LogProblem;
	/** Null when the file is gone since it was listed. */
	open(name: string): JournalSource | LogProblem | null;
}

/** Bytes read from a file at once. */
const WINDOW_BYTES = 1024 * 1024;

/** Reads ahead: a block is read in two small pieces, of which a log has ten thousands. */
function readAhead(source: JournalSource): JournalSource {
	let window = new Uint8Array(0);
	let from = 0;
	return {
		length: source.length,
		read(at, length) {
			if (at < from || at + length > from + window.length) {
				window = source.read(at, Math.max(length, WINDOW_BYTES)) as Uint8Array<ArrayBuffer>;
				from = at;
			}
			return window.subarray(at - from, at - from + length);
		},
		close: () => source.close(),
	};
}

/** The segments in a folder of the file system. Each is read as it is now, though it may still grow. */
export function diskFolder(folder: string): LogFolder {
	return {
		list() {
			try {
				const names = readdirSync(folder).filter((name) => parseSegmentFile(name) !== null);
				if (names.length > LOG_LIMITS.files) {
					return logProblem("ERR_LOG_LIMIT", `${names.length} files`, folder);
				}
				return names.flatMap((name) => {
					const about = statSync(path.join(folder, name), { throwIfNoEntry: false });
					return about === undefined ? [] : [{ name, bytes: about.size }];
				});
			} catch (thrown) {
				return logProblem("ERR_LOG_MISSING", (thrown as Error).message, folder);
			}
		},
		open(name) {
			const file = path.join(folder, name);
			const source = fileSource(file);
			if ("error" in source && !existsSync(file)) return null;
			if ("error" in source) return logProblem("ERR_LOG_MISSING", source.detail, name);
			return readAhead(source);
		},
	};
}

/**
 * Series that have files in a folder and are not among the `living`: what their writers left. A series that begins
 * later is never among them.
 */
export function deadSeries(folder: string, living: Iterable<string>): string[] {
	if (!existsSync(folder)) return [];
	const alive = new Set(living);
	const found = readdirSync(folder).flatMap((name) => {
		const segment = parseSegmentFile(name);
		return segment === null ? [] : [seriesOf(segment)];
	});
	return [...new Set(found)].filter((series) => !alive.has(series));
}

/** Deletes files of a folder; those that are gone already do not matter. */
export async function removeFiles(folder: string, names: readonly string[]): Promise<void> {
	for (const name of names) await rm(path.join(folder, name), { force: true });
}
