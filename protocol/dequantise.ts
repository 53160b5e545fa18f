import type { WireColumn } from "./wire-schema.ts";

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** Turns a received integer, or a point between two, back into a value. */
export type Dequantise = (travelled: number) => number;

/** The inverse of the server's quantisation of one column. */
export function dequantiserFor({ type, quantisation: q }: WireColumn): Dequantise {
	if (q.kind === "step") return (n) => n * q.step;
	if (q.kind === "angle") {
		const unit = (2 * Math.PI) / 2 ** q.bits;
		return (n) => n * unit;
	}
	if (type === "f32") {
		return (n) => {
			bits[0] = n;
			return float[0];
		};
	}
	if (type === "u32") return (n) => n >>> 0;
	return (n) => n;
}
