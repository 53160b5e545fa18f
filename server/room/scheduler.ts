import { SERVER_LIMITS } from "../limits.ts";
import type { Clock } from "./clock.ts";
import type { Room } from "./room.ts";

/** Whoever calls a room's `runDue` in time. */
export interface RoomScheduler {
	/** Starts the room's clock; `dueMs` is when its next tick is due, if it has run before. */
	add(room: Room, dueMs?: number): void;
	remove(room: Room): void;
}

/** What must happen between the ticks of rooms and their snapshots. */
export interface ShowGate {
	/** Writes what was computed. */
	flush(): void;
	/** Runs `show` when that is as safe as it has to be: at once, mostly. */
	whenSafe(show: () => void): void;
}

/** Rooms of one tick rate that are due together. */
interface Slot {
	readonly periodMs: number;
	nextMs: number;
	readonly rooms: Set<Room>;
}

/**
 * Slots per tick: rooms are spread over them, so that 300 rooms do not all compute in the same
 * millisecond. More slots would wake the process more often than timers can.
 */
const SLOTS_PER_TICK = 16;
/** With few deadlines, the last moments are waited out exactly; with many, that would burn a core. */
const MAX_PRECISE_SLOTS = 2;
/**
 * Node's timers count whole milliseconds and are mostly less than one late: stop trusting them this
 * early. Waiting out two lowered the p99 a little more, for twice the CPU.
 */
const PRECISE_MS = 1;
/** A deadline missed by this much is overdue: timers alone are a millisecond or two late. */
const POKE_MS = 4;
/** How much of the longest work between two waits still counts at the next. */
const WORK_DECAY = 0.95;

/**
 * Calls every room's `runDue` in time, on absolute deadlines. `setTimeout` sleeps until shortly before;
 * with few rooms and little to do, `setImmediate` waits out the rest, which cuts the median lateness
 * from 0.6 ms to microseconds for about 8 % of a core. If the rooms' work takes longer than that wait,
 * clients would see no difference, and the rooms need the core.
 */
export class Scheduler implements RoomScheduler {
	private readonly clock: Clock;
	private readonly gate: ShowGate | null;
	private readonly beforeShown: (() => void) | null;
	private readonly slots: Slot[] = [];
	private readonly slotOf = new Map<Room, Slot>();
	private timer: NodeJS.Timeout | null = null;
	private immediate: NodeJS.Immediate | null = null;
	private stopped = false;
	private isAwake = false;
	/** The earliest deadline of a slot with rooms. */
	private nextDueMs = Number.POSITIVE_INFINITY;
	/** The longest recent work, ms. */
	private workMs = 0;

	/** All snapshots go through the gate, if there is one. */
	constructor(clock: Clock, gate: ShowGate | null = null) {
		this.clock = clock;
		this.gate = gate;
		this.beforeShown = gate && (() => gate.flush());
	}

	add(room: Room, dueMs?: number): void {
		const { tickMs } = room;
		const slot =
			dueMs === undefined ? this.leastLoaded(tickMs) : this.nearest(this.slotsOf(tickMs), dueMs);
		if (slot.rooms.size === 0) this.catchUp(slot, this.clock.now());
		slot.rooms.add(room);
		this.slotOf.set(room, slot);
		room.snapshotPhase = slot.rooms.size;
		// in step with its slot, and otherwise when it was due: it may have to catch up
		const ahead = dueMs === undefined ? 0 : Math.round((slot.nextMs - dueMs) / tickMs);
		room.start(slot.nextMs - ahead * tickMs);
		this.arm();
	}

	remove(room: Room): void {
		const slot = this.slotOf.get(room);
		this.slotOf.delete(room);
		slot?.rooms.delete(room);
	}

	stop(): void {
		this.stopped = true;
		this.disarm();
	}

	/**
	 * Runs overdue rooms at once. Node reads all ready sockets before it checks timers: if a thousand
	 * close together, rooms would otherwise miss several ticks.
	 */
	poke(): void {
		if (this.isAwake || this.stopped) return;
		const now = this.clock.now();
		if (now < this.nextDueMs + POKE_MS) return;
		this.disarm();
		this.wake();
	}

	private slotsOf(periodMs: number): Slot[] {
		let slots = this.slots.filter((slot) => slot.periodMs === periodMs);
		if (slots.length === 0) {
			const now = this.clock.now();
			slots = Array.from({ length: SLOTS_PER_TICK }, (_, i) => ({
				periodMs,
				nextMs: now + periodMs * (1 + i / SLOTS_PER_TICK),
				rooms: new Set<Room>(),
			}));
			this.slots.push(...slots);
		}
		return slots;
	}

	private leastLoaded(periodMs: number): Slot {
		return this.slotsOf(periodMs).reduce((a, b) => (b.rooms.size < a.rooms.size ? b : a));
	}

	/** The slot whose ticks are nearest to those of a room. */
	private nearest(slots: readonly Slot[], dueMs: number): Slot {
		const apart = ({ nextMs, periodMs }: Slot): number => {
			const ticks = (nextMs - dueMs) / periodMs;
			return Math.abs(ticks - Math.round(ticks));
		};
		return slots.reduce((a, b) => (apart(b) < apart(a) ? b : a));
	}

	/** Moves an idle slot's deadline past `now` without running anything. */
	private catchUp(slot: Slot, now: number): void {
		if (slot.nextMs > now) return;
		slot.nextMs += Math.ceil((now - slot.nextMs) / slot.periodMs + 1e-9) * slot.periodMs;
	}

	private readonly wake = (): void => {
		this.timer = null;
		this.immediate = null;
		this.isAwake = true;
		const startMs = this.clock.now();
		for (const slot of this.slots) {
			if (slot.rooms.size === 0 || slot.nextMs > this.clock.now()) continue;
			this.runSlot(slot);
			slot.nextMs += slot.periodMs;
			// a late slot runs again at once, but only as often as a room would catch up
			const now = this.clock.now();
			if (now - slot.nextMs > SERVER_LIMITS.catchUpTicks * slot.periodMs) this.catchUp(slot, now);
			this.workMs = Math.max(now - startMs, this.workMs * WORK_DECAY);
		}
		this.isAwake = false;
		this.arm();
	};

	/** All rooms compute, then what they computed is logged, then it is shown. */
	private runSlot({ rooms }: Slot): void {
		const { beforeShown } = this;
		for (const room of rooms) {
			room.runDue(this.clock.now(), beforeShown);
			if (room.fault) this.remove(room);
		}
		if (this.gate === null) return;
		this.gate.flush();
		this.gate.whenSafe(() => {
			for (const room of rooms) room.showComputed(this.clock.now());
		});
	}

	private arm(): void {
		this.disarm();
		if (this.stopped) return;
		let earliest = Number.POSITIVE_INFINITY;
		let busy = 0;
		for (const slot of this.slots) {
			if (slot.rooms.size === 0) continue;
			busy++;
			if (slot.nextMs < earliest) earliest = slot.nextMs;
		}
		this.nextDueMs = earliest;
		if (busy === 0) return;
		const wait = earliest - this.clock.now();
		const isPrecise = busy <= MAX_PRECISE_SLOTS && this.workMs <= PRECISE_MS;
		if (wait <= 0 || (isPrecise && wait <= PRECISE_MS)) {
			this.immediate = setImmediate(this.wake);
		} else if (isPrecise) {
			this.timer = setTimeout(this.wake, Math.floor(wait - PRECISE_MS) || 1);
		} else {
			this.timer = setTimeout(this.wake, Math.max(1, Math.round(wait)));
		}
	}

	private disarm(): void {
		if (this.timer) clearTimeout(this.timer);
		if (this.immediate) clearImmediate(this.immediate);
		this.timer = null;
		this.immediate = null;
	}
}
