import { WORLD } from "../game-logic/arena/constants.ts";

/** Units of the world across the shorter side of the screen. */
const SPAN = 900;
/** How far the camera looks ahead of a moving ship, seconds of its way. */
const AHEAD_SECONDS = 0.35;
const FOLLOW_PER_SECOND = 5;
const SHAKE_DECAY_PER_SECOND = 6;

/** Where the page looks: follows a point smoothly, looks ahead, and shakes a little when told to. */
export class Camera {
	x = 0;
	y = 0;
	scale = 1;
	width = 1;
	height = 1;
	private shake = 0;
	private lastX = Number.NaN;
	private lastY = 0;
	private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;

	resize(width: number, height: number): void {
		this.width = width;
		this.height = height;
		this.scale = Math.max(Math.min(width, height) / SPAN, 0.42);
	}

	/** Keeps the far side of a wall to the edge of the screen, where the world is larger than it. */
	private inside(at: number, screen: number): number {
		const half = (screen / 2 / this.scale) * 0.7;
		return half * 2 > WORLD ? WORLD / 2 : Math.max(half, Math.min(WORLD - half, at));
	}

	follow(x: number, y: number, dt: number): void {
		const isJump = Number.isNaN(this.lastX) || Math.hypot(x - this.lastX, y - this.lastY) > 300;
		const ahead = isJump || dt <= 0 ? 0 : AHEAD_SECONDS / dt;
		const targetX = this.inside(x + (x - this.lastX || 0) * ahead, this.width);
		const targetY = this.inside(y + (y - this.lastY || 0) * ahead, this.height);
		const share = isJump ? 1 : 1 - Math.exp(-FOLLOW_PER_SECOND * dt);
		this.x += (targetX - this.x) * share;
		this.y += (targetY - this.y) * share;
		this.lastX = x;
		this.lastY = y;
		this.shake *= Math.exp(-SHAKE_DECAY_PER_SECOND * dt);
	}

	jolt(strength: number): void {
		if (!this.still) this.shake = Math.min(14, this.shake + strength);
	}

	/** Sets the canvas so that world units can be drawn. */
	apply(context: CanvasRenderingContext2D, ratio: number): void {
		const jitter = (): number => (Math.random() - 0.5) * this.shake;
		const scale = this.scale * ratio;
		context.setTransform(
			scale,
			0,
			0,
			scale,
			(this.width / 2 + jitter()) * ratio - this.x * scale,
			(this.height / 2 + jitter()) * ratio - this.y * scale,
		);
	}

	sees(x: number, y: number, margin: number): boolean {
		return (
			Math.abs(x - this.x) * this.scale < this.width / 2 + margin &&
			Math.abs(y - this.y) * this.scale < this.height / 2 + margin
		);
	}
}
