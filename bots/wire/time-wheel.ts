/** Distances between two turns of the wheel, and the longest delay that it can hold. */
const TURN_MS = 1;
const SLOTS = 8_192;

/** Calls things at their time, in order, for thousands of links with one timer. */
export class TimeWheel {
	private readonly slots: ((dueMs: number) => void)[][] = Array.from({ length: SLOTS }, () => []);
	private readonly dues: number[][] = Array.from({ length: SLOTS }, () => []);
	private turnedTo = 0;
	private timer: NodeJS.Timeout | null = null;

	/** Calls `what` with `dueMs` at that time or shortly after; at most eight seconds ahead. */
	add(dueMs: number, what: (dueMs: number) => void): void {
		if (this.timer === null) {
			this.turnedTo = Math.floor(performance.now());
			this.timer = setInterval(() => this.turn(performance.now()), TURN_MS);
		}
		const slot = Math.max(this.turnedTo + 1, Math.ceil(dueMs)) % SLOTS;
		this.slots[slot]?.push(what);
		this.dues[slot]?.push(dueMs);
	}

	private turn(nowMs: number): void {
		while (this.turnedTo < Math.floor(nowMs)) {
			this.turnedTo++;
			const slot = this.turnedTo % SLOTS;
			const due = this.slots[slot] ?? [];
			const dues = this.dues[slot] ?? [];
			this.slots[slot] = [];
			this.dues[slot] = [];
			for (let i = 0; i < due.length; i++) due[i]?.(dues[i]);
		}
	}

	stop(): void {
		if (this.timer) clearInterval(this.timer);
		this.timer = null;
	}
}
