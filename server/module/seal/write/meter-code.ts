import { FUEL } from "../scan/fuel-costs.ts";
import type { ByteSink } from "./byte-sink.ts";

const OP = {
	unreachable: 0x00,
	if: 0x04,
	end: 0x0b,
	select: 0x1b,
	localGet: 0x20,
	localSet: 0x21,
	localTee: 0x22,
	globalGet: 0x23,
	globalSet: 0x24,
	const: 0x41,
	lessSigned: 0x48,
	lessUnsigned: 0x49,
	add: 0x6a,
	subtract: 0x6b,
	multiply: 0x6c,
	shiftRightUnsigned: 0x76,
	emptyBlock: 0x40,
} as const;

/** Where a function keeps what it has left. */
export interface Meter {
	/** The global that holds it between functions. */
	readonly global: number;
	/** A local of the function for it, or for the sum at hand. */
	readonly local: number;
	/**
	 * True when the local is in charge within the function: it is loaded at the head and after
	 * calls, and written back before calls and at the end. A loop then charges in a register.
	 */
	readonly cached: boolean;
}

/** Writes the instructions that meter: none leaves anything on the operand stack. */
export class MeterCode {
	private readonly sink: ByteSink;

	constructor(sink: ByteSink) {
		this.sink = sink;
	}

	private op(opcode: number, index: number): void {
		this.sink.u8(opcode);
		this.sink.u32(index);
	}

	private constant(value: number): void {
		this.sink.u8(OP.const);
		this.sink.s32(value);
	}

	/** What is left, before a charge is subtracted. */
	private begin({ cached, local, global }: Meter): void {
		if (cached) this.op(OP.localGet, local);
		else this.op(OP.globalGet, global);
	}

	/** Takes what is left from the stack and traps when it is below zero, leaving it so. */
	private settle({ cached, local, global }: Meter): void {
		const { sink } = this;
		this.op(OP.localTee, local);
		if (!cached) {
			this.op(OP.globalSet, global);
			this.op(OP.localGet, local);
		}
		this.constant(0);
		sink.u8(OP.lessSigned, OP.if, OP.emptyBlock);
		if (cached) this.store({ cached, local, global });
		sink.u8(OP.unreachable, OP.end);
	}

	charge(meter: Meter, units: number): void {
		this.begin(meter);
		this.constant(units);
		this.sink.u8(OP.subtract);
		this.settle(meter);
	}

	/** The charge at a function's head: what is left is in the global still. */
	enter(meter: Meter, units: number): void {
		this.op(OP.globalGet, meter.global);
		this.constant(units);
		this.sink.u8(OP.subtract);
		this.settle(meter);
	}

	/** Gives back what a function took at its head. */
	refund(global: number, units: number): void {
		this.op(OP.globalGet, global);
		this.constant(units);
		this.sink.u8(OP.add);
		this.op(OP.globalSet, global);
	}

	store({ local, global }: Meter): void {
		this.op(OP.localGet, local);
		this.op(OP.globalSet, global);
	}

	load({ local, global }: Meter): void {
		this.op(OP.globalGet, global);
		this.op(OP.localSet, local);
	}

	/** For a length on top of the stack, which stays there; unsigned, so it cannot be negative. */
	chargeLength(meter: Meter, length: number): void {
		const { sink } = this;
		this.op(OP.localTee, length);
		this.begin(meter);
		this.op(OP.localGet, length);
		this.constant(FUEL.bulkShift);
		sink.u8(OP.shiftRightUnsigned, OP.subtract);
		this.constant(FUEL.bulk);
		sink.u8(OP.subtract);
		this.settle(meter);
	}

	/** For a number of pages on top of the stack; more than memory can ever have counts as that. */
	chargePages(meter: Meter, pages: number, mostPages: number): void {
		const { sink } = this;
		this.op(OP.localTee, pages);
		this.begin(meter);
		this.op(OP.localGet, pages);
		this.constant(mostPages);
		this.op(OP.localGet, pages);
		this.constant(mostPages);
		sink.u8(OP.lessUnsigned, OP.select);
		this.constant(FUEL.growPage);
		sink.u8(OP.multiply, OP.subtract);
		this.constant(FUEL.grow);
		sink.u8(OP.subtract);
		this.settle(meter);
	}
}
