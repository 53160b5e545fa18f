import fc from "fast-check";
import { expect, it } from "vitest";
import { CELLS } from "../../protocol/codec/cell-index.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { Grid } from "../../server/snapshot/grid.ts";
import { holds } from "../support/holds.ts";

function apart(a: number, b: number, size: number): number {
	const way = a - b;
	return Math.abs(way - size * Math.round(way / size));
}

const spec = fc
	.record({ cell: fc.constantFrom(20, 50, 64), reach: fc.constantFrom(0.5, 1, 2, 5.5, 8) })
	.map(({ cell, reach }) => ({ cell, radius: cell * reach }));
const circle = fc.record({
	size: fc.oneof(
		fc.constantFrom(20, 100, 640, 1280, 61, 151, 193),
		fc.integer({ min: 7, max: 1_500 }),
	),
	from: fc.oneof(fc.constantFrom(0, -640), fc.integer({ min: -700, max: 300 })),
});
/** As shares of a circle's size, so that they lie on both sides of the seam. */
const share = fc.oneof(
	fc.constantFrom(0, 0.001, 0.01, 0.5, 0.98, 0.999),
	fc.double({ min: 0, max: 0.999_999, noNaN: true }),
);

it("shows what is within the radius across the seam of a circle too, each cell once", () => {
	holds(
		fc.property(spec, circle, fc.array(share, { minLength: 4, maxLength: 4 }), (interest, x, s) => {
			// beyond the grid a circle counts to the cells at its edge, like all else
			const most = (interest.cell * LIMITS.gridSide) / 2;
			fc.pre(x.from >= -most && x.from + x.size <= most);
			const grid = new Grid(interest, { x, y: null });
			const [ax, bx] = [x.from + s[0] * x.size, x.from + s[1] * x.size];
			const [ay, by] = [s[2] * 900 - 450, s[3] * 900 - 450];
			const focus = grid.cellOf(ax, ay);
			const cells = new Uint16Array(CELLS);
			const window = [...cells.subarray(0, grid.windowOf(focus, cells))];
			const lines = [...cells.subarray(0, grid.linesOf(focus, cells))];
			expect(window[0]).toBe(focus);
			expect(new Set(window).size).toBe(window.length);
			expect(lines).toEqual([...window].sort((a, b) => a - b));
			const isNear = Math.hypot(apart(ax, bx, x.size), ay - by) < interest.radius;
			// three turns more are the same place
			const there = [grid.cellOf(bx, by), grid.cellOf(bx + 3 * x.size, by)];
			if (isNear) expect(window).toEqual(expect.arrayContaining(there));
		}),
		2_000,
	);
});

it("keeps to the edges where there is no circle", () => {
	const grid = new Grid({ radius: 100, cell: 50 });
	const cells = new Uint16Array(CELLS);
	const corner = grid.cellOf(-1e9, -1e9);
	expect(corner).toBe(1);
	const window = [...cells.subarray(0, grid.windowOf(corner, cells))];
	expect(window).not.toContain(grid.cellOf(1e9, -1e9));
	expect(grid.cellOf(Number.NaN, Number.NaN)).toBe(1);
});
