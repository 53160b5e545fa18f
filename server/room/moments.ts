import type { MomentLine } from "../../protocol/admin-answers.ts";
import { SERVER_LIMITS } from "../limits.ts";

type MomentKind = MomentLine["kind"];

/** Kinds that repeat while something is wrong: one moment stands for all in a row. */
const REPEATING: ReadonlySet<MomentKind> = new Set(["fault", "dropped"]);
/** Kinds so frequent in a busy room that they give way to the others. */
const COMMON: ReadonlySet<MomentKind> = new Set(["join", "leave"]);

/** A repetition after this long counts as new: 10 s at 60 Hz. */
const APART_TICKS = 600;

type Mutable = { -readonly [K in keyof MomentLine]: MomentLine[K] };

/** The moments in plain data. */
export interface SavedMoments {
	readonly list: readonly MomentLine[];
	readonly last: readonly (readonly [kind: MomentKind, tick: number])[];
}

/** What happened to a room, and at which tick, for its timeline. Bounded: the oldest are dropped. */
export class Moments {
	readonly list: Mutable[] = [];
	/** By kind: read for every room whenever the rooms are listed. */
	private readonly last = new Map<MomentKind, number>();

	note(kind: MomentKind, tick: number, detail: string): void {
		this.last.set(kind, tick);
		const same = REPEATING.has(kind) ? this.lastAlike(kind, tick) : null;
		if (same) {
			same.toTick = tick;
			same.count++;
			same.detail = detail;
			return;
		}
		this.list.push({ kind, tick, toTick: tick, count: 1, detail });
		if (this.list.length <= SERVER_LIMITS.roomMoments) return;
		const common = this.list.findIndex((moment) => COMMON.has(moment.kind));
		this.list.splice(Math.max(0, common), 1);
	}

	/** The moment that another of the same kind extends, as long as nothing else came between. */
	private lastAlike(kind: MomentKind, tick: number): Mutable | null {
		for (let i = this.list.length - 1; i >= 0; i--) {
			const moment = this.list[i];
			if (!REPEATING.has(moment.kind)) return null;
			if (moment.kind === kind) return tick - moment.toTick <= APART_TICKS ? moment : null;
		}
		return null;
	}

	save(): SavedMoments {
		return { list: this.list.map((moment) => ({ ...moment })), last: [...this.last] };
	}

	load({ list, last }: SavedMoments): void {
		for (const moment of list) this.list.push({ ...moment });
		for (const [kind, tick] of last) this.last.set(kind, tick);
	}

	/** The last tick of a kind, -1 for none. */
	lastTick(kind: MomentKind): number {
		return this.last.get(kind) ?? -1;
	}
}
