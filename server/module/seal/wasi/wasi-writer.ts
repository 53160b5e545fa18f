import type { ModuleShape } from "../read/module-shape.ts";
import { ByteSink } from "../write/byte-sink.ts";
import { describeBody, type ShimIndices, shimBody } from "./shims.ts";
import type { Shim, WasiPlan } from "./wasi-plan.ts";

const FUNCTION_KIND = 0;

/** Writes what is different in a module that answers WASI itself. */
export class WasiWriter {
	readonly describedGlobal: number;
	private readonly plan: WasiPlan;
	private readonly shape: ModuleShape;

	constructor(plan: WasiPlan, shape: ModuleShape, describedGlobal: number) {
		this.plan = plan;
		this.shape = shape;
		this.describedGlobal = describedGlobal;
	}

	/** Bodies before the module's own, and behind them. */
	bodies(): [before: Uint8Array[], after: Uint8Array[]] {
		const { plan, shape, describedGlobal } = this;
		const indices: ShimIndices = {
			fuelGlobal: shape.globals.length,
			describedGlobal,
			log: plan.log,
			describe: plan.describe,
		};
		const body = ({ answer, type }: Shim): Uint8Array =>
			answer === "describe"
				? describeBody(indices)
				: shimBody(answer, shape.types[type].params.length, indices);
		return [plan.before.map(body), plan.after.map(body)];
	}

	importSection(): Uint8Array {
		const section = new ByteSink(256);
		section.u32(this.plan.imports.length);
		for (const { module, name, type } of this.plan.imports) {
			section.text(module);
			section.text(name);
			section.u8(FUNCTION_KIND);
			section.u32(type);
		}
		return section.written();
	}

	functionSection(): Uint8Array {
		const { plan, shape } = this;
		const types = [
			...plan.before.map(({ type }) => type),
			...shape.functions,
			...plan.after.map(({ type }) => type),
		];
		const section = new ByteSink(types.length * 2);
		section.u32(types.length);
		for (const type of types) section.u32(type);
		return section.written();
	}

	/** The module's exports, with room in their count for so many more. */
	exportSection(more: number): ByteSink {
		const { plan, shape } = this;
		const section = new ByteSink(4096);
		section.u32(shape.exports.length + more);
		const last = shape.imports.length + shape.functions.length + plan.after.length - 1;
		for (const { name, kind, index } of shape.exports) {
			section.text(name);
			section.u8(kind);
			section.u32(name === "hs_describe" ? last : index);
		}
		return section;
	}

	/** Gives imports and answers the names that belong to their new numbers. */
	rename(names: Map<number, string>): void {
		const { plan, shape } = this;
		for (let i = 0; i < shape.imports.length; i++) names.delete(i);
		plan.imports.forEach(({ name }, i) => {
			names.set(i, name);
		});
		plan.before.forEach(({ name }, i) => {
			names.set(plan.imports.length + i, name);
		});
		const end = shape.imports.length + shape.functions.length;
		plan.after.forEach(({ name }, i) => {
			names.set(end + i, name);
		});
	}
}
