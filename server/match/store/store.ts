/**
 * What players who come in share, on one machine or on many: spaces of entries that are changed by
 * compare-and-set and end by themselves. Tickets, bans, listings and queues are small layers on these
 * few verbs, so that another store has little to get right; `test/conformance/store-suite.ts` says what.
 */

export interface Entry {
	readonly key: string;
	readonly value: string;
	/** Grows with each change of the space and is never given twice, not even after a removal. */
	readonly version: number;
}

export interface Change {
	readonly key: string;
	/** The version that must stand there; 0: there must be none. Whatever stands there, when left out. */
	readonly expect?: number;
	/** The new value; null removes, left out nothing changes: such a change only checks. */
	readonly value?: string | null;
	/** The entry ends after so many ms; it stays when left out. */
	readonly ttlMs?: number;
}

export type CommitResult =
	/** All of it was done; what was put has this version. */
	| { readonly version: number }
	/** None of it was done: at this key stood something else. */
	| { readonly conflict: string }
	/** None of it was done: the space has no room for more entries. */
	| { readonly full: true };

export interface Update {
	readonly key: string;
	/** Null: the entry is gone, by a removal or by its time. */
	readonly value: string | null;
	readonly version: number;
}

/** Whoever keeps a copy of a space. */
export interface Watcher {
	/** Takes all entries for what there is: at first, and whenever updates may have been missed. */
	reset(entries: readonly Entry[]): void;
	/** In the order of the changes, each once. */
	update(update: Update): void;
}

/** The store cannot be asked. A commit that ends so may have been done: ask what stands there. */
export class StoreDown extends Error {
	override readonly name = "ERR_STORE_DOWN";
}

/** Every verb rejects with {@link StoreDown} when there is no answer. */
export interface Store {
	/** Null when there is none, or its time is over. */
	get(space: string, key: string): Promise<Entry | null>;
	/** All entries whose keys begin so, by key. */
	list(space: string, prefix?: string): Promise<readonly Entry[]>;
	/**
	 * All changes or none, as one step that nobody sees half of. A change that names no `expect` always may.
	 *
	 * @throws RangeError for a key twice, too long a key or value, or too many changes: a bug of the caller
	 */
	commit(space: string, changes: readonly Change[]): Promise<CommitResult>;
	/** Keeps a watcher up to date until the function it resolves with is called. */
	watch(space: string, watcher: Watcher): Promise<() => void>;
	/** Tells watchers of entries whose time is over, and lets them go: to be called every second. */
	sweep(): void;
	close(): Promise<void>;
}
