import { WORLD } from "../../game-logic/arena/constants.ts";
import type { Camera } from "./camera.ts";

const GRID = 128;
/** The glow of a wall reaches so far into the world. */
const FIELD = 70;
const FAR = 4 * WORLD;
/** Widths and strengths of the lines that make up a glowing wall, wide to narrow. */
const WALL_WIDTHS = [14, 7, 2.5] as const;
const WALL_STRENGTHS = [0.12, 0.25, 1] as const;

let fields: { context: CanvasRenderingContext2D; fades: CanvasGradient[] } | null = null;

/** The gradients along left, top, right and bottom; they belong to a context. */
function fieldsOf(context: CanvasRenderingContext2D): CanvasGradient[] {
	if (fields?.context === context) return fields.fades;
	const fade = (x0: number, y0: number, x1: number, y1: number): CanvasGradient => {
		const gradient = context.createLinearGradient(x0, y0, x1, y1);
		gradient.addColorStop(0, "hsl(212 100% 62% / 0.2)");
		gradient.addColorStop(1, "hsl(212 100% 62% / 0)");
		return gradient;
	};
	const fades = [
		fade(0, 0, FIELD, 0),
		fade(0, 0, 0, FIELD),
		fade(WORLD, 0, WORLD - FIELD, 0),
		fade(0, WORLD, 0, WORLD - FIELD),
	];
	fields = { context, fades };
	return fades;
}

/** Faint lines to see motion by, the walls, and the dark beyond them. */
export function drawGround(context: CanvasRenderingContext2D, camera: Camera): void {
	camera.toWorld(context);
	drawGrid(context, camera);
	context.fillStyle = "#02030799";
	context.fillRect(-FAR, -FAR, FAR, 2 * FAR + WORLD);
	context.fillRect(WORLD, -FAR, FAR, 2 * FAR + WORLD);
	context.fillRect(0, -FAR, WORLD, FAR);
	context.fillRect(0, WORLD, WORLD, FAR);
	const [left, top, right, bottom] = fieldsOf(context) as [
		CanvasGradient,
		CanvasGradient,
		CanvasGradient,
		CanvasGradient,
	];
	context.fillStyle = left;
	context.fillRect(0, 0, FIELD, WORLD);
	context.fillStyle = top;
	context.fillRect(0, 0, WORLD, FIELD);
	context.fillStyle = right;
	context.fillRect(WORLD - FIELD, 0, FIELD, WORLD);
	context.fillStyle = bottom;
	context.fillRect(0, WORLD - FIELD, WORLD, FIELD);
	context.strokeStyle = "#6fb1ff";
	for (let i = 0; i < WALL_WIDTHS.length; i++) {
		context.globalAlpha = WALL_STRENGTHS[i];
		context.lineWidth = WALL_WIDTHS[i];
		context.strokeRect(0, 0, WORLD, WORLD);
	}
	context.globalAlpha = 1;
}

function drawGrid(context: CanvasRenderingContext2D, camera: Camera): void {
	const halfWidth = camera.width / 2 / camera.scale + GRID;
	const halfHeight = camera.height / 2 / camera.scale + GRID;
	const left = Math.max(0, camera.x - halfWidth);
	const right = Math.min(WORLD, camera.x + halfWidth);
	const top = Math.max(0, camera.y - halfHeight);
	const bottom = Math.min(WORLD, camera.y + halfHeight);
	context.beginPath();
	for (let x = Math.ceil(left / GRID) * GRID; x <= right; x += GRID) {
		context.moveTo(x, top);
		context.lineTo(x, bottom);
	}
	for (let y = Math.ceil(top / GRID) * GRID; y <= bottom; y += GRID) {
		context.moveTo(left, y);
		context.lineTo(right, y);
	}
	context.strokeStyle = "#8fb3ff14";
	context.lineWidth = 1;
	context.stroke();
}
