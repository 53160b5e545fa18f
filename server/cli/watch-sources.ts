import { type FSWatcher, readdirSync, watch } from "node:fs";
import path from "node:path";

/** Saving a file raises several events; and an editor may write more than one file. */
const SETTLE_MS = 30;

/** Folders without sources written by the game's author. */
const LEFT_OUT = new Set(["generated", "node_modules", ".git", "target", ".zig-cache", "zig-out"]);

function isSource(name: string): boolean {
	return /\.(?:ts|html|css|c|h|cpp|hpp|rs|zig|go|toml|mod)$/.test(name);
}

/** Watches a folder and its subfolders, and calls `changed` for each event of a source. */
class FolderWatcher {
	private readonly watchers = new Map<string, FSWatcher>();
	private readonly changed: () => void;

	constructor(folder: string, changed: () => void) {
		this.changed = changed;
		this.follow(folder);
	}

	close(): void {
		for (const watcher of this.watchers.values()) watcher.close();
		this.watchers.clear();
	}

	/** Watches a folder, again if it is already watched; true unless there is no such folder. */
	private follow(folder: string): boolean {
		this.watchers.get(folder)?.close();
		this.watchers.delete(folder);
		try {
			const entries = readdirSync(folder, { withFileTypes: true });
			const watcher = watch(folder, (_, name) => this.see(folder, name));
			watcher.on("error", () => watcher.close());
			this.watchers.set(folder, watcher);
			for (const entry of entries) {
				if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) {
					this.follow(path.join(folder, entry.name));
				}
			}
			return true;
		} catch {
			// a file, or gone already
			return false;
		}
	}

	private see(folder: string, name: string | null): void {
		if (name === null || isSource(name)) this.changed();
		else if (!LEFT_OUT.has(name) && this.follow(path.join(folder, name))) this.changed();
	}
}

/**
 * Calls `changed` once things have settled after a change of a source below `folder`; never twice at a
 * time. Returns a function that stops watching.
 *
 * Each folder has a watcher of its own: where Node watches a tree by watching its files, as on Linux, it
 * loses every file that an editor saves by putting a new one in its place.
 */
export function watchSources(folder: string, changed: () => Promise<void>): () => void {
	let timer: NodeJS.Timeout | null = null;
	let isBusy = false;
	let isStale = false;
	const run = async (): Promise<void> => {
		if (isBusy) {
			isStale = true;
			return;
		}
		isBusy = true;
		do {
			isStale = false;
			await changed();
		} while (isStale);
		isBusy = false;
	};
	const watcher = new FolderWatcher(folder, () => {
		if (timer) clearTimeout(timer);
		timer = setTimeout(() => void run(), SETTLE_MS);
	});
	return () => {
		watcher.close();
		if (timer) clearTimeout(timer);
	};
}
