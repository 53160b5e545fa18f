import type { Entry, Update, Watcher } from "../store.ts";

/** A space as it was at a version. */
interface Listed {
	readonly version: number;
	readonly entries: readonly Entry[];
}

/** What was told of one commit. */
interface News {
	readonly version: number;
	readonly updates: readonly Update[];
}

/** Null for what none of our scripts says. */
function readNews(message: string): News | null {
	const [head = ""] = message.split(" ", 1);
	try {
		const version = Number(head);
		const told: unknown = JSON.parse(message.slice(head.length + 1));
		if (!Number.isSafeInteger(version) || !Array.isArray(told)) return null;
		const updates = told.map((one: unknown): Update => {
			const [key, value] = one as [unknown, unknown];
			if (typeof key !== "string" || (value !== null && typeof value !== "string")) throw null;
			return { key, value, version };
		});
		return { version, updates };
	} catch {
		return null;
	}
}

/**
 * Keeps one watcher up to date: with a list of all at first and whenever changes may have been missed, with the changes
 * in between. Those that come while a list is on its way wait for it, and count when they are newer.
 */
export class SpaceWatch {
	private readonly watcher: Watcher;
	private readonly list: () => Promise<Listed>;
	private version = 0;
	/** Changes since a list was asked for; null when none is on its way. */
	private waiting: News[] | null = [];
	/** Counts lists that were asked for: only the last one counts. */
	private asked = 0;

	constructor(watcher: Watcher, list: () => Promise<Listed>) {
		this.watcher = watcher;
		this.list = list;
	}

	/** @throws what the store says when it cannot be asked: the watcher stays as it is until the next time */
	async refresh(): Promise<void> {
		const mine = ++this.asked;
		this.waiting = [];
		const { version, entries } = await this.list();
		if (mine !== this.asked) return;
		const waiting = this.waiting;
		this.waiting = null;
		this.version = version;
		this.watcher.reset(entries);
		for (const news of waiting) this.apply(news);
	}

	hear(message: string): void {
		const news = readNews(message);
		if (news === null) return;
		if (this.waiting) this.waiting.push(news);
		else this.apply(news);
	}

	close(): void {
		this.asked++;
		this.waiting = [];
	}

	private apply({ version, updates }: News): void {
		if (version <= this.version) return;
		this.version = version;
		for (const update of updates) this.watcher.update(update);
	}
}
