/*
 * The inside of a keyframe or delta chunk:
 *
 *     u8 codec = 0
 *     per table, in the schema's order:
 *       u8 parts
 *       1 removed   row set
 *       2 changed   row set · per column: blocks of residuals                       (delta only)
 *       4 spawned   row set · blocks of generations · per column: blocks of values
 *                   · in a keyframe, per predicted column: blocks of steps
 *
 * A row whose occupant changed stands in both `removed` and `spawned`. A residual is the value minus
 * what both ends guess from before. Rows that are in no set kept to the guess. The blocks of one part
 * are one bit stream, padded to a byte at its end. PROTOCOL.md is the authority.
 */
export const CODEC_BLOCKS = 0;
export const PART = { removed: 1, changed: 2, spawned: 4 } as const;
