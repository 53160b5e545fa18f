import { type Dequantise, dequantiserFor } from "../../protocol/dequantise.ts";
import type { WireColumn } from "../../protocol/wire-schema.ts";
import { inCircle } from "./circle.ts";

/** Number of quantised steps after which a column is back where it was; 0 for never. */
function periodOf({ quantisation: q, interpolation, wrap }: WireColumn): number {
	if (q.kind === "angle") return 2 ** q.bits;
	if (q.kind !== "step") return 0;
	if (wrap) return wrap.size / q.step;
	return interpolation === "angle" ? (2 * Math.PI) / q.step : 0;
}

/** How a column moves from one received integer to the next, and what is shown in between. */
export class ColumnPath {
	/** Otherwise it keeps a value until the next. */
	readonly interpolated: boolean;
	/** A position on an axis, so a row can leap from one to another. */
	readonly isPlace: boolean;
	private readonly period: number;
	private readonly dequantise: Dequantise;
	private readonly size: number;
	private readonly from: number;

	constructor(about: WireColumn) {
		// bit patterns of an unquantised float cannot be averaged, so it moves in steps
		this.interpolated = about.interpolation !== "step" && about.quantisation.kind !== "exact";
		this.isPlace = this.interpolated && about.interpolation === "linear";
		this.period = periodOf(about);
		this.dequantise = dequantiserFor(about);
		this.size = about.wrap?.size ?? 0;
		this.from = about.wrap?.from ?? 0;
	}

	/** From one received integer to another; on a circle, the short way round. */
	way(from: number, to: number): number {
		const way = (to - from) | 0;
		return this.period === 0 ? way : way - this.period * Math.round(way / this.period);
	}

	/** The value for a received integer, or for a point between two; on a circle, never outside it. */
	value(travelled: number): number {
		const value = this.dequantise(travelled);
		return this.size === 0 ? value : inCircle(value, this.size, this.from);
	}
}
