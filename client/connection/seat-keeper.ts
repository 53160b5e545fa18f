import { holdSeat, type Release } from "./seat-hold.ts";

/** A seat that its player may return to. */
interface KeptSeat {
	readonly room: string;
	/** The server's token, which proves who had the seat. */
	readonly token: string;
}

/** Where a seat's token is kept across page reloads. Each method may answer asynchronously. */
export interface SeatStore {
	get(): string | null | Promise<string | null>;
	set(value: string): void | Promise<void>;
	remove(): void | Promise<void>;
}

/** The tab's storage, which survives a reload but not the tab; null where there is none. */
export function tabStore(key: string): SeatStore | null {
	let storage: Storage | undefined;
	try {
		storage = globalThis.sessionStorage;
		storage?.getItem(key);
	} catch {
		// a page that may not store anything
		return null;
	}
	if (!storage || typeof document === "undefined") return null;
	const tab = storage;
	return {
		get: () => tab.getItem(key),
		set: (value) => tab.setItem(key, value),
		remove: () => tab.removeItem(key),
	};
}

function parse(text: string | null): KeptSeat | null {
	try {
		const { room, token } = JSON.parse(text ?? "null") as Partial<Record<keyof KeptSeat, unknown>>;
		return typeof room === "string" && typeof token === "string" ? { room, token } : null;
	} catch {
		return null;
	}
}

/** Remembers a client's seat across page reloads. */
export class SeatKeeper {
	private readonly store: SeatStore | null;
	private token: string | null = null;
	private release: Release = () => {};
	/** Counts changes, so that late answers are recognised. */
	private changes = 0;

	constructor(store: SeatStore | null) {
		this.store = store;
	}

	/** The stored seat, if this page may have it: in `room`, if one is given. */
	async recall(room: string | null): Promise<KeptSeat | null> {
		if (!this.store) return null;
		try {
			const kept = parse(await this.store.get());
			if (!kept || (room !== null && kept.room !== room)) return null;
			const release = await holdSeat(kept.token);
			if (!release) return null;
			this.token = kept.token;
			this.release = release;
			return kept;
		} catch {
			return null;
		}
	}

	/** Stores the current seat. If the store fails, the client only loses the way back. */
	keep({ room, token }: KeptSeat): void {
		if (!this.store) return;
		void attempt(() => this.store?.set(JSON.stringify({ room, token })));
		if (token === this.token) return;
		this.release();
		this.token = token;
		this.release = () => {};
		const change = ++this.changes;
		void holdSeat(token).then((release) => {
			if (change === this.changes) this.release = release ?? (() => {});
			else release?.();
		});
	}

	/** This page stops playing, but may return to the seat. */
	letGo(): void {
		this.changes++;
		this.token = null;
		this.release();
		this.release = () => {};
	}

	/** There is no seat to return to. */
	forget(): void {
		this.letGo();
		if (this.store) void attempt(() => this.store?.remove());
	}
}

async function attempt(run: () => void | Promise<void>): Promise<void> {
	try {
		await run();
	} catch {
		// full, or no longer allowed
	}
}
