import type { Camera } from "./camera.ts";

const CAPACITY = 1500;
const DRAG_PER_SECOND = 1.6;

/** Sparks and smoke of what happens. A fixed number lives in arrays; the oldest make room. */
export class Particles {
	private readonly x = new Float32Array(CAPACITY);
	private readonly y = new Float32Array(CAPACITY);
	private readonly vx = new Float32Array(CAPACITY);
	private readonly vy = new Float32Array(CAPACITY);
	private readonly life = new Float32Array(CAPACITY);
	private readonly span = new Float32Array(CAPACITY);
	private readonly size = new Float32Array(CAPACITY);
	private readonly hue = new Float32Array(CAPACITY);
	private next = 0;

	burst(x: number, y: number, count: number, speed: number, hue: number, seconds: number): void {
		for (let n = 0; n < count; n++) {
			const angle = Math.random() * Math.PI * 2;
			const pace = speed * (0.15 + Math.random());
			this.add(
				x,
				y,
				Math.cos(angle) * pace,
				Math.sin(angle) * pace,
				hue,
				seconds,
				1 + Math.random() * 2.4,
			);
		}
	}

	add(
		x: number,
		y: number,
		vx: number,
		vy: number,
		hue: number,
		seconds: number,
		size: number,
	): void {
		const i = this.next;
		this.next = (i + 1) % CAPACITY;
		this.x[i] = x;
		this.y[i] = y;
		this.vx[i] = vx;
		this.vy[i] = vy;
		this.hue[i] = hue + (Math.random() - 0.5) * 30;
		this.span[i] = seconds * (0.5 + Math.random());
		this.life[i] = this.span[i] as number;
		this.size[i] = size;
	}

	draw(context: CanvasRenderingContext2D, camera: Camera, dt: number): void {
		context.globalCompositeOperation = "lighter";
		const kept = Math.exp(-DRAG_PER_SECOND * dt);
		for (let i = 0; i < CAPACITY; i++) {
			const life = (this.life[i] as number) - dt;
			if (life <= 0) continue;
			this.life[i] = life;
			this.vx[i] = (this.vx[i] as number) * kept;
			this.vy[i] = (this.vy[i] as number) * kept;
			const x = (this.x[i] as number) + (this.vx[i] as number) * dt;
			const y = (this.y[i] as number) + (this.vy[i] as number) * dt;
			this.x[i] = x;
			this.y[i] = y;
			if (!camera.sees(x, y, 10)) continue;
			const share = life / (this.span[i] as number);
			const size = (this.size[i] as number) * (0.4 + share);
			context.fillStyle = `hsl(${this.hue[i]} 95% ${45 + share * 35}% / ${share})`;
			context.fillRect(x - size / 2, y - size / 2, size, size);
		}
		context.globalCompositeOperation = "source-over";
	}
}
