import type { Store, Watcher } from "./store.ts";

/** A copy of a space that is read without waiting, and is as new as what the store has told. */
export class Mirror<T> {
	readonly entries = new Map<string, T>();
	private readonly read: (value: string) => T | null;
	/** Called after each change, with the key, or null when all may have changed. */
	private readonly changed: (key: string | null) => void;
	private stop: (() => void) | null = null;
	private isClosed = false;

	/** `read` gives null for a value that is none of ours: it is left out. */
	constructor(read: (value: string) => T | null, changed: (key: string | null) => void = () => {}) {
		this.read = read;
		this.changed = changed;
	}

	async open(store: Store, space: string): Promise<void> {
		const watcher: Watcher = {
			reset: (entries) => {
				this.entries.clear();
				for (const { key, value } of entries) this.put(key, value);
				this.changed(null);
			},
			update: ({ key, value }) => {
				this.put(key, value);
				this.changed(key);
			},
		};
		const stop = await store.watch(space, watcher);
		if (this.isClosed) stop();
		else this.stop = stop;
	}

	close(): void {
		this.isClosed = true;
		this.stop?.();
	}

	private put(key: string, value: string | null): void {
		const found = value === null ? null : this.read(value);
		if (found === null) this.entries.delete(key);
		else this.entries.set(key, found);
	}
}
