/** Colours for canvases, out of the style sheet; read anew when the scheme changes. */
const cache = new Map<string, string>();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cache.clear());

export function colour(name: string): string {
	let value = cache.get(name);
	if (value === undefined) {
		value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
		cache.set(name, value);
	}
	return value;
}

/** One of the colours that tell tables apart. */
export function hue(index: number): string {
	return colour(`hue-${index % 5}`);
}

/** Fits a canvas to its box in real pixels; gives its context in CSS pixels, cleared. */
export function prepare(
	canvas: HTMLCanvasElement,
): { context: CanvasRenderingContext2D; width: number; height: number } | null {
	const context = canvas.getContext("2d");
	const { clientWidth: width, clientHeight: height } = canvas;
	if (!context || width === 0 || height === 0) return null;
	const ratio = devicePixelRatio || 1;
	// setting the size clears it too
	canvas.width = Math.round(width * ratio);
	canvas.height = Math.round(height * ratio);
	context.scale(ratio, ratio);
	return { context, width, height };
}
