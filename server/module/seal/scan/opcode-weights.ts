import { WEIGHT } from "./fuel-costs.ts";

type Weights = readonly (readonly [from: number, to: number, weight: number])[];

/** Weights by opcode: `usual` for all but those listed. */
function weigh(usual: number, weights: Weights): Uint8Array {
	const all = new Uint8Array(256).fill(usual);
	for (const [from, to, weight] of weights) all.fill(weight, from, to + 1);
	return all;
}

const W = WEIGHT;

/** Of the one-byte opcodes. */
export const PLAIN_WEIGHT = weigh(W.integer, [
	[0x00, 0x03, W.free], // unreachable nop block loop
	[0x04, 0x04, W.branch], // if
	[0x05, 0x0c, W.free], // else end br
	[0x0d, 0x0d, W.branch], // br_if
	[0x0e, 0x0e, W.branchTable],
	[0x0f, 0x0f, W.free], // return
	[0x10, 0x10, W.call],
	[0x11, 0x11, W.indirectCall],
	[0x1a, 0x1a, W.free], // drop
	[0x20, 0x22, W.free], // locals
	[0x23, 0x24, W.global],
	[0x25, 0x25, W.tableGet],
	[0x28, 0x35, W.load],
	[0x41, 0x44, W.free], // constants
	[0x5b, 0x66, W.float], // comparisons
	[0x6c, 0x6c, W.multiply],
	[0x6d, 0x70, W.divide32],
	[0x7e, 0x7e, W.multiply],
	[0x7f, 0x82, W.divide64],
	[0x8d, 0x90, W.round],
	[0x91, 0x91, W.root],
	[0x92, 0x94, W.float],
	[0x95, 0x95, W.divideFloat],
	[0x96, 0x98, W.leastFloat],
	[0x9b, 0x9e, W.round],
	[0x9f, 0x9f, W.root],
	[0xa0, 0xa2, W.float],
	[0xa3, 0xa3, W.divideFloat],
	[0xa4, 0xa6, W.leastFloat],
	[0xa8, 0xab, W.convert],
	[0xae, 0xbb, W.convert],
]);

/** Of those after 0xfc: conversions, and bulk operations, whose length costs more. */
export const FC_WEIGHT = weigh(W.convert, [[16, 16, W.integer]]); // table.size

/** Of those after 0xfd: SIMD. */
export const FD_WEIGHT = weigh(W.vector, [
	[0x00, 0x0a, W.load],
	[0x0c, 0x0c, W.free], // v128.const
	[0x15, 0x22, W.lane],
	[0x52, 0x53, W.vectorSlow], // bitselect any_true
	[0x54, 0x5d, W.load],
	[0x5e, 0x5f, W.vectorSlow],
	[0x62, 0x64, W.vectorSlow], // popcnt all_true bitmask
	[0x6b, 0x6d, W.vectorSlow], // shifts of bytes
	[0x7c, 0x7f, W.vectorSlow], // extadd_pairwise
	[0x82, 0x84, W.vectorSlow],
	[0x9c, 0x9f, W.vectorSlow], // extmul
	[0xa3, 0xa4, W.vectorSlow],
	[0xb5, 0xb5, W.vectorSlow],
	[0xba, 0xbf, W.vectorSlow], // dot, extmul
	[0xc3, 0xc4, W.vectorSlow],
	[0xcb, 0xcd, W.vectorSlow], // shifts of i64x2
	[0xd5, 0xdf, W.vectorSlow],
	[0xe3, 0xe3, W.root],
	[0xe4, 0xe6, W.vectorSlow],
	[0xe7, 0xe7, W.divideFloat],
	[0xe8, 0xeb, W.vectorLeast],
	[0xef, 0xef, W.root],
	[0xf0, 0xf2, W.vectorSlow],
	[0xf3, 0xf3, W.divideFloat],
	[0xf4, 0xf7, W.vectorLeast],
	[0xf8, 0xff, W.vectorConvert],
]);
