import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";

/** Writes only what changed, and whole, so that a watcher or a reader never sees half a file. */
export async function writeWhole(file: string, contents: string | Uint8Array): Promise<void> {
	const next = Buffer.from(contents);
	const now = await readFile(file).catch(() => null);
	if (now?.equals(next)) return;
	// a name of its own: two builds of one game may run at once
	const part = `${file}.${randomUUID()}.part`;
	await writeFile(part, next);
	await rename(part, file);
}
