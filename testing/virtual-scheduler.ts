import type { StopTimer } from "../client/timers.ts";
import { isSnapshotDue } from "../server/room/frame.ts";
import type { Room } from "../server/room/room.ts";
import type { RoomScheduler } from "../server/room/scheduler.ts";
import type { Timeline } from "./timeline.ts";

/** Calls each room's `runDue` at its very deadline, and can stop all of them at a snapshot. */
export class VirtualScheduler implements RoomScheduler {
	private readonly timeline: Timeline;
	private readonly rooms = new Map<Room, StopTimer | null>();
	private added = 0;
	private isHolding = false;
	private frozenUntilMs = 0;

	constructor(timeline: Timeline) {
		this.timeline = timeline;
	}

	add(room: Room): void {
		room.snapshotPhase = this.added++;
		room.start(this.timeline.now() + room.tickMs);
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
			room.start(this.timeline.now() + room.tickMs);
			this.arm(room);
		}
	}

	private arm(room: Room): void {
		this.rooms.set(
			room,
			this.timeline.at(Math.max(room.deadlineMs, this.frozenUntilMs), () => this.run(room)),
		);
	}

	private run(room: Room): void {
		if (this.timeline.now() < this.frozenUntilMs) return this.arm(room);
		const isShown = isSnapshotDue(room) || room.isPaused;
		room.runDue(this.timeline.now());
		if (!this.rooms.has(room)) return;
		if (room.fault) this.rooms.delete(room);
		else if (this.isHolding && isShown) this.rooms.set(room, null);
		else this.arm(room);
	}
}
