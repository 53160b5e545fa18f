import { readdirSync, readFileSync } from "node:fs";

/** Descriptors that a server needs beside its clients: files, threads, a swap under way, requests. */
const RESERVE = 24;

/** Files that this process may have open, where the system says so. */
function mostOpenFiles(): number | null {
	try {
		const [, soft] =
			/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
		return soft === undefined ? null : Number(soft);
	} catch {
		return null;
	}
}

function openFiles(): number {
	try {
		return readdirSync("/proc/self/fd").length;
	} catch {
		return 0;
	}
}

/**
 * Number of clients for which there are descriptors, leaving some to refuse further clients by name and
 * for health checks; null if the system does not say.
 */
export function clientsByDescriptors(): number | null {
	const most = mostOpenFiles();
	if (most === null) return null;
	return Math.max(1, most - openFiles() - Math.min(RESERVE, Math.floor(most / 4)));
}
