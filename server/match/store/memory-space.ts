import type { Change, CommitResult, Entry, Update, Watcher } from "./store.ts";

interface Kept extends Entry {
	/** When it ends; Infinity for never. */
	readonly endsMs: number;
}

/** One space of a {@link MemoryStore}. */
export class MemorySpace {
	private readonly entries = new Map<string, Kept>();
	/** Keys of entries that end, so that a sweep looks at no others. */
	private readonly ending = new Map<string, number>();
	private readonly watchers = new Set<Watcher>();
	private readonly now: () => number;
	private readonly most: number;
	private version = 0;
	/** What watchers have not heard yet: they may change the space themselves, and hear of it afterwards. */
	private readonly untold: Update[] = [];
	private isTelling = false;

	constructor(now: () => number, most: number) {
		this.now = now;
		this.most = most;
	}

	get(key: string): Entry | null {
		const kept = this.entries.get(key);
		return kept && kept.endsMs > this.now() ? kept : null;
	}

	list(prefix: string): Entry[] {
		const nowMs = this.now();
		const found: Entry[] = [];
		for (const kept of this.entries.values()) {
			if (kept.endsMs > nowMs && kept.key.startsWith(prefix)) found.push(kept);
		}
		return found.sort((a, b) => (a.key < b.key ? -1 : 1));
	}

	commit(changes: readonly Change[]): CommitResult {
		for (const { key, expect } of changes) {
			if (expect !== undefined && (this.get(key)?.version ?? 0) !== expect)
				return { conflict: key };
		}
		if (this.countAfter(changes) > this.most) {
			this.sweep();
			if (this.countAfter(changes) > this.most) return { full: true };
		}
		const version = ++this.version;
		for (const change of changes) this.apply(change, version);
		this.tell();
		return { version };
	}

	watch(watcher: Watcher): () => void {
		this.sweep();
		watcher.reset(this.list(""));
		this.watchers.add(watcher);
		return () => this.watchers.delete(watcher);
	}

	/** Lets go of what is over. */
	sweep(): void {
		const nowMs = this.now();
		for (const [key, endsMs] of this.ending) {
			if (endsMs <= nowMs) this.remove(key, ++this.version);
		}
		this.tell();
	}

	private countAfter(changes: readonly Change[]): number {
		let count = this.entries.size;
		for (const { key, value } of changes) {
			if (typeof value === "string" && !this.entries.has(key)) count++;
			else if (value === null && this.entries.has(key)) count--;
		}
		return count;
	}

	private apply({ key, value, ttlMs }: Change, version: number): void {
		if (value === undefined) return;
		if (value === null) return this.remove(key, version);
		const endsMs = ttlMs === undefined ? Number.POSITIVE_INFINITY : this.now() + ttlMs;
		this.entries.set(key, { key, value, version, endsMs });
		if (ttlMs === undefined) this.ending.delete(key);
		else this.ending.set(key, endsMs);
		this.note({ key, value, version });
	}

	private remove(key: string, version: number): void {
		this.ending.delete(key);
		if (this.entries.delete(key)) this.note({ key, value: null, version });
	}

	private note(update: Update): void {
		if (this.watchers.size > 0) this.untold.push(update);
	}

	private tell(): void {
		if (this.isTelling) return;
		this.isTelling = true;
		try {
			for (;;) {
				const update = this.untold.shift();
				if (!update) return;
				for (const watcher of [...this.watchers]) watcher.update(update);
			}
		} finally {
			this.isTelling = false;
		}
	}
}
