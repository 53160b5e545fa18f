import type { OffsetMapBuilder } from "../locate/offset-map.ts";
import { type ModuleShape, VALUE } from "../read/module-shape.ts";
import { FUEL } from "../scan/fuel-costs.ts";
import type { FunctionScan } from "../scan/function-scan.ts";
import type { ByteSink } from "./byte-sink.ts";
import { EDIT, type EditList } from "./edit-list.ts";
import { type Meter, MeterCode } from "./meter-code.ts";

const OP = { block: 0x02, end: 0x0b, branch: 0x0c, call: 0x10, noResult: 0x40 } as const;

/** Numbers of what the seal adds to the module. */
interface Additions {
	readonly fuelGlobal: number;
	readonly stackGlobal: number;
	/** Per own function: true when its depth is counted. */
	readonly counted: readonly boolean[];
	/** The number of a type without parameters and with these results. */
	readonly blockType: (results: Uint8Array) => number;
	/** The new number of each import, in a module that answers WASI itself. */
	readonly redirect: readonly number[];
}

/**
 * Writes a function anew, with what meters it:
 *
 *     charge the stack       where its depth is counted
 *     charge the fuel
 *     block                  only if something is to be done at the end and
 *       the raw code           the raw code leaves early
 *     end
 *     write the fuel back    where a local holds it
 *     give the stack back
 *
 * The block takes the number of the function's own label, so branches to that stay as they are.
 */
export class FunctionWriter {
	private readonly raw: Uint8Array;
	private readonly shape: ModuleShape;
	private readonly edits: EditList;
	private readonly additions: Additions;
	private readonly sink: ByteSink;
	private readonly map: OffsetMapBuilder;
	private readonly code: MeterCode;

	constructor(
		raw: Uint8Array,
		shape: ModuleShape,
		edits: EditList,
		additions: Additions,
		sink: ByteSink,
		map: OffsetMapBuilder,
	) {
		this.raw = raw;
		this.shape = shape;
		this.edits = edits;
		this.additions = additions;
		this.sink = sink;
		this.map = map;
		this.code = new MeterCode(sink);
	}

	write(scan: FunctionScan): void {
		const { sink, code, additions } = this;
		const isCounted = additions.counted[scan.index - this.shape.imports.length];
		const cached = scan.loops > 0;
		const meter: Meter = { global: additions.fuelGlobal, local: scan.locals, cached };
		const isWrapped = (isCounted || cached) && scan.leavesEarly;
		this.insert(scan.code);
		this.writeLocals(scan);
		if (isCounted) {
			const stack = { global: additions.stackGlobal, local: scan.locals, cached: false };
			code.enter(stack, scan.frameBytes);
		}
		code.enter(meter, scan.cost);
		if (isWrapped) {
			sink.u8(OP.block);
			this.blockType(scan.type);
		}
		this.writeCode(scan, meter, isWrapped);
		const lastEnd = scan.end - 1;
		this.insert(lastEnd);
		if (isWrapped) sink.u8(OP.end);
		if (cached) code.store(meter);
		if (isCounted) code.refund(additions.stackGlobal, scan.frameBytes);
		this.copy(lastEnd, scan.end);
	}

	/** Two more locals: for fuel, and for a length that is on the stack. */
	private writeLocals(scan: FunctionScan): void {
		const { sink } = this;
		sink.u32(scan.groupCount + 1);
		sink.bytes(this.raw.subarray(scan.groups, scan.code));
		sink.u8(2, VALUE.i32);
	}

	private blockType(type: number): void {
		const { sink, additions } = this;
		const { results } = this.shape.types[type];
		if (results.length === 0) sink.u8(OP.noResult);
		else if (results.length === 1) sink.u8(results[0]);
		else sink.s32(additions.blockType(results));
	}

	private writeCode(scan: FunctionScan, meter: Meter, isWrapped: boolean): void {
		const { edits } = this;
		let at = scan.code;
		for (let edit = scan.firstEdit; edit < scan.endEdit; edit++) {
			const place = edits.at(edit);
			const kind = edits.kind(edit);
			const value = edits.value(edit);
			if (kind === EDIT.redirect) {
				at = this.redirect(at, place, value);
				continue;
			}
			if (kind === EDIT.return ? !isWrapped : !this.applies(kind, value, meter)) continue;
			if (place > at) this.copy(at, place);
			at = place;
			this.insert(place);
			if (kind === EDIT.return) {
				this.sink.u8(OP.branch);
				this.sink.u32(value);
				at++;
			} else this.apply(kind, value, meter);
		}
		if (scan.end - 1 > at) this.copy(at, scan.end - 1);
	}

	/** Writes a call of what import `value` has become, and steps over the raw one. */
	private redirect(from: number, place: number, value: number): number {
		if (place > from) this.copy(from, place);
		this.map.add(this.sink.length, place, false);
		this.sink.u8(OP.call);
		this.sink.u32(this.additions.redirect[value]);
		let at = place + 1;
		while (this.raw[at++] >= 0x80);
		return at;
	}

	private applies(kind: number, value: number, { cached }: Meter): boolean {
		if (kind === EDIT.branch) return value > 0;
		return cached || (kind !== EDIT.call && kind !== EDIT.called);
	}

	private apply(kind: number, value: number, meter: Meter): void {
		const { code, shape } = this;
		if (kind === EDIT.loop || kind === EDIT.branch) code.charge(meter, value);
		else if (kind === EDIT.log) code.charge(meter, FUEL.log);
		else if (kind === EDIT.call) code.store(meter);
		else if (kind === EDIT.called) code.load(meter);
		else if (kind === EDIT.bulk) code.chargeLength(meter, meter.local + 1);
		else code.chargePages(meter, meter.local + 1, shape.memory?.maximum ?? 0);
	}

	private copy(from: number, to: number): void {
		this.map.add(this.sink.length, from, false);
		this.sink.bytes(this.raw.subarray(from, to));
	}

	private insert(at: number): void {
		this.map.add(this.sink.length, at, true);
	}
}
