import type { Camera } from "./camera.ts";
import { tintOf } from "./tints.ts";

const CAPACITY = 24;

/** Flashes and the rings that run out from them, where something burst. */
export class ShockWaves {
	private readonly x = new Float32Array(CAPACITY);
	private readonly y = new Float32Array(CAPACITY);
	private readonly age = new Float32Array(CAPACITY).fill(1);
	private readonly span = new Float32Array(CAPACITY).fill(1);
	private readonly radius = new Float32Array(CAPACITY);
	private readonly tint = new Uint16Array(CAPACITY);
	private next = 0;

	add(x: number, y: number, radius: number, seconds: number, tint: number): void {
		const i = this.next;
		this.next = (i + 1) % CAPACITY;
		this.x[i] = x;
		this.y[i] = y;
		this.age[i] = 0;
		this.span[i] = seconds;
		this.radius[i] = radius;
		this.tint[i] = tint;
	}

	draw(context: CanvasRenderingContext2D, camera: Camera, dt: number): void {
		context.globalCompositeOperation = "lighter";
		camera.toWorld(context);
		for (let i = 0; i < CAPACITY; i++) {
			const age = this.age[i] + dt;
			const span = this.span[i];
			if (age >= span) continue;
			this.age[i] = age;
			const x = this.x[i];
			const y = this.y[i];
			const most = this.radius[i];
			if (!camera.sees(x, y, most)) continue;
			const share = age / span;
			const left = 1 - share;
			const { glow, line } = tintOf(this.tint[i]);
			// fast at first, as a blast is
			const reach = most * (1 - left * left * left);
			context.globalAlpha = left * left;
			const across = most * (0.9 + share) * 1.5;
			context.drawImage(glow, x - across / 2, y - across / 2, across, across);
			context.globalAlpha = left * 0.85;
			context.strokeStyle = line;
			context.lineWidth = 0.5 + 4 * left;
			context.beginPath();
			context.arc(x, y, reach, 0, Math.PI * 2);
			context.stroke();
		}
		context.globalAlpha = 1;
		context.globalCompositeOperation = "source-over";
	}
}
