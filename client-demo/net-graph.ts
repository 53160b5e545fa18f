import type { Room } from "../client/index.ts";

const POINTS = 120;
const INTERVAL_MS = 100;

interface Row {
	readonly label: string;
	readonly colour: string;
	readonly read: (stats: Room["stats"]) => number;
	readonly format: (value: number) => string;
	readonly values: Float32Array;
}

function row(
	label: string,
	colour: string,
	read: Row["read"],
	format: (value: number) => string,
): Row {
	return { label, colour, read, format, values: new Float32Array(POINTS) };
}

const whole = (unit: string) => (value: number) => `${Math.round(value)}${unit}`;

/** Small scrolling plots of how the connection does. */
export class NetGraph {
	private readonly canvas: HTMLCanvasElement;
	private readonly toggle: HTMLElement;
	private shownMs = 0;
	private readonly rows: readonly Row[] = [
		row("ping", "#57e0c8", (s) => s.pingMs, whole(" ms")),
		row(
			"snapshots",
			"#7fb2ff",
			(s) => s.snapshotsPerSecond,
			(v) => `${v.toFixed(1)} /s`,
		),
		row(
			"received",
			"#ffd166",
			(s) => s.bytesPerSecond,
			(v) => `${(v / 1024).toFixed(2)} KiB/s`,
		),
		row("delay", "#ff8fa3", (s) => s.interpolationDelayMs, whole(" ms")),
		row("slack", "#c49bff", (s) => s.slackTicks, whole(" ticks")),
	];

	constructor(canvas: HTMLCanvasElement, toggle: HTMLElement) {
		this.canvas = canvas;
		this.toggle = toggle;
		toggle.addEventListener("click", () => this.flip());
		addEventListener("keydown", ({ code, target }) => {
			if (code === "KeyN" && !(target instanceof HTMLInputElement)) this.flip();
		});
	}

	private flip(): void {
		this.canvas.hidden = !this.canvas.hidden;
		this.toggle.setAttribute("aria-pressed", String(!this.canvas.hidden));
	}

	update(room: Room, nowMs: number): void {
		if (nowMs - this.shownMs < INTERVAL_MS) return;
		this.shownMs = nowMs;
		const { stats } = room;
		for (const { values, read } of this.rows) {
			values.copyWithin(0, 1);
			values[POINTS - 1] = read(stats);
		}
		if (!this.canvas.hidden) this.draw(stats.tick);
	}

	private draw(tick: number): void {
		const context = this.canvas.getContext("2d");
		if (!context) return;
		const { width, height } = this.canvas;
		context.clearRect(0, 0, width, height);
		context.font = "11px ui-monospace, monospace";
		context.fillStyle = "#8fa0b8";
		context.fillText(`tick ${tick}`, 8, 14);
		const step = (height - 20) / this.rows.length;
		this.rows.forEach(({ label, colour, values, format }, i) => {
			const base = 20 + step * (i + 1) - 6;
			context.fillStyle = "#8fa0b8";
			context.fillText(label, 8, base - 2);
			context.fillStyle = colour;
			context.fillText(format(values[POINTS - 1] as number), 78, base - 2);
			const most = Math.max(1, ...values);
			context.strokeStyle = colour;
			context.beginPath();
			for (let x = 0; x < POINTS; x++) {
				const y = base - (Math.max(0, values[x] as number) / most) * (step - 8);
				context.lineTo(width - POINTS + x - 8, y);
			}
			context.stroke();
		});
	}
}
