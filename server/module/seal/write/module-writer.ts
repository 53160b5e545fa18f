import { writeFunctionNames } from "../locate/function-names.ts";
import { type OffsetMap, OffsetMapBuilder } from "../locate/offset-map.ts";
import { type ModuleShape, VALUE } from "../read/module-shape.ts";
import { SECTION, SECTION_ORDER } from "../read/read-module.ts";
import { SEAL_EXPORTS } from "../scan/check-interface.ts";
import type { FunctionScan } from "../scan/function-scan.ts";
import { SEAL_LIMITS } from "../seal-limits.ts";
import type { WasiPlan } from "../wasi/wasi-plan.ts";
import { WasiWriter } from "../wasi/wasi-writer.ts";
import { ByteSink } from "./byte-sink.ts";
import type { EditList } from "./edit-list.ts";
import { FunctionWriter } from "./function-writer.ts";

/** What a module is rewritten from. */
interface Plan {
	readonly raw: Uint8Array;
	readonly shape: ModuleShape;
	readonly scans: readonly FunctionScan[];
	readonly edits: EditList;
	/** Per own function: true when its depth on the stack is counted. */
	readonly counted: readonly boolean[];
	readonly names: Map<number, string>;
	/** Of a module that imports WASI. */
	readonly wasi: WasiPlan | null;
}

const CONSTANT = 0x41;
const END = 0x0b;
const MUTABLE = 1;
const GLOBAL_KIND = 3;

/** Assembles the sealed file: the raw sections, some with more in them, and the code anew. */
export class ModuleWriter {
	private readonly plan: Plan;
	private readonly out: ByteSink;
	private readonly section: ByteSink;
	private readonly scratch = new ByteSink(64 * 1024);
	private readonly addedTypes: Uint8Array[] = [];
	private readonly blockTypes = new Map<string, number>();
	private readonly map = new OffsetMapBuilder();
	/** The code section's payload, written first because it may ask for types. */
	private readonly code: ByteSink;
	private readonly countsStack: boolean;
	private readonly wasi: WasiWriter | null;

	constructor(plan: Plan) {
		this.plan = plan;
		this.out = new ByteSink(plan.raw.length * 2);
		this.code = new ByteSink(plan.raw.length * 2);
		this.section = new ByteSink(4096);
		this.countsStack = plan.counted.includes(true);
		const globals = plan.shape.globals.length + (this.countsStack ? 2 : 1);
		this.wasi = plan.wasi && new WasiWriter(plan.wasi, plan.shape, globals);
		plan.shape.types.forEach(({ params, results }, type) => {
			if (params.length === 0) this.blockTypes.set(results.join(), type);
		});
	}

	/** null when the sealed file would be too large. */
	write(): { sealed: Uint8Array<ArrayBuffer>; map: OffsetMap } | null {
		const { out, plan } = this;
		if (!this.writeBodies()) return null;
		let codeStart = 0;
		out.bytes(plan.raw.subarray(0, 8));
		for (const id of SECTION_ORDER) {
			const payload = this.payload(id);
			if (!payload) continue;
			this.writeSection(id, payload);
			if (id === SECTION.code) codeStart = out.length - payload.length;
		}
		this.wasi?.rename(plan.names);
		if (plan.names.size > 0) {
			this.section.clear();
			writeFunctionNames(this.section, this.scratch, plan.names);
			this.writeSection(SECTION.custom, this.section.written());
		}
		if (out.length > SEAL_LIMITS.sealedBytes) return null;
		const map = this.map.finish(codeStart, codeStart + this.code.length);
		return { sealed: out.written().slice(), map };
	}

	private writeSection(id: number, payload: Uint8Array): void {
		this.out.u8(id);
		this.out.u32(payload.length);
		this.out.bytes(payload);
	}

	private payload(id: number): Uint8Array | null {
		if (id === SECTION.type) return this.typeSection();
		if (id === SECTION.global) return this.globalSection();
		if (id === SECTION.export) return this.exportSection();
		if (id === SECTION.code) return this.code.written();
		if (this.wasi && id === SECTION.import) return this.wasi.importSection();
		if (this.wasi && id === SECTION.function) return this.wasi.functionSection();
		const span = this.plan.shape.sections.get(id);
		return span ? this.plan.raw.subarray(span.start, span.end) : null;
	}

	private writeBodies(): boolean {
		const { plan, code, scratch, map } = this;
		const { raw, shape, edits, scans, counted } = plan;
		const additions = {
			fuelGlobal: shape.globals.length,
			stackGlobal: shape.globals.length + 1,
			counted,
			blockType: (results: Uint8Array) => this.blockType(results),
			redirect: plan.wasi?.redirect ?? [],
		};
		const writer = new FunctionWriter(raw, shape, edits, additions, scratch, map);
		const [before, after] = this.wasi?.bodies() ?? [[], []];
		code.u32(before.length + scans.length + after.length);
		for (const body of before) this.addedBody(body);
		for (const scan of scans) {
			scratch.clear();
			writer.write(scan);
			code.u32(scratch.length);
			map.place(code.length);
			code.bytes(scratch.written());
			if (code.length > SEAL_LIMITS.sealedBytes) return false;
		}
		if (after.length > 0) {
			// they come from no place of the raw file: from its end
			map.add(0, raw.length, true);
			map.place(code.length);
		}
		for (const body of after) this.addedBody(body);
		return true;
	}

	private addedBody(body: Uint8Array): void {
		this.code.u32(body.length);
		this.code.bytes(body);
	}

	/** The number of a type without parameters and with these results; a new one if need be. */
	private blockType(results: Uint8Array): number {
		const key = results.join();
		let type = this.blockTypes.get(key);
		if (type === undefined) {
			const first = this.plan.shape.types.length + (this.plan.wasi?.addsLogType ? 1 : 0);
			type = first + this.addedTypes.push(results) - 1;
			this.blockTypes.set(key, type);
		}
		return type;
	}

	/** Starts a section that holds the raw entries and more. */
	private extend(id: number, count: number, more: number): ByteSink {
		const { section, plan } = this;
		const span = plan.shape.sections.get(id);
		section.clear();
		section.u32(count + more);
		if (!span) return section;
		// the raw count is skipped, whatever its length
		let start = span.start;
		while (plan.raw[start++] >= 0x80);
		section.bytes(plan.raw.subarray(start, span.end));
		return section;
	}

	private typeSection(): Uint8Array {
		const { addedTypes, plan } = this;
		const logTypes = plan.wasi?.addsLogType ? 1 : 0;
		const more = addedTypes.length + logTypes;
		const section = this.extend(SECTION.type, plan.shape.types.length, more);
		if (logTypes > 0) section.u8(0x60, 3, VALUE.i32, VALUE.i32, VALUE.i32, 0);
		for (const results of addedTypes) {
			section.u8(0x60, 0);
			section.u32(results.length);
			section.bytes(results);
		}
		return section.written();
	}

	private globalSection(): Uint8Array {
		const { shape } = this.plan;
		const more = 1 + (this.countsStack ? 1 : 0) + (this.wasi ? 1 : 0);
		const section = this.extend(SECTION.global, shape.globals.length, more);
		// no fuel: a host that forgets to fill it is told at once
		section.u8(VALUE.i32, MUTABLE, CONSTANT, 0, END);
		if (this.countsStack) {
			section.u8(VALUE.i32, MUTABLE, CONSTANT);
			section.s32(SEAL_LIMITS.stackBytes);
			section.u8(END);
		}
		if (this.wasi) section.u8(VALUE.i32, MUTABLE, CONSTANT, 0, END);
		return section.written();
	}

	private exportSection(): Uint8Array {
		const { shape } = this.plan;
		const added = shape.globals.flatMap((global, index) => (global.mutable ? [index] : []));
		// a depth that a trap left behind is put right with the image
		if (this.countsStack) added.push(shape.globals.length + 1);
		if (this.wasi) added.push(this.wasi.describedGlobal);
		const section = this.wasi
			? this.wasi.exportSection(added.length + 1)
			: this.extend(SECTION.export, shape.exports.length, added.length + 1);
		added.forEach((index, position) => {
			section.text(SEAL_EXPORTS.global(position));
			section.u8(GLOBAL_KIND);
			section.u32(index);
		});
		section.text(SEAL_EXPORTS.fuel);
		section.u8(GLOBAL_KIND);
		section.u32(shape.globals.length);
		return section.written();
	}
}
