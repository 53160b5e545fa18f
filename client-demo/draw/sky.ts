import { WORLD } from "../../game-logic/arena/constants.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import type { Camera } from "./camera.ts";

const NEBULA_WIDTH = 1440;
const NEBULA_HEIGHT = 900;
const CLOUDS = 26;
/** How much larger than the screen the nebula is at least: what it can slide. */
const SLACK = 0.3;

const COUNT = 420;
/** How far stars slide for one unit that the camera goes, from far to near. */
const DEPTHS = [0.06, 0.14, 0.3] as const;
const STAR_COLOURS = ["#7f93bd", "#a9bbe6", "#dfe8ff", "#ffe6c2"] as const;

function drawClouds(): HTMLCanvasElement {
	const canvas = document.createElement("canvas");
	canvas.width = NEBULA_WIDTH;
	canvas.height = NEBULA_HEIGHT;
	const context = canvas.getContext("2d", { alpha: false });
	if (!context) return canvas;
	const random = new SeededRandom(5).next;
	context.fillStyle = "#05070f";
	context.fillRect(0, 0, NEBULA_WIDTH, NEBULA_HEIGHT);
	context.globalCompositeOperation = "lighter";
	for (let n = 0; n < CLOUDS; n++) {
		// along a band across the sky, as a galaxy seen from inside is
		const along = random();
		const x = along * NEBULA_WIDTH;
		const y = NEBULA_HEIGHT * (0.75 - along * 0.5 + (random() - 0.5) * 0.55);
		const radius = 120 + random() * 330;
		const hue = [222, 232, 262, 196, 318][Math.floor(random() * 5)] as number;
		const cloud = context.createRadialGradient(x, y, 0, x, y, radius);
		cloud.addColorStop(0, `hsl(${hue} 70% 42% / ${0.1 + random() * 0.1})`);
		cloud.addColorStop(0.5, `hsl(${hue} 70% 32% / 0.05)`);
		cloud.addColorStop(1, `hsl(${hue} 70% 30% / 0)`);
		context.fillStyle = cloud;
		context.fillRect(0, 0, NEBULA_WIDTH, NEBULA_HEIGHT);
	}
	return canvas;
}

/** What lies behind the world: a nebula, and stars that slide more slowly the farther they are. */
export class Sky {
	private readonly nebula = drawClouds();
	private readonly x = new Float32Array(COUNT);
	private readonly y = new Float32Array(COUNT);
	private readonly size = new Float32Array(COUNT);
	private readonly depth = new Float32Array(COUNT);

	constructor() {
		const random = new SeededRandom(11).next;
		for (let i = 0; i < COUNT; i++) {
			this.x[i] = random();
			this.y[i] = random();
			const layer = i % 6 === 0 ? 2 : i % 3 === 0 ? 1 : 0;
			this.depth[i] = DEPTHS[layer] as number;
			this.size[i] = 0.7 + layer * 0.5 + random() * random() * 0.9;
		}
	}

	draw(context: CanvasRenderingContext2D, camera: Camera): void {
		camera.toScreen(context);
		const { width, height } = camera;
		const shareX = Math.max(0, Math.min(1, camera.x / WORLD));
		const shareY = Math.max(0, Math.min(1, camera.y / WORLD));
		const size = (1 + SLACK) * Math.max(width / this.nebula.width, height / this.nebula.height);
		const nebulaWidth = this.nebula.width * size;
		const nebulaHeight = this.nebula.height * size;
		context.drawImage(
			this.nebula,
			-shareX * (nebulaWidth - width),
			-shareY * (nebulaHeight - height),
			nebulaWidth,
			nebulaHeight,
		);
		const perColour = COUNT / STAR_COLOURS.length;
		for (let i = 0; i < COUNT; i++) {
			if (i % perColour === 0) context.fillStyle = STAR_COLOURS[i / perColour] as string;
			const depth = (this.depth[i] as number) * camera.scale;
			const x = wrap((this.x[i] as number) * width - camera.x * depth, width);
			const y = wrap((this.y[i] as number) * height - camera.y * depth, height);
			const size = this.size[i] as number;
			context.fillRect(x, y, size, size);
		}
	}
}

function wrap(value: number, size: number): number {
	return ((value % size) + size) % size;
}
