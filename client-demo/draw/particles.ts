import type { Camera } from "./camera.ts";
import { tintOf } from "./tints.ts";

const CAPACITY = 1800;
const DRAG_PER_SECOND = 1.7;
/** Seconds of its way that a streak is long. */
const STREAK_SECONDS = 0.05;

/** Sparks and embers of what happens. A fixed number lives in arrays; the oldest make room. */
export class Particles {
	private readonly x = new Float32Array(CAPACITY);
	private readonly y = new Float32Array(CAPACITY);
	private readonly vx = new Float32Array(CAPACITY);
	private readonly vy = new Float32Array(CAPACITY);
	private readonly life = new Float32Array(CAPACITY);
	private readonly span = new Float32Array(CAPACITY);
	private readonly size = new Float32Array(CAPACITY);
	private readonly tint = new Uint16Array(CAPACITY);
	private readonly isStreak = new Uint8Array(CAPACITY);
	private next = 0;

	/** Throws `count` sparks in all directions, at up to `speed` units a second. */
	burst(
		x: number,
		y: number,
		count: number,
		speed: number,
		tint: number,
		seconds: number,
		isStreak: boolean,
	): void {
		for (let n = 0; n < count; n++) {
			const angle = Math.random() * Math.PI * 2;
			const pace = speed * (0.12 + Math.random() * Math.random());
			const size = isStreak ? 3 + Math.random() * 2 : 5 + Math.random() * 9;
			const span = seconds * (0.45 + Math.random() * 0.75);
			this.add(x, y, Math.cos(angle) * pace, Math.sin(angle) * pace, tint, span, size, isStreak);
		}
	}

	add(
		x: number,
		y: number,
		vx: number,
		vy: number,
		tint: number,
		seconds: number,
		size: number,
		isStreak: boolean,
	): void {
		const i = this.next;
		this.next = (i + 1) % CAPACITY;
		this.x[i] = x;
		this.y[i] = y;
		this.vx[i] = vx;
		this.vy[i] = vy;
		this.tint[i] = tint;
		this.span[i] = seconds;
		this.life[i] = seconds;
		this.size[i] = size;
		this.isStreak[i] = isStreak ? 1 : 0;
	}

	draw(context: CanvasRenderingContext2D, camera: Camera, dt: number): void {
		context.globalCompositeOperation = "lighter";
		const kept = Math.exp(-DRAG_PER_SECOND * dt);
		for (let i = 0; i < CAPACITY; i++) {
			const life = this.life[i] - dt;
			if (life <= 0) continue;
			this.life[i] = life;
			const vx = this.vx[i] * kept;
			const vy = this.vy[i] * kept;
			const x = this.x[i] + vx * dt;
			const y = this.y[i] + vy * dt;
			this.vx[i] = vx;
			this.vy[i] = vy;
			this.x[i] = x;
			this.y[i] = y;
			if (camera.sees(x, y, 20)) this.drawOne(context, camera, i, x, y, vx, vy);
		}
		context.globalAlpha = 1;
		context.globalCompositeOperation = "source-over";
	}

	private drawOne(
		context: CanvasRenderingContext2D,
		camera: Camera,
		i: number,
		x: number,
		y: number,
		vx: number,
		vy: number,
	): void {
		const share = this.life[i] / this.span[i];
		const size = this.size[i];
		const { glow, streak } = tintOf(this.tint[i]);
		context.globalAlpha = Math.min(1, share * 1.4);
		if (this.isStreak[i] === 0) {
			const across = size * (0.5 + share * 0.5);
			camera.toPlace(context, x, y, 1, 0, 1);
			context.drawImage(glow, -across / 2, -across / 2, across, across);
			return;
		}
		const speed = Math.sqrt(vx * vx + vy * vy);
		if (speed < 1) return;
		const length = Math.max(size, speed * STREAK_SECONDS);
		camera.toPlace(context, x, y, vx / speed, vy / speed, 1);
		context.drawImage(streak, -length, -size / 2, length, size);
	}
}
