import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A folder that is in use. */
interface FolderLock {
	release(): void;
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (thrown) {
		// somebody else's process
		return (thrown as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Takes a folder over from a process that gives it to this one. @throws what the system says */
export function inheritFolder(folder: string): FolderLock {
	const file = path.join(folder, "owner.pid");
	writeFileSync(file, String(process.pid), { mode: 0o600 });
	return { release: () => rmSync(file, { force: true }) };
}

/**
 * Takes a folder for this process, or says which process has it: two servers on one log would both bring its rooms
 * back. What a dead process left does not count.
 *
 * @throws what the system says when the folder cannot be written
 */
export function lockFolder(folder: string): FolderLock | { readonly pid: number } {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const file = path.join(folder, "owner.pid");
	for (;;) {
		try {
			writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o600 });
			return { release: () => rmSync(file, { force: true }) };
		} catch (thrown) {
			if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
		}
		const pid = Number(readFileSync(file, "utf8"));
		if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && isAlive(pid)) return { pid };
		rmSync(file, { force: true });
	}
}
