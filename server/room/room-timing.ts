import { channel } from "node:diagnostics_channel";
import type { Clock } from "./clock.ts";

/** Published after every frame of any room, and before a room's rules change; the message is the room. */
export const frameChannel = channel("hotstep:frame");
export const rulesChannel = channel("hotstep:rules");

/**
 * How long the parts of a room's last frame took. The clock is read only while there is a subscriber.
 */
export class RoomTiming {
	/** The whole frame, from the inbox to the sockets, ms. */
	frameMs = 0;
	/** Of it, turning columns into bytes, ms; 0 when no snapshot was due. */
	encodeMs = 0;
	private readonly clock: Clock;
	private isOn = false;
	private startMs = 0;
	private encodeStartMs = 0;
	private suspendedMs = 0;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	startFrame(): void {
		this.isOn = frameChannel.hasSubscribers;
		this.encodeMs = 0;
		if (this.isOn) this.startMs = this.clock.now();
	}

	/** Other rooms have their turn in the middle of the frame. */
	suspend(): void {
		if (this.isOn) this.suspendedMs = this.clock.now();
	}

	resume(): void {
		if (this.isOn) this.startMs += this.clock.now() - this.suspendedMs;
	}

	startEncoding(): void {
		if (this.isOn) this.encodeStartMs = this.clock.now();
	}

	endEncoding(): void {
		if (this.isOn) this.encodeMs += this.clock.now() - this.encodeStartMs;
	}

	/** The frame of `room` is over. */
	endFrame(room: object): void {
		if (!this.isOn) return;
		this.frameMs = this.clock.now() - this.startMs;
		frameChannel.publish(room);
	}
}
