import { element, setText } from "./element.ts";
import { colour, prepare } from "./palette.ts";

const POINTS = 120;

interface PlotOptions {
	readonly label: string;
	readonly colour: string;
	/** Shown at the top of the plot at least. */
	readonly atLeast: number;
	readonly format: (value: number) => string;
	/** Without words around it: for a cell of a table. */
	readonly bare?: boolean;
}

/** A value over the last minute: a line, its area, and the value now. */
export class Plot {
	readonly node: HTMLElement;
	private readonly canvas: HTMLCanvasElement;
	private readonly value: HTMLElement;
	private readonly options: PlotOptions;
	private readonly values = new Float64Array(POINTS).fill(Number.NaN);

	constructor(options: PlotOptions) {
		this.options = options;
		this.canvas = element("canvas", { "aria-hidden": "true" });
		this.value = element("b", {}, "–");
		this.node = options.bare
			? element("span", { class: "spark" }, this.canvas, this.value)
			: element(
					"figure",
					{ class: "plot" },
					element("figcaption", {}, element("span", {}, options.label), this.value),
					this.canvas,
				);
	}

	push(value: number): void {
		this.values.copyWithin(0, 1);
		this.values[POINTS - 1] = value;
		setText(this.value, this.options.format(value));
		this.draw();
	}

	private draw(): void {
		const prepared = prepare(this.canvas);
		if (!prepared) return;
		const { context, width, height } = prepared;
		let most = this.options.atLeast;
		for (const value of this.values) if (value > most) most = value;
		const x = (i: number): number => (i / (POINTS - 1)) * width;
		const y = (value: number): number => height - 1 - (value / most) * (height - 3);
		const first = this.values.findIndex((value) => !Number.isNaN(value));
		if (first < 0) return;
		context.beginPath();
		for (let i = first; i < POINTS; i++) context.lineTo(x(i), y(this.values[i]));
		context.strokeStyle = colour(this.options.colour);
		context.lineWidth = 1.25;
		context.lineJoin = "round";
		context.stroke();
		context.lineTo(width, height);
		context.lineTo(x(first), height);
		context.globalAlpha = 0.14;
		context.fillStyle = colour(this.options.colour);
		context.fill();
		context.globalAlpha = 1;
		if (this.options.bare) return;
		context.fillStyle = colour("dim");
		context.font = "10px ui-monospace, monospace";
		context.textBaseline = "top";
		context.fillText(this.options.format(most), 3, 2);
	}
}
