import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveTable } from "../../protocol/abi/simulation.ts";
import { columnView, is64Bit } from "../../protocol/schema/scalar.ts";
import { TableQuantiser } from "../../server/snapshot/quantise.ts";
import { expectedRows } from "../conformance/quantise.ts";
import { wireColumns } from "../support/arbitraries.ts";
import { holds } from "../support/holds.ts";

const anyNumber = fc.oneof(
	fc.double(),
	fc.float(),
	fc.integer(),
	fc.constantFrom(
		Number.NaN,
		Number.POSITIVE_INFINITY,
		-0,
		0.5,
		-0.5,
		1.5,
		2 ** 31,
		-(2 ** 31) - 1,
		1e20,
	),
	fc.double({ min: -50, max: 50 }),
);

describe("TableQuantiser", () => {
	it("gives each live row the integers of PROTOCOL.md, whatever a module computed", () => {
		holds(
			fc.property(
				wireColumns,
				fc.array(anyNumber, { minLength: 1, maxLength: 30 }),
				(column, numbers) => {
					const { type } = column;
					if (is64Bit(type)) return;
					const values = columnView(type, new ArrayBuffer(numbers.length * 8), 0, numbers.length);
					(values as Float32Array).set(numbers);
					const about = {
						...column,
						private: false,
						ownerOnly: false,
						rewound: false,
						axis: null,
						wrap: null,
						jumps: false,
						default: 0,
						was: null,
						address: 8,
					};
					const gen = Uint16Array.from(numbers, (_, row) => row % 3);
					const table: LiveTable = {
						name: "t",
						capacity: numbers.length,
						gen,
						usedCell: Uint32Array.of(numbers.length),
						columns: [{ about, values }],
					};
					const quantiser = new TableQuantiser(table);
					quantiser.capture(numbers.length, [new Int32Array(numbers.length)]);
					const { quantisation: q } = column;
					const shape = {
						name: column.name,
						type,
						quantisation: q.kind,
						parameter: q.kind === "step" ? q.step : q.kind === "angle" ? q.bits : 0,
						isGuessed: false,
						isOwner: false,
					};
					const expected = expectedRows({ columns: [shape] }, table, new Map());
					for (const [row, { values: wanted }] of expected) {
						expect(quantiser.values[0]?.[row]).toBe(wanted[0] | 0);
					}
				},
			),
			2000,
		);
	});
});
