import { MATCH_LIMITS } from "../match-limits.ts";
import { checkChanges } from "./check-changes.ts";
import { MemorySpace } from "./memory-space.ts";
import type { Change, CommitResult, Entry, Store, Watcher } from "./store.ts";

interface MemoryStoreOptions {
	/** Any clock that never goes back, ms. */
	now: () => number;
	/** Entries of one space at most. */
	maxEntries?: number;
}

/** The store of a server that shares nothing: it is gone with the process. */
export class MemoryStore implements Store {
	private readonly spaces = new Map<string, MemorySpace>();
	private readonly options: MemoryStoreOptions;

	constructor(options: MemoryStoreOptions) {
		this.options = options;
	}

	async get(space: string, key: string): Promise<Entry | null> {
		return this.space(space).get(key);
	}

	async list(space: string, prefix = ""): Promise<readonly Entry[]> {
		return this.space(space).list(prefix);
	}

	async commit(space: string, changes: readonly Change[]): Promise<CommitResult> {
		checkChanges(changes);
		return this.space(space).commit(changes);
	}

	async watch(space: string, watcher: Watcher): Promise<() => void> {
		return this.space(space).watch(watcher);
	}

	sweep(): void {
		for (const space of this.spaces.values()) space.sweep();
	}

	async close(): Promise<void> {}

	private space(name: string): MemorySpace {
		const { now, maxEntries = MATCH_LIMITS.storeEntries } = this.options;
		let found = this.spaces.get(name);
		if (!found) {
			found = new MemorySpace(now, maxEntries);
			this.spaces.set(name, found);
		}
		return found;
	}
}
