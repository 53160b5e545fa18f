/** One line of a plot; null where nothing was measured. */
export interface PlotLine {
	readonly name: string;
	/** Class that gives its colour and dash. */
	readonly style: "a" | "b" | "c" | "good dots" | "bad dots";
	readonly points: readonly (readonly [x: number, y: number | null])[];
}

interface PlotBand {
	readonly name: string;
	readonly from: number;
	readonly to: number;
}

export interface Plot {
	readonly title: string;
	readonly unit: string;
	readonly lines: readonly PlotLine[];
	/** Stretches to set apart from the rest. */
	readonly bands: readonly PlotBand[];
	/** A level to compare with, such as a threshold. */
	readonly mark: { readonly name: string; readonly y: number } | null;
	/** What to say when there is no point at all. */
	readonly missing: string;
}

// small enough that its letters stay readable when a phone shows it 340 pixels wide
const WIDTH = 400;
const HEIGHT = 190;
const LEFT = 44;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;

const ENTITIES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

/** Steps of 1, 2 or 5 times a power of ten, so that there are at most `most` of them. */
export function stepFor(range: number, most: number): number {
	const rough = range / most;
	const power = 10 ** Math.floor(Math.log10(rough));
	const share = rough / power;
	return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

function ticksTo(end: number, step: number): number[] {
	return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
}

function show(value: number): string {
	if (value >= 10_000) return `${Number((value / 1000).toFixed(1))}k`;
	return String(Number(value.toPrecision(4)));
}

interface Scale {
	readonly x: (value: number) => string;
	readonly y: (value: number) => string;
}

/** Path of a line; what was not measured leaves a gap, and a lone point a dot. */
function pathOf({ points, style }: PlotLine, { x, y }: Scale): string {
	let path = "";
	const areDots = style.endsWith("dots");
	let isDown = false;
	for (const [at, value] of points) {
		if (value === null) isDown = false;
		else {
			path += `${isDown ? "L" : "M"}${x(at)} ${y(value)}${isDown ? "" : "h.01"}`;
			isDown = !areDots;
		}
	}
	return path;
}

function axes(xEnd: number, yEnd: number, { x, y }: Scale): string {
	const right = WIDTH - RIGHT;
	const rows = ticksTo(yEnd, stepFor(yEnd, 4)).map(
		(value) =>
			`<path class="grid" d="M${LEFT} ${y(value)}H${right}"/><text class="end" x="${LEFT - 5}" y="${y(value)}" dy="4">${show(value)}</text>`,
	);
	const columns = ticksTo(xEnd, stepFor(xEnd, 6)).map(
		(value) => `<text class="middle" x="${x(value)}" y="${HEIGHT - 7}">${show(value)}</text>`,
	);
	return `${rows.join("")}${columns.join("")}`;
}

function legend({ lines, mark }: Plot): string {
	const items = lines.map(
		({ name, style }) =>
			`<span><svg class="key" viewBox="0 0 20 8"><path class="line ${style}" d="M1 4H19"/></svg>${escapeHtml(name)}</span>`,
	);
	if (mark) {
		items.push(
			`<span><svg class="key" viewBox="0 0 20 8"><path class="mark" d="M1 4H19"/></svg>${escapeHtml(mark.name)}</span>`,
		);
	}
	return `<p class="legend">${items.join("")}</p>`;
}

function drawing(plot: Plot): string {
	const values = plot.lines.flatMap(({ points }) => points.map(([, y]) => y ?? 0));
	const xs = plot.lines.flatMap(({ points }) => points.map(([x]) => x));
	const highest = Math.max(...values, plot.mark?.y ?? 0, 1e-6);
	const step = stepFor(highest, 4);
	const yEnd = Math.ceil(highest / step - 1e-9) * step;
	const xEnd = Math.max(1, ...xs);
	const scale: Scale = {
		x: (value) => (LEFT + (value / xEnd) * (WIDTH - LEFT - RIGHT)).toFixed(1),
		y: (value) => (TOP + (1 - value / yEnd) * (HEIGHT - TOP - BOTTOM)).toFixed(1),
	};
	const bands = plot.bands.map(({ from, to, name }) => {
		const left = Number(scale.x(Math.min(from, xEnd)));
		const width = Math.max(0, Number(scale.x(Math.min(to, xEnd))) - left);
		return `<rect class="band" x="${left}" y="${TOP}" width="${width.toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}"><title>${escapeHtml(name)}</title></rect>`;
	});
	const mark = plot.mark
		? `<path class="mark" d="M${LEFT} ${scale.y(plot.mark.y)}H${WIDTH - RIGHT}"/>`
		: "";
	const lines = plot.lines.map(
		(line) => `<path class="line ${line.style}" d="${pathOf(line, scale)}"/>`,
	);
	return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(plot.title)}">${bands.join("")}${axes(xEnd, yEnd, scale)}${mark}${lines.join("")}</svg>`;
}

/** A plot over the seconds of a run, as HTML with SVG inside. */
export function drawPlot(plot: Plot): string {
	const hasAny = plot.lines.some(({ points }) => points.some(([, y]) => y !== null));
	const head = `<h2>${escapeHtml(plot.title)} <small>${escapeHtml(plot.unit)}</small></h2>`;
	const body = hasAny
		? `${legend(plot)}${drawing(plot)}`
		: `<p class="missing">Not measured: ${escapeHtml(plot.missing)}.</p>`;
	return `<figure>${head}${body}</figure>`;
}
