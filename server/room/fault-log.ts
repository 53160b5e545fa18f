import { SERVER_LIMITS } from "../limits.ts";
import type { FaultReport } from "./fault-report.ts";

/** One fault, and how often it occurred. */
export interface RepeatedFault {
	readonly firstTick: number;
	count: number;
	/** Its last occurrence. */
	report: FaultReport;
}

/** The log in plain data. */
export interface SavedFaults {
	readonly reports: readonly FaultReport[];
	readonly repeated: readonly (readonly [key: string, fault: RepeatedFault])[];
}

/** What makes two faults the same: kind, rules, and the place, or the message without its numbers. */
function keyOf({ kind, moduleHash, frames, detail }: FaultReport): string {
	return `${kind} ${moduleHash} ${frames[0] ?? detail.replace(/\d+/g, "#")}`;
}

/** The faults of a room: the last reports, and the count of each fault. Both are bounded. */
export class FaultLog {
	/** Oldest first. */
	readonly reports: FaultReport[] = [];
	private readonly byKey = new Map<string, RepeatedFault>();

	add(report: FaultReport): void {
		this.reports.push(report);
		if (this.reports.length > SERVER_LIMITS.faultReports) this.reports.shift();
		const key = keyOf(report);
		const known = this.byKey.get(key);
		// the most recent comes last
		this.byKey.delete(key);
		const { tick: firstTick } = report;
		this.byKey.set(key, {
			firstTick: known?.firstTick ?? firstTick,
			count: (known?.count ?? 0) + 1,
			report,
		});
		if (this.byKey.size > SERVER_LIMITS.faultReports)
			this.byKey.delete(this.byKey.keys().next().value as string);
	}

	save(): SavedFaults {
		const repeated = [...this.byKey].map(([key, fault]) => [key, { ...fault }] as const);
		return { reports: [...this.reports], repeated };
	}

	load({ reports, repeated }: SavedFaults): void {
		this.reports.push(...reports);
		for (const [key, fault] of repeated) this.byKey.set(key, { ...fault });
	}

	/** The most recent come last. */
	get repeated(): RepeatedFault[] {
		return [...this.byKey.values()];
	}
}
