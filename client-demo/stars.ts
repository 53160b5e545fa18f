import type { Camera } from "./camera.ts";

const COUNT = 260;
const LAYERS = [0.15, 0.3, 0.55];

interface Star {
	readonly x: number;
	readonly y: number;
	readonly depth: number;
	readonly size: number;
	readonly colour: string;
}

const stars: readonly Star[] = Array.from({ length: COUNT }, (_, i) => {
	const depth = LAYERS[i % LAYERS.length] as number;
	return {
		x: Math.random(),
		y: Math.random(),
		depth,
		size: 0.5 + depth * 2.2 * Math.random(),
		colour: `hsl(${200 + Math.random() * 50} 60% ${55 + Math.random() * 35}% / ${0.25 + depth})`,
	};
});

/** Stars in three depths that slide past more slowly the farther they are. */
export function drawStars(context: CanvasRenderingContext2D, camera: Camera, ratio: number): void {
	context.setTransform(ratio, 0, 0, ratio, 0, 0);
	const { width, height } = camera;
	for (const { x, y, depth, size, colour } of stars) {
		const px = wrap(x * width - camera.x * depth * camera.scale, width);
		const py = wrap(y * height - camera.y * depth * camera.scale, height);
		context.fillStyle = colour;
		context.fillRect(px, py, size, size);
	}
}

function wrap(value: number, size: number): number {
	return ((value % size) + size) % size;
}
