import type { ArenaRoom } from "../draw/scene.ts";

const POINTS = 100;
const INTERVAL_MS = 100;
const WIDTH = 288;
const ROW = 25;
const HEAD = 30;
const PLOT_LEFT = WIDTH - POINTS - 12;
const PLOT_HEIGHT = 15;

type Stats = ArenaRoom["stats"];
type Bytes = Stats["bytesByKind"];

interface Row {
	readonly label: string;
	readonly colour: string;
	readonly read: (stats: Stats) => number;
	readonly format: (value: number) => string;
	readonly values: Float32Array;
}

function row(label: string, colour: string, read: Row["read"], format: Row["format"]): Row {
	return { label, colour, read, format, values: new Float32Array(POINTS) };
}

const whole = (unit: string) => (value: number) => `${Math.round(value)} ${unit}`;
const tenths = (unit: string) => (value: number) => `${value.toFixed(1)} ${unit}`;

const ROWS: readonly Row[] = [
	row("ping", "#57e0c8", (stats) => stats.pingMs, whole("ms")),
	row("snapshots", "#7fb2ff", (stats) => stats.snapshotsPerSecond, tenths("/s")),
	row("received", "#ffd166", (stats) => stats.bytesPerSecond / 1024, tenths("KiB/s")),
	row("delay", "#ff8fa3", (stats) => stats.interpolationDelayMs, whole("ms")),
	row("slack", "#c49bff", (stats) => stats.slackTicks, whole("ticks")),
	row("ahead", "#8ee07f", (stats) => stats.prediction.aheadTicks, whole("ticks")),
	row(
		"corrected",
		"#ff6b7d",
		(stats) => stats.prediction.correctionsPerSecond,
		(value) => `${value.toFixed(1)} /s`,
	),
	row("run again", "#ffb86b", (stats) => stats.prediction.rerunTicksPerSecond, whole("t/s")),
];

/** Kinds of chunks by the colour of their share. */
const KINDS = [
	["changes", "#7fb2ff", ({ delta, catchUp, gone }: Bytes) => delta + catchUp + gone],
	["whole", "#c49bff", ({ keyframe }: Bytes) => keyframe],
	["own", "#57e0c8", ({ own }: Bytes) => own],
	["events", "#ffd166", ({ events }: Bytes) => events],
] as const;
const KINDS_HEIGHT = 36;
const HEIGHT = HEAD + ROW * ROWS.length + KINDS_HEIGHT;

/** Small scrolling plots of how the connection does; N or a button shows and hides them. */
export class NetGraph {
	private readonly canvas: HTMLCanvasElement;
	private readonly panel: HTMLElement;
	private readonly toggle: HTMLElement;
	private shownMs = 0;

	constructor(canvas: HTMLCanvasElement, panel: HTMLElement, toggle: HTMLElement) {
		this.canvas = canvas;
		this.panel = panel;
		this.toggle = toggle;
		canvas.style.width = `${WIDTH}px`;
		canvas.style.height = `${HEIGHT}px`;
		toggle.addEventListener("click", () => {
			this.flip();
			// else the space bar would press it again instead of firing
			toggle.blur();
		});
		addEventListener("keydown", ({ code, target, repeat, ctrlKey, metaKey, altKey }) => {
			if (code !== "KeyN" || repeat || ctrlKey || metaKey || altKey) return;
			if (!(target instanceof HTMLInputElement)) this.flip();
		});
	}

	private flip(): void {
		this.panel.hidden = !this.panel.hidden;
		this.toggle.setAttribute("aria-pressed", String(!this.panel.hidden));
	}

	update(room: ArenaRoom, nowMs: number): void {
		if (nowMs - this.shownMs < INTERVAL_MS) return;
		this.shownMs = nowMs;
		const { stats } = room;
		for (const { values, read } of ROWS) {
			values.copyWithin(0, 1);
			values[POINTS - 1] = read(stats);
		}
		if (!this.panel.hidden) this.draw(stats);
	}

	private draw({ tick, prediction, bytesByKind }: Stats): void {
		const { canvas } = this;
		const context = canvas.getContext("2d");
		if (!context) return;
		const ratio = devicePixelRatio || 1;
		// setting the size clears it too
		canvas.width = Math.round(WIDTH * ratio);
		canvas.height = Math.round(HEIGHT * ratio);
		context.scale(ratio, ratio);
		context.font = "11px ui-monospace, Menlo, Consolas, monospace";
		context.fillStyle = "#9fb0c8";
		// the reason, where there is one, is what one looks for
		context.fillText(prediction.why ?? "net graph", 12, 19, WIDTH - 110);
		context.textAlign = "right";
		context.fillText(`tick ${tick}`, WIDTH - 12, 19);
		ROWS.forEach((each, i) => {
			drawRow(context, each, HEAD + ROW * i + PLOT_HEIGHT + 2);
		});
		drawKinds(context, bytesByKind, HEAD + ROW * ROWS.length);
	}
}

/** What snapshots are made of: shares of a bar, and bytes per second below. */
function drawKinds(context: CanvasRenderingContext2D, bytes: Bytes, top: number): void {
	const total = Math.max(
		1,
		KINDS.reduce((sum, [, , read]) => sum + read(bytes), 0),
	);
	let x = 12;
	context.textAlign = "left";
	KINDS.forEach(([label, colour, read], i) => {
		const width = ((WIDTH - 24) * read(bytes)) / total;
		context.fillStyle = colour;
		context.fillRect(x, top + 2, width, 5);
		x += width;
		context.fillText(`${label} ${Math.round(read(bytes))}`, 12 + i * 69, top + 22, 65);
	});
}

function drawRow(
	context: CanvasRenderingContext2D,
	{ label, colour, values, format }: Row,
	base: number,
): void {
	context.textAlign = "left";
	context.fillStyle = "#9fb0c8";
	context.fillText(label, 12, base - 3);
	context.textAlign = "right";
	context.fillStyle = colour;
	context.fillText(format(values[POINTS - 1]), PLOT_LEFT - 12, base - 3);
	let most = 1;
	for (const value of values) most = Math.max(most, value);
	context.fillStyle = "#ffffff0d";
	context.fillRect(PLOT_LEFT, base - PLOT_HEIGHT, POINTS, PLOT_HEIGHT);
	context.strokeStyle = colour;
	context.lineWidth = 1.2;
	context.beginPath();
	for (let x = 0; x < POINTS; x++) {
		const share = Math.max(0, values[x]) / most;
		context.lineTo(PLOT_LEFT + x, base - 1 - share * (PLOT_HEIGHT - 2));
	}
	context.stroke();
}
