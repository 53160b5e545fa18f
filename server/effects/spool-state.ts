import { EFFECT_LIMITS } from "./effect-limits.ts";

/** Something that has to reach its receiver, once: `text` is what it is told. */
export interface Parcel {
	/** Whoever honours it takes the same parcel once, however often it comes. */
	readonly key: string;
	/** Parcels of one room arrive in their order. */
	readonly room: string;
	readonly text: string;
	/** Milliseconds since 1970. */
	readonly addedMs: number;
}

/** What happens to a spool; times are ms since 1970. */
export type SpoolEvent =
	/** It is to be delivered; `isWritten`: the spool's file has it already. */
	| { readonly type: "add"; readonly parcel: Parcel; readonly isWritten?: boolean }
	/** It was delivered by whoever had the spool before. */
	| { readonly type: "known"; readonly key: string }
	| { readonly type: "delivered"; readonly key: string }
	/** `chance` from 0 to 1 spreads those that failed together. */
	| {
			readonly type: "failed";
			readonly key: string;
			readonly nowMs: number;
			readonly chance: number;
	  }
	| { readonly type: "time"; readonly nowMs: number };

/** What is to be done about it, in this order. */
export type SpoolAction =
	/** On the disk before anything is sent. */
	| { readonly type: "keep"; readonly parcel: Parcel }
	| { readonly type: "send"; readonly parcel: Parcel }
	/** It need not be kept any more. */
	| { readonly type: "forget"; readonly key: string }
	/** It will not arrive. */
	| { readonly type: "lose"; readonly key: string; readonly why: "full" | "old" };

interface Waiting {
	readonly parcel: Parcel;
	failures: number;
	dueMs: number;
	isSending: boolean;
}

/** How long to wait after so many failures. */
export function retryAfterMs(failures: number, chance: number): number {
	const { retryMs, mostRetryMs } = EFFECT_LIMITS;
	const most = Math.min(mostRetryMs, retryMs * 2 ** Math.min(failures - 1, 20));
	return most * (0.5 + chance / 2);
}

/** All decisions of a spool: which parcels wait, and what is to be done. It has no clock, no disk and no network. */
export class SpoolState {
	private readonly waiting = new Map<string, Waiting>();
	/** Keys by room, the first to come first. */
	private readonly rooms = new Map<string, string[]>();
	private readonly delivered = new Set<string>();
	private sending = 0;
	/** Failures since something arrived, and until when nothing is tried: the receiver may be down. */
	private failuresInRow = 0;
	private pausedUntilMs = 0;
	private bytes = 0;

	get size(): number {
		return this.waiting.size;
	}

	/** All parcels that wait, for a file that is written anew. */
	get parcels(): Parcel[] {
		return [...this.waiting.values()].map(({ parcel }) => parcel);
	}

	get deliveredKeys(): string[] {
		return [...this.delivered];
	}

	/** When the oldest parcel came, ms since 1970; null when none waits. */
	get oldestMs(): number | null {
		let oldest: number | null = null;
		for (const { parcel } of this.waiting.values()) {
			oldest = Math.min(oldest ?? parcel.addedMs, parcel.addedMs);
		}
		return oldest;
	}

	/** When `time` is due next; null when only an answer can change anything. */
	get wakeMs(): number | null {
		if (this.sending >= this.mostSending) return null;
		let next: number | null = null;
		for (const [key] of this.rooms.values()) {
			const { isSending, dueMs } = this.waiting.get(key as string) as Waiting;
			if (!isSending) next = Math.min(next ?? dueMs, dueMs);
		}
		return next === null ? null : Math.max(next, this.pausedUntilMs);
	}

	private get mostSending(): number {
		return this.failuresInRow < EFFECT_LIMITS.downAfter ? EFFECT_LIMITS.sending : 1;
	}

	on(event: SpoolEvent): SpoolAction[] {
		switch (event.type) {
			case "add":
				return this.add(event.parcel, event.isWritten ?? false);
			case "known":
				this.remember(event.key);
				return [];
			case "delivered":
				return this.settle(event.key);
			case "failed":
				return this.fail(event.key, event.nowMs, event.chance);
			case "time":
				return this.send(event.nowMs);
		}
	}

	private add(parcel: Parcel, isWritten: boolean): SpoolAction[] {
		const { key, room, text } = parcel;
		if (this.waiting.has(key) || this.delivered.has(key)) return [];
		const { waiting, waitingBytes } = EFFECT_LIMITS;
		if (this.waiting.size >= waiting || this.bytes + text.length > waitingBytes) {
			return [{ type: "lose", key, why: "full" }];
		}
		this.waiting.set(key, { parcel, failures: 0, dueMs: 0, isSending: false });
		const keys = this.rooms.get(room) ?? [];
		keys.push(key);
		this.rooms.set(room, keys);
		this.bytes += text.length;
		return isWritten ? [] : [{ type: "keep", parcel }];
	}

	private settle(key: string): SpoolAction[] {
		if (!this.remove(key)) return [];
		this.failuresInRow = 0;
		this.pausedUntilMs = 0;
		this.remember(key);
		return [{ type: "forget", key }];
	}

	private fail(key: string, nowMs: number, chance: number): SpoolAction[] {
		const entry = this.waiting.get(key);
		if (!entry?.isSending) return [];
		entry.isSending = false;
		this.sending--;
		entry.failures++;
		entry.dueMs = nowMs + retryAfterMs(entry.failures, chance);
		const inVain = ++this.failuresInRow - EFFECT_LIMITS.downAfter;
		if (inVain >= 0) {
			const pauseMs = Math.min(retryAfterMs(inVain + 1, chance), EFFECT_LIMITS.mostDownMs);
			this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs + pauseMs);
		}
		return [];
	}

	private send(nowMs: number): SpoolAction[] {
		const actions: SpoolAction[] = [];
		if (nowMs < this.pausedUntilMs || this.sending >= this.mostSending) return actions;
		for (const [room, keys] of [...this.rooms]) {
			const entry = this.waiting.get(keys[0] as string) as Waiting;
			const { parcel, isSending, dueMs } = entry;
			if (isSending || dueMs > nowMs) continue;
			if (nowMs - parcel.addedMs > EFFECT_LIMITS.keepMs) {
				this.remove(parcel.key);
				actions.push(
					{ type: "lose", key: parcel.key, why: "old" },
					{ type: "forget", key: parcel.key },
				);
				continue;
			}
			if (this.sending >= this.mostSending) break;
			entry.isSending = true;
			this.sending++;
			// the others get their turn first
			this.rooms.delete(room);
			this.rooms.set(room, keys);
			actions.push({ type: "send", parcel });
		}
		return actions;
	}

	private remove(key: string): boolean {
		const entry = this.waiting.get(key);
		if (!entry) return false;
		this.waiting.delete(key);
		if (entry.isSending) this.sending--;
		const { room, text } = entry.parcel;
		this.bytes -= text.length;
		const keys = (this.rooms.get(room) ?? []).filter((other) => other !== key);
		if (keys.length > 0) this.rooms.set(room, keys);
		else this.rooms.delete(room);
		return true;
	}

	private remember(key: string): void {
		this.delivered.add(key);
		if (this.delivered.size <= EFFECT_LIMITS.remembered) return;
		this.delivered.delete(this.delivered.keys().next().value as string);
	}
}
