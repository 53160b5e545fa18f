import type { CloseName } from "../../protocol/errors.ts";

/** What the process counts beside its rooms. */
export class ServerCounters {
	readonly startedAt = Date.now();
	roomsOpened = 0;
	roomsClosed = 0;
	faults = 0;
	/** Dropped connections by reason. */
	readonly drops = new Map<CloseName, number>();

	drop(name: CloseName): void {
		this.drops.set(name, (this.drops.get(name) ?? 0) + 1);
	}
}
