import type { CloseName } from "../protocol/errors.ts";

/** What the process counts beside its rooms. */
export class ServerCounters {
	readonly startedAt = Date.now();
	roomsOpened = 0;
	roomsClosed = 0;
	/** Rooms that a fault ended. */
	faults = 0;
	/** Tries at a tick that failed, in all rooms. */
	ticksFailed = 0;
	/** Dropped connections by reason. */
	readonly drops = new Map<CloseName, number>();

	/** Deployments by policy, and those that were refused or retired. */
	readonly deployments = new Map<string, number>();

	deployment(outcome: string): void {
		this.deployments.set(outcome, (this.deployments.get(outcome) ?? 0) + 1);
	}

	drop(name: CloseName): void {
		this.drops.set(name, (this.drops.get(name) ?? 0) + 1);
	}
}
