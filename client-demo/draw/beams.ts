import type { Camera } from "./camera.ts";
import { tintOf } from "./tints.ts";

const CAPACITY = 32;
const SECONDS = 0.28;
/** Units across, of the light around a beam and of its core. */
const GLOW_WIDTH = 11;
const CORE_WIDTH = 2.2;

/** Laser beams: bright at once, then a glow that fades. */
export class Beams {
	private readonly x = new Float32Array(CAPACITY);
	private readonly y = new Float32Array(CAPACITY);
	private readonly tx = new Float32Array(CAPACITY);
	private readonly ty = new Float32Array(CAPACITY);
	private readonly age = new Float32Array(CAPACITY).fill(SECONDS);
	private readonly tint = new Uint16Array(CAPACITY);
	private next = 0;

	add(x: number, y: number, tx: number, ty: number, tint: number): void {
		const i = this.next;
		this.next = (i + 1) % CAPACITY;
		this.x[i] = x;
		this.y[i] = y;
		this.tx[i] = tx;
		this.ty[i] = ty;
		this.age[i] = 0;
		this.tint[i] = tint;
	}

	draw(context: CanvasRenderingContext2D, camera: Camera, dt: number): void {
		context.globalCompositeOperation = "lighter";
		context.lineCap = "round";
		camera.toWorld(context);
		for (let i = 0; i < CAPACITY; i++) {
			const age = this.age[i];
			if (age >= SECONDS) continue;
			this.age[i] = age + dt;
			const left = 1 - age / SECONDS;
			const { line, text, glow } = tintOf(this.tint[i]);
			context.beginPath();
			context.moveTo(this.x[i], this.y[i]);
			context.lineTo(this.tx[i], this.ty[i]);
			context.strokeStyle = line;
			context.globalAlpha = 0.35 * left;
			context.lineWidth = GLOW_WIDTH * (0.5 + left / 2);
			context.stroke();
			context.strokeStyle = text;
			context.globalAlpha = left * left;
			context.lineWidth = CORE_WIDTH * (0.4 + left * 0.6);
			context.stroke();
			const across = 46 * left;
			context.globalAlpha = left;
			for (const [x, y] of [
				[this.x[i], this.y[i]],
				[this.tx[i], this.ty[i]],
			] as [number, number][]) {
				context.drawImage(glow, x - across / 2, y - across / 2, across, across);
			}
		}
		context.globalAlpha = 1;
		context.lineCap = "butt";
		context.globalCompositeOperation = "source-over";
	}
}
