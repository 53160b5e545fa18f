import type { StopTimer } from "../client/timers.ts";
import { isSnapshotDue } from "../server/room/frame.ts";
import type { Room } from "../server/room/room.ts";
import type { RoomScheduler } from "../server/room/scheduler.ts";
import type { ServerClock } from "./server-clock.ts";
import type { Timeline } from "./timeline.ts";

/** Calls each room's `runDue` at its very deadline, and can stop all of them at a snapshot. */
export class VirtualScheduler implements RoomScheduler {
	private readonly timeline: Timeline;
	private readonly clock: ServerClock;
	private readonly rooms = new Map<Room, StopTimer | null>();
	private added = 0;
	private isHolding = false;
	private frozenUntilMs = 0;

	constructor(timeline: Timeline, clock: ServerClock) {
		this.timeline = timeline;
		this.clock = clock;
	}

	add(room: Room): void {
		room.snapshotPhase = this.added++;
		room.start(this.clock.now() + room.tickMs);
		this.arm(room);
	}

	remove(room: Room): void {
		this.rooms.get(room)?.();
		this.rooms.delete(room);
	}

	/** From here on each room stops right after a tick that was shown. */
	hold(): void {
		this.isHolding = true;
	}

	/** Runs nothing for `ms`: each room is called late then, and drops what it cannot catch up with. */
	freeze(ms: number): void {
		this.frozenUntilMs = Math.max(this.frozenUntilMs, this.timeline.now() + ms);
	}

	/** Lets the rooms that stand go on, as if no time had passed for them. */
	resume(): void {
		this.isHolding = false;
		for (const [room, stop] of this.rooms) {
			if (stop) continue;
			room.start(this.clock.now() + room.tickMs);
			this.arm(room);
		}
	}

	/** Whether a room that `hold` is to stop stands now. */
	isStopped(room: Room): boolean {
		return this.rooms.get(room) === null;
	}

	private arm(room: Room): void {
		this.rooms.set(
			room,
			this.timeline.at(Math.max(this.clock.virtual(room.deadlineMs), this.frozenUntilMs), () =>
				this.run(room),
			),
		);
	}

	private run(room: Room): void {
		if (this.timeline.now() < this.frozenUntilMs) return this.arm(room);
		const { tick } = room;
		const isDue = isSnapshotDue(room);
		room.runDue(this.clock.now());
		// nothing ran, or too much to know, where the clock stands or has jumped
		const isShown = room.isPaused || (isDue && room.tick === tick + 1);
		if (!this.rooms.has(room)) return;
		if (room.fault) this.rooms.delete(room);
		else if (this.isHolding && isShown) this.rooms.set(room, null);
		else this.arm(room);
	}
}
