import { SERVER_LIMITS } from "../limits.ts";

/** Rules with which three rooms failed in ten minutes are bad; one may have met a broken player. */
export const RETIRE_AFTER = { failures: 3, withinMs: 600_000 } as const;

/** Counts failures of rooms by the rules that they ran on, as far back as they matter. */
export class FailureCount {
	private readonly limit: { readonly failures: number; readonly withinMs: number };
	private readonly now: () => number;
	private readonly times = new Map<string, number[]>();

	constructor(
		limit: FailureCount["limit"] = RETIRE_AFTER,
		now: () => number = () => performance.now(),
	) {
		this.limit = limit;
		this.now = now;
	}

	/** Adds one; true if there are too many. */
	add(hash: string): boolean {
		const nowMs = this.now();
		const { failures, withinMs } = this.limit;
		const recent = (this.times.get(hash) ?? []).filter((atMs) => nowMs - atMs < withinMs);
		recent.push(nowMs);
		if (recent.length > failures) recent.shift();
		this.times.delete(hash);
		this.times.set(hash, recent);
		if (this.times.size > SERVER_LIMITS.countedRules)
			this.times.delete(this.times.keys().next().value as string);
		return recent.length >= failures;
	}

	about(hash: string): string {
		const minutes = Math.round(this.limit.withinMs / 60_000);
		return `${this.times.get(hash)?.length ?? 0} rooms failed within ${minutes} minutes`;
	}
}
