import { CTX } from "../../../protocol/abi/layout.ts";
import type { EffectSpec } from "../../../protocol/schema/define-effects.ts";
import type { FieldSpec } from "../../../protocol/schema/define-game.ts";
import type { ScalarName } from "../../../protocol/schema/scalar.ts";
import type { Plan } from "./plan.ts";
import { type Region, regionBytes } from "./regions.ts";
import type { Constant } from "./static-words.ts";

/** What lies at an offset of the block and is zero at first. */
interface PlacedRegion {
	readonly name: string;
	readonly offset: number;
	readonly type: ScalarName;
	readonly count: number;
}

/** What lies at an offset of the block and never changes. */
interface PlacedConstant {
	readonly name: string;
	readonly offset: number;
	/** Its bytes; a pointer among them is an offset in the block. */
	readonly hex: string;
}

/**
 * A plan as one block of memory, for a language that Hotstep has no emitter for: whoever puts the block at an
 * address that is a multiple of `align`, writes the constants, adds the address to each u32 at `pointers`, and
 * answers `hs_describe` with the address of `descriptor`, has described the game.
 */
export interface PlanJson {
	readonly game: string;
	readonly version: number;
	readonly maxPages: number;
	readonly block: { readonly bytes: number; readonly align: number };
	/** Offset of the descriptor. */
	readonly descriptor: number;
	readonly regions: readonly PlacedRegion[];
	readonly constants: readonly PlacedConstant[];
	readonly pointers: readonly number[];
	readonly input: readonly FieldSpec[];
	readonly events: readonly { name: string; size: number; fields: readonly FieldSpec[] }[];
	/** Results, and requests with the record of their answers. */
	readonly effects: readonly EffectSpec[];
	/** What a new row holds: by table, column by column. */
	readonly defaults: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const ALIGN = 16;

function constantBytes(constant: Constant): number {
	if ("text" in constant) return new TextEncoder().encode(constant.text).length + 1;
	return constant.words.length * 4;
}

/** Where everything lies: each region and constant at the next multiple of its alignment. */
function place(regions: readonly Region[], constants: readonly Constant[]) {
	const offsets = new Map<string, number>();
	let end = 0;
	const put = (name: string, bytes: number, align: number): void => {
		const offset = Math.ceil(end / align) * align;
		offsets.set(name, offset);
		end = offset + bytes;
	};
	for (const region of regions) put(region.name, regionBytes(region), region.align);
	for (const constant of constants) {
		put(constant.name, constantBytes(constant), "text" in constant ? 1 : 4);
	}
	return { offsets, bytes: Math.ceil(end / ALIGN) * ALIGN };
}

/** A plan in plain data. */
export function planJson(plan: Plan): PlanJson {
	const ctx: Region = { name: "CTX", type: "u8", count: CTX.size, align: ALIGN };
	const regions = [ctx, ...plan.regions];
	const { offsets, bytes } = place(regions, plan.constants);
	const offsetOf = (name: string): number => offsets.get(name) as number;
	const pointers: number[] = [];
	const constants = plan.constants.map((constant) => {
		const { name } = constant;
		const offset = offsetOf(name);
		if ("text" in constant) {
			return { name, offset, hex: Buffer.from(`${constant.text}\0`).toString("hex") };
		}
		const words = Buffer.alloc(constant.words.length * 4);
		constant.words.forEach((word, i) => {
			if (typeof word !== "number") pointers.push(offset + i * 4);
			words.writeUInt32LE(typeof word === "number" ? word : offsetOf(word.at), i * 4);
		});
		return { name, offset, hex: words.toString("hex") };
	});
	const { spec } = plan;
	return {
		game: spec.name,
		version: spec.version,
		maxPages: plan.pages,
		block: { bytes, align: ALIGN },
		descriptor: offsetOf("descriptor$"),
		regions: regions.map(({ name, type, count }) => ({
			name,
			offset: offsetOf(name),
			type,
			count,
		})),
		constants,
		pointers,
		input: spec.input.fields,
		events: spec.events,
		effects: spec.effects,
		defaults: Object.fromEntries(
			spec.tables.map(({ name, columns }) => [
				name,
				Object.fromEntries(columns.map((c) => [c.name, c.default])),
			]),
		),
	};
}
