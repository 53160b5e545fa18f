/** Colours of effects that belong to no player. A seat's own tint is `seatTint(seat)`. */
export const TINT = { fire: 0, spark: 1, ice: 2, rock: 3 } as const;

const FIRST_SEAT = 4;

/** A colour in the strengths that the page draws with; made once for each. */
export interface Tint {
	readonly hue: number;
	/** Fill of a hull, and of its wings. */
	readonly deep: string;
	readonly mid: string;
	/** Outlines, dots. */
	readonly line: string;
	/** Names. */
	readonly text: string;
	/** A soft round light. */
	readonly glow: HTMLCanvasElement;
	/** A light with a tail to its left. */
	readonly streak: HTMLCanvasElement;
}

const GLOW_SIZE = 64;
const STREAK_LENGTH = 128;
const STREAK_WIDTH = 16;
const tints: Tint[] = [];

function canvasOf(
	width: number,
	height: number,
	draw: (context: CanvasRenderingContext2D) => void,
): HTMLCanvasElement {
	const canvas = document.createElement("canvas");
	canvas.width = width;
	canvas.height = height;
	const context = canvas.getContext("2d");
	if (context) draw(context);
	return canvas;
}

function drawGlow(context: CanvasRenderingContext2D, hue: number, saturation: number): void {
	const middle = GLOW_SIZE / 2;
	const light = context.createRadialGradient(middle, middle, 0, middle, middle, middle);
	light.addColorStop(0, `hsl(${hue} ${saturation}% 94% / 1)`);
	light.addColorStop(0.14, `hsl(${hue} ${saturation}% 76% / 0.8)`);
	light.addColorStop(0.42, `hsl(${hue} ${saturation}% 56% / 0.22)`);
	light.addColorStop(1, `hsl(${hue} ${saturation}% 50% / 0)`);
	context.fillStyle = light;
	context.fillRect(0, 0, GLOW_SIZE, GLOW_SIZE);
}

function drawStreak(context: CanvasRenderingContext2D, hue: number, saturation: number): void {
	const middle = STREAK_WIDTH / 2;
	const wedge = (half: number, light: string, end: string): void => {
		const fade = context.createLinearGradient(0, 0, STREAK_LENGTH, 0);
		fade.addColorStop(0, end);
		fade.addColorStop(1, light);
		context.fillStyle = fade;
		context.beginPath();
		context.moveTo(0, middle);
		context.lineTo(STREAK_LENGTH - half, middle - half);
		context.arc(STREAK_LENGTH - half, middle, half, -Math.PI / 2, Math.PI / 2);
		context.closePath();
		context.fill();
	};
	wedge(7, `hsl(${hue} ${saturation}% 58% / 0.5)`, `hsl(${hue} ${saturation}% 50% / 0)`);
	wedge(4.5, `hsl(${hue} ${saturation}% 66% / 0.9)`, `hsl(${hue} ${saturation}% 55% / 0)`);
	wedge(2.6, `hsl(${hue} ${saturation}% 93% / 1)`, `hsl(${hue} ${saturation}% 70% / 0)`);
}

function createTint(hue: number, saturation: number): Tint {
	return {
		hue,
		deep: `hsl(${hue} ${saturation * 0.7}% 17%)`,
		mid: `hsl(${hue} ${saturation * 0.75}% 33%)`,
		line: `hsl(${hue} ${saturation}% 68%)`,
		text: `hsl(${hue} ${saturation}% 82%)`,
		glow: canvasOf(GLOW_SIZE, GLOW_SIZE, (context) => drawGlow(context, hue, saturation)),
		streak: canvasOf(STREAK_LENGTH, STREAK_WIDTH, (context) =>
			drawStreak(context, hue, saturation),
		),
	};
}

/** A player's own hue, spread by the golden angle so that neighbours differ. */
function hueOf(seat: number): number {
	return Math.round((seat * 137.508 + 165) % 360);
}

export function seatTint(seat: number): number {
	return FIRST_SEAT + seat;
}

const EFFECTS = [
	createTint(24, 100),
	createTint(46, 100),
	createTint(195, 100),
	createTint(215, 22),
] as const;

export function tintOf(index: number): Tint {
	let tint = tints[index];
	if (tint === undefined) {
		tint = EFFECTS[index] ?? createTint(hueOf(index - FIRST_SEAT), 88);
		tints[index] = tint;
	}
	return tint;
}
