import type { MomentLine } from "../../protocol/admin-answers.ts";
import { LIMITS } from "../../protocol/limits.ts";

type MomentKind = MomentLine["kind"];

/** Kinds that come again and again while something is wrong: one moment tells of all in a row. */
const REPEATING: ReadonlySet<MomentKind> = new Set(["fault", "dropped"]);
/** Kinds of which a busy room has so many that they give way to the rest. */
const COMMON: ReadonlySet<MomentKind> = new Set(["join", "leave"]);

/** What comes again after so long is told anew: 10 s at 60 Hz. */
const APART_TICKS = 600;

type Mutable = { -readonly [K in keyof MomentLine]: MomentLine[K] };

/** The moments in plain data. */
export interface SavedMoments {
	readonly list: readonly MomentLine[];
	readonly last: readonly (readonly [kind: MomentKind, tick: number])[];
}

/** What happened to a room at which tick, for those who look at its past. Bounded: the oldest are forgotten. */
export class Moments {
	readonly list: Mutable[] = [];
	/** By kind: looked at for every room at every look at the list of rooms. */
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
		if (this.list.length <= LIMITS.roomMoments) return;
		const common = this.list.findIndex((moment) => COMMON.has(moment.kind));
		this.list.splice(Math.max(0, common), 1);
	}

	/** The moment that one of the same kind goes on, as long as nothing else has come between. */
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
