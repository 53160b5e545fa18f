import type { Log } from "../log.ts";
import type { Effect } from "../room/effect.ts";
import { EFFECT_LIMITS } from "./effect-limits.ts";
import { claimSpools, SpoolFile } from "./spool-file.ts";
import { type Parcel, type SpoolAction, SpoolState } from "./spool-state.ts";

/** Brings a parcel to its receiver. @throws Error with a name, when it did not arrive for certain */
export type Deliver = (parcel: Parcel) => Promise<void>;

interface SpoolOptions {
	/** Whose spool this is: a word. */
	readonly target: string;
	readonly deliver: Deliver;
	/** Where it is kept beyond the process; null: nowhere. */
	readonly folder: string | null;
	/** Names this life of the worker. */
	readonly me: string;
	readonly log: Log;
	/** Milliseconds since 1970. */
	readonly wallClock?: () => number;
	/** From 0 to 1. */
	readonly chance?: () => number;
}

/** For metrics. */
export interface SpoolFigures {
	readonly target: string;
	readonly waiting: number;
	/** How long the oldest has waited, ms. */
	readonly oldestMs: number;
	readonly delivered: number;
	readonly failures: number;
	readonly lost: number;
	/** Whether what waits survives this process. */
	readonly isKept: boolean;
}

/** The same for the same effect, and for no other. */
export function effectKey({ room, epoch, tick, n }: Effect): string {
	return `${room}:${epoch}:${tick}:${n}`;
}

/** What a receiver is told of a result, as JSON. */
function parcelOf(effect: Effect, nowMs: number): Parcel {
	const key = effectKey(effect);
	return { key, room: effect.room, text: JSON.stringify({ key, ...effect }), addedMs: nowMs };
}

/** Delivers parcels until they have arrived: does what `SpoolState` decides, with a file and timers. */
export class Spool {
	private readonly options: SpoolOptions;
	private readonly state = new SpoolState();
	private readonly file: SpoolFile | null;
	private readonly wallClock: () => number;
	private readonly underWay = new Set<Promise<void>>();
	private timer: NodeJS.Timeout | null = null;
	private readonly looking: NodeJS.Timeout | null;
	private isEnding = false;
	private isKept: boolean;
	private counts = { delivered: 0, failures: 0, lost: 0 };

	/** @throws what the system says when the folder cannot be used */
	constructor(options: SpoolOptions) {
		const { folder, target, me } = options;
		this.options = options;
		this.wallClock = options.wallClock ?? Date.now;
		this.file = folder === null ? null : new SpoolFile(folder, target, me);
		this.isKept = this.file !== null;
		// a worker that is emptied leaves its spool while the others run
		this.looking =
			this.file && setInterval(() => this.adopt(() => false, []), EFFECT_LIMITS.lookMs);
		this.looking?.unref();
		if (!this.isKept) options.log("warn", "results wait in memory alone", { target });
	}

	get figures(): SpoolFigures {
		const { state, counts, isKept } = this;
		const { oldestMs } = state;
		return {
			...{ target: this.options.target, waiting: state.size, ...counts, isKept },
			oldestMs: oldestMs === null ? 0 : Math.max(0, this.wallClock() - oldestMs),
		};
	}

	/** Takes a result; it is on the disk when this returns. */
	add(effect: Effect): void {
		this.act(this.state.on({ type: "add", parcel: parcelOf(effect, this.wallClock()) }));
		this.arm();
	}

	/**
	 * Takes over what others have left who are gone: their spools, and what the log says of them, where a crash came
	 * between log and spool.
	 */
	adopt(
		isGone: (series: string) => boolean,
		logged: readonly { readonly series: string; readonly result: Effect }[],
	): void {
		const { folder, target, me, log } = this.options;
		if (folder === null || this.isEnding) return;
		try {
			for (const { series, waiting, done, remove } of claimSpools(folder, target, me, isGone)) {
				for (const key of done) this.state.on({ type: "known", key });
				for (const parcel of waiting) this.act(this.state.on({ type: "add", parcel }));
				for (const { series: from, result } of logged) if (from === series) this.add(result);
				if (this.isKept) remove();
			}
		} catch (thrown) {
			this.trouble((thrown as Error).message);
			log("error", "results of others not taken over", { error: "ERR_SPOOL", target });
		}
		this.arm();
	}

	/** Sends nothing more, and waits a while for what is under way; the rest waits for whoever comes next. */
	async finish(withinMs: number): Promise<void> {
		this.isEnding = true;
		if (this.timer !== null) clearTimeout(this.timer);
		if (this.looking !== null) clearInterval(this.looking);
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise((resolve) => {
			timer = setTimeout(resolve, withinMs);
		});
		await Promise.race([Promise.allSettled([...this.underWay]), late]);
		clearTimeout(timer);
		try {
			this.file?.close(this.state.size === 0);
		} catch (thrown) {
			this.trouble((thrown as Error).message);
		}
	}

	private act(actions: readonly SpoolAction[]): void {
		for (const action of actions) {
			if (action.type === "send") this.send(action.parcel);
			else if (action.type === "lose") this.lose(action.key, action.why);
			else this.write(action);
		}
	}

	private send(parcel: Parcel): void {
		const { deliver, log, target, chance = Math.random } = this.options;
		const { key } = parcel;
		const sent = deliver(parcel).then(
			() => {
				this.counts.delivered++;
				this.act(this.state.on({ type: "delivered", key }));
			},
			({ name, message }: Error) => {
				this.counts.failures++;
				log("warn", "result not delivered", { target, key, error: name, detail: message });
				const nowMs = this.wallClock();
				this.act(this.state.on({ type: "failed", key, nowMs, chance: chance() }));
			},
		);
		this.underWay.add(sent);
		void sent.finally(() => {
			this.underWay.delete(sent);
			this.arm();
		});
	}

	private lose(key: string, why: "full" | "old"): void {
		const { log, target } = this.options;
		this.counts.lost++;
		const error = why === "full" ? "ERR_SPOOL_FULL" : "ERR_SPOOL_OLD";
		log("error", "result lost", { error, target, key });
	}

	private write(action: Extract<SpoolAction, { type: "keep" | "forget" }>): void {
		const { file, state } = this;
		if (file === null) return;
		try {
			if (action.type === "keep") file.add(action.parcel);
			else file.done(action.key);
			if (!this.isKept || file.isWorthRewriting(state.size)) {
				file.rewrite(state.parcels, state.deliveredKeys);
				this.isKept = true;
			}
		} catch (thrown) {
			this.trouble((thrown as Error).message);
		}
	}

	private trouble(detail: string): void {
		const { log, target } = this.options;
		if (this.isKept) log("error", "results are not kept", { error: "ERR_SPOOL", target, detail });
		this.isKept = false;
	}

	/** Looks again when something is due: not at once, since much may come together. */
	private arm(): void {
		if (this.isEnding) return;
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		const { wakeMs } = this.state;
		if (wakeMs === null) return;
		const waitMs = Math.max(0, Math.min(wakeMs - this.wallClock(), EFFECT_LIMITS.mostRetryMs));
		this.timer = setTimeout(() => {
			this.timer = null;
			this.act(this.state.on({ type: "time", nowMs: this.wallClock() }));
			this.arm();
		}, waitMs);
	}
}
