import type { Recorder } from "../../room/recorder.ts";
import type { RoomState } from "../../room/room-state.ts";

/** Whoever has to know all that happens in a room that is about to move. */
interface Follower {
	/** `tick` took effect on this inbox. */
	ticked(tick: number, inbox: Uint8Array): void;
	/** Something happened that no inbox says: a tick came to nothing, or the rules are others. */
	broke(): void;
	/** The room is closed. */
	over(): void;
}

/** Stands beside the recorders of every room, and costs nothing for those that nobody follows. */
export class MoveTap implements Recorder {
	private readonly followers = new Map<RoomState, Follower>();

	follow(room: RoomState, follower: Follower): void {
		this.followers.set(room, follower);
	}

	leave(room: RoomState): void {
		this.followers.delete(room);
	}

	open(): void {}

	tick(room: RoomState, inbox: Uint8Array): void {
		this.followers.get(room)?.ticked(room.tick, inbox);
	}

	abort(room: RoomState): void {
		this.followers.get(room)?.broke();
	}

	swap(room: RoomState): void {
		this.followers.get(room)?.broke();
	}

	close(room: RoomState): void {
		this.followers.get(room)?.over();
		this.followers.delete(room);
	}
}
