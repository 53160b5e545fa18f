import { SHIP_TOP_SPEED, WORLD } from "../../game-logic/arena/constants.ts";

/** Units of the world across the shorter side of the screen, and the least size of one in CSS pixels. */
const SPAN = 780;
const LEAST_SCALE = 0.56;
/** How far the camera looks ahead of a moving ship, seconds of its way. */
const AHEAD_SECONDS = 0.4;
const FOLLOW_PER_SECOND = 5;
const STEADY_PER_SECOND = 3.5;
const SHAKE_DECAY_PER_SECOND = 6;
const MOST_SHAKE = 12;
/** Share of half a screen that may lie beyond a wall. */
const BEYOND = 0.55;

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** Where the page looks: follows a point smoothly, looks ahead, and shakes a little when told to. */
export class Camera {
	x = WORLD / 2;
	y = WORLD / 2;
	/** CSS pixels per unit. */
	scale = 1;
	width = 1;
	height = 1;
	private ratio = 1;
	private shake = 0;
	private shakeX = 0;
	private shakeY = 0;
	private isFollowing = false;
	private lastX = 0;
	private lastY = 0;
	private vx = 0;
	private vy = 0;

	resize(width: number, height: number, ratio: number): void {
		this.width = width;
		this.height = height;
		this.ratio = ratio;
		this.scale = Math.max(Math.min(width, height) / SPAN, LEAST_SCALE);
	}

	private inside(at: number, screen: number): number {
		const half = (screen / 2 / this.scale) * (1 - BEYOND);
		return half * 2 > WORLD ? WORLD / 2 : Math.max(half, Math.min(WORLD - half, at));
	}

	follow(x: number, y: number, dt: number): void {
		const isNew = !this.isFollowing;
		const speed = dt > 0 ? Math.hypot(x - this.lastX, y - this.lastY) / dt : 0;
		// faster than a ship can fly: it came back somewhere else, and so does the camera
		const isFlight = !isNew && speed < SHIP_TOP_SPEED * 2;
		const steady = 1 - Math.exp(-STEADY_PER_SECOND * dt);
		this.vx += ((isFlight && dt > 0 ? (x - this.lastX) / dt : 0) - this.vx) * steady;
		this.vy += ((isFlight && dt > 0 ? (y - this.lastY) / dt : 0) - this.vy) * steady;
		const targetX = this.inside(x + this.vx * AHEAD_SECONDS, this.width);
		const targetY = this.inside(y + this.vy * AHEAD_SECONDS, this.height);
		const isCut = !isFlight;
		const share = isCut ? 1 : 1 - Math.exp(-FOLLOW_PER_SECOND * dt);
		this.x += (targetX - this.x) * share;
		this.y += (targetY - this.y) * share;
		this.lastX = x;
		this.lastY = y;
		this.isFollowing = true;
	}

	jolt(strength: number): void {
		if (!stillness.matches) this.shake = Math.min(MOST_SHAKE, this.shake + strength);
	}

	/** Lets the shake of this frame be what it is for all that is drawn in it. */
	advance(dt: number): void {
		this.shake *= Math.exp(-SHAKE_DECAY_PER_SECOND * dt);
		this.shakeX = (Math.random() - 0.5) * this.shake;
		this.shakeY = (Math.random() - 0.5) * this.shake;
	}

	/** Where a place of the world is on the screen, CSS pixels. */
	screenX(x: number): number {
		return (x - this.x) * this.scale + this.width / 2 + this.shakeX;
	}

	screenY(y: number): number {
		return (y - this.y) * this.scale + this.height / 2 + this.shakeY;
	}

	/** What is drawn next is in units of the world. */
	toWorld(context: CanvasRenderingContext2D): void {
		this.toPlace(context, 0, 0, 1, 0, 1);
	}

	/** What is drawn next is in CSS pixels. */
	toScreen(context: CanvasRenderingContext2D): void {
		context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
	}

	/** What is drawn next has its origin at a place of the world, is turned and `size` times as large. */
	toPlace(
		context: CanvasRenderingContext2D,
		x: number,
		y: number,
		cos: number,
		sin: number,
		size: number,
	): void {
		const { ratio } = this;
		const k = this.scale * ratio * size;
		context.setTransform(
			cos * k,
			sin * k,
			-sin * k,
			cos * k,
			this.screenX(x) * ratio,
			this.screenY(y) * ratio,
		);
	}

	/** Whether a place, `reach` units around it, is on the screen. */
	sees(x: number, y: number, reach: number): boolean {
		const margin = reach * this.scale;
		return (
			Math.abs(x - this.x) * this.scale < this.width / 2 + margin &&
			Math.abs(y - this.y) * this.scale < this.height / 2 + margin
		);
	}
}
