import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { type ChainColumn, ORDER } from "./chain-state.ts";
import type { QuantisedTable } from "./table-step.ts";

/*
 * The orders of guess of a table's columns, 2 bits for each guessed one from the lowest bit up, padded
 * to a whole byte. Most tables need none: without them every order is 1.
 */
const BITS = 2;
const MASK = 3;

/** Maximum bytes for the orders of this many columns. */
export function maxOrderBytes(columns: number): number {
	return (columns * BITS + 7) >> 3;
}

export function writeOrders(
	out: ByteWriter,
	columns: readonly ChainColumn[],
	orders: Uint8Array,
): void {
	let held = 0;
	let bits = 0;
	for (let c = 0; c < columns.length; c++) {
		if (!columns[c].guessed) continue;
		held |= orders[c] << bits;
		bits += BITS;
		if (bits < 8) continue;
		out.u8(held);
		held = 0;
		bits = 0;
	}
	if (bits > 0) out.u8(held);
}

/** Fills `orders`, with all the same for no reader; false for an order that there is not. */
export function readOrders(
	from: ByteReader | null,
	columns: readonly ChainColumn[],
	orders: Uint8Array,
): boolean {
	orders.fill(ORDER.steady);
	if (from === null) return true;
	let held = 0;
	let bits = 0;
	for (let c = 0; c < columns.length; c++) {
		if (!columns[c].guessed) continue;
		if (bits === 0) {
			held = from.u8();
			bits = 8;
		}
		const order = held & MASK;
		held >>>= BITS;
		bits -= BITS;
		if (order > ORDER.bent) return false;
		orders[c] = order;
	}
	return true;
}

/** Rows sampled to choose an order. */
const SAMPLE = 32;
/** Bits that another order than the usual one must save in the sample to be worth sending. */
const LEAST_GAIN = 8;

/**
 * The order that makes the residuals of this step shortest, judged by some of the rows; those with
 * `stamp` already at `tick` are new and have no past to guess from.
 */
export function chooseOrder(
	{ value, step, bend, shift }: ChainColumn,
	now: Int32Array,
	{ gen, used }: Pick<QuantisedTable, "gen" | "used">,
	stamp: Int32Array,
	tick: number,
): number {
	const stride = used <= SAMPLE ? 1 : Math.floor(used / SAMPLE);
	let still = 0;
	let steady = 0;
	let bent = 0;
	for (let row = 0; row < used; row += stride) {
		if (gen[row] === 0 || stamp[row] === tick) continue;
		const move = ((now[row] - value[row]) << shift) >> shift;
		const turn = ((move - step[row]) << shift) >> shift;
		still += bitsOf(move);
		steady += bitsOf(turn);
		bent += bitsOf(((turn - bend[row]) << shift) >> shift);
	}
	const least = Math.min(still, bent);
	if (steady - least < LEAST_GAIN) return ORDER.steady;
	return bent <= still ? ORDER.bent : ORDER.still;
}

/** Bits of a number in zigzag form. */
function bitsOf(n: number): number {
	return 32 - Math.clz32((n << 1) ^ (n >> 31));
}
