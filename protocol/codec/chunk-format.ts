/*
 * The inside of a keyframe, delta or catch-up chunk. A chunk belongs to a cell: the global one carries
 * the tables that are not spatial, any other the spatial ones.
 *
 *     u8 codec = 0
 *     per table of the cell, in the schema's order:
 *       u8 parts
 *       16 present   row set: all that are in the cell                                (catch-up)
 *       1  removed   row set                                                          (delta)
 *       32 orders    per guessed column: 2 bits, its order of guess; without it all are 1    (delta)
 *       2  changed   row set · per column: blocks of residuals                        (delta)
 *       64 coded     instead of changed: residuals by arithmetic coding, see residual-coder.ts (delta)
 *       4  spawned   row set · blocks of generations · per column: blocks of values   (delta)
 *       8  entered   as spawned · per guessed column: blocks of steps, blocks of bends
 *                                                                     (keyframe, delta, catch-up)
 *
 * A row whose occupant changed stands in both `removed` and `spawned`; one that came from another cell
 * in `entered`. A residual is the value minus what both ends guess from before. Rows that are in no
 * set kept to the guess. The blocks of one part are one bit stream, padded to a byte at its end.
 * PROTOCOL.md is the authority.
 */
export const CODEC_BLOCKS = 0;
export const PART = {
	removed: 1,
	changed: 2,
	spawned: 4,
	entered: 8,
	present: 16,
	orders: 32,
	coded: 64,
} as const;
/** Which parts a chunk of each kind may have: keyframe, delta, catch-up. */
export const PARTS_OF_KIND: readonly number[] = [
	PART.entered,
	PART.removed | PART.orders | PART.changed | PART.coded | PART.spawned | PART.entered,
	PART.entered | PART.present,
];
