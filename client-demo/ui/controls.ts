import type { ArenaRoom } from "../draw/scene.ts";
import { Keyboard } from "./keyboard.ts";
import { TouchPad } from "./touch-pad.ts";

/** What a player can hold down. */
export type Hold = "left" | "right" | "thrust" | "fire" | "laser";

const FULL_TURN = 127;

/**
 * Keyboard and touch buttons as the input of a room. It is written when something changes, not in every
 * frame: so a script in the console can steer as well.
 */
export class Controls {
	private readonly keyboard: Keyboard;
	private readonly touch: TouchPad;
	private room: ArenaRoom | null = null;

	constructor(pad: HTMLElement) {
		this.keyboard = new Keyboard(() => this.write());
		this.touch = new TouchPad(pad, () => this.write());
	}

	/** Steers `room` from now on, or nothing. */
	steer(room: ArenaRoom | null): void {
		this.room = room;
		this.keyboard.activate(room !== null);
	}

	private has(hold: Hold): boolean {
		return this.keyboard.has(hold) || this.touch.has(hold);
	}

	private write(): void {
		if (!this.room) return;
		const { input } = this.room;
		input.turn = (this.has("right") ? FULL_TURN : 0) - (this.has("left") ? FULL_TURN : 0);
		input.thrust = this.has("thrust");
		input.fire = this.has("fire");
		input.laser = this.has("laser");
	}
}
