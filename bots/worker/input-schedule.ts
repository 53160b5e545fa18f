import { LIMITS } from "../../protocol/limits.ts";
import { InputLedger } from "./input-ledger.ts";

/** Consecutive ticks to send inputs for. */
interface TickRange {
	readonly first: number;
	readonly count: number;
}

/** Which ticks a bot still owes inputs for, and how long each takes to come back in a snapshot. */
export class InputSchedule {
	private readonly ledger = new InputLedger();
	private readonly latency: (ms: number) => void;
	private lastTick = -1;
	private lastDueMs = -1;

	/** `latency` hears of each input that came back. */
	constructor(latency: (ms: number) => void) {
		this.latency = latency;
	}

	/** A new connection: nothing is owed. */
	clear(): void {
		this.ledger.clear();
		this.lastTick = -1;
		this.lastDueMs = -1;
	}

	/**
	 * Ticks up to `tick` that have no input yet, in a turn that was due at `dueMs` and comes every
	 * `periodMs`; null when there are none. Unless it `isTimed`, nothing is measured.
	 */
	next(
		tick: number,
		{ dueMs, nowMs, periodMs }: { dueMs: number; nowMs: number; periodMs: number },
		isTimed: boolean,
	): TickRange | null {
		const most = LIMITS.inputsPerMessage;
		if (tick < this.lastTick - most) {
			// the room has dropped ticks: as in the client SDK, what was meant for them is said anew
			this.ledger.setBack(tick, nowMs, this.latency);
			this.lastTick = tick - 1;
		}
		if (tick <= this.lastTick) return null;
		const first = Math.max(this.lastTick + 1, tick - most + 1);
		const count = tick - first + 1;
		const nextMs = this.lastDueMs + periodMs;
		const firstDueMs = this.lastDueMs < 0 ? dueMs : Math.min(dueMs, nextMs);
		if (isTimed) this.ledger.sent(first, count, firstDueMs, dueMs);
		this.lastTick = tick;
		this.lastDueMs = dueMs;
		return { first, count };
	}

	/** A snapshot includes inputs up to `inputTick`. */
	received(inputTick: number, nowMs: number): void {
		this.ledger.received(inputTick, nowMs, this.latency);
	}

	/** At the end of a window: what was never answered. */
	overdue(nowMs: number): void {
		this.ledger.overdue(nowMs, this.latency);
	}
}
