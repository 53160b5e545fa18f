import { CTX, DESCRIPTOR } from "../../../../protocol/abi/layout.ts";
import { VALUE } from "../read/module-shape.ts";
import { FUEL } from "../scan/fuel-costs.ts";
import { ByteSink } from "../write/byte-sink.ts";
import type { Answer } from "./answers.ts";

/** Numbers of what the answers use. */
export interface ShimIndices {
	readonly fuelGlobal: number;
	/** Holds what `hs_describe` gave; 0 before. */
	readonly describedGlobal: number;
	/** Function numbers in the sealed module. */
	readonly log: number;
	readonly describe: number;
}

const NO_RESULT = 0x40;
/** Fuel of an answer that does next to nothing. */
const SMALL = 20;

/** Writes instructions; locals are numbers, parameters first. */
class Code {
	readonly sink = new ByteSink(256);
	private readonly indices: ShimIndices;
	/** The first of four locals behind the parameters. */
	private readonly fuelLocal: number;

	constructor(indices: ShimIndices, params: number) {
		this.indices = indices;
		this.fuelLocal = params;
	}

	op(...bytes: number[]): this {
		this.sink.u8(...bytes);
		return this;
	}

	private numbered(opcode: number, index: number): this {
		this.sink.u8(opcode);
		this.sink.u32(index);
		return this;
	}

	get(local: number): this {
		return this.numbered(0x20, local);
	}

	set(local: number): this {
		return this.numbered(0x21, local);
	}

	global(index: number): this {
		return this.numbered(0x23, index);
	}

	setGlobal(index: number): this {
		return this.numbered(0x24, index);
	}

	call(index: number): this {
		return this.numbered(0x10, index);
	}

	i32(value: number): this {
		this.sink.u8(0x41);
		this.sink.s32(value);
		return this;
	}

	i64(value: number): this {
		this.sink.u8(0x42);
		this.sink.s32(value);
		return this;
	}

	/** A load or store at an offset, of any alignment. */
	memory(opcode: number, offset: number): this {
		this.sink.u8(opcode, 0);
		this.sink.u32(offset);
		return this;
	}

	/** Takes what lies on the stack from the fuel, and traps when there is not so much. */
	charge(): this {
		const { fuelGlobal } = this.indices;
		this.set(this.fuelLocal).global(fuelGlobal).get(this.fuelLocal).op(OP.sub);
		this.setGlobal(fuelGlobal);
		return this.global(fuelGlobal).i32(0).op(OP.lessSigned, OP.if, NO_RESULT, 0x00, OP.end);
	}

	/** The address of ctx; only where `describedGlobal` is not 0. */
	ctx(): this {
		return this.global(this.indices.describedGlobal).memory(OP.load, DESCRIPTOR.ctx);
	}
}

const OP = {
	sub: 0x6b,
	add: 0x6a,
	lessSigned: 0x48,
	if: 0x04,
	else: 0x05,
	end: 0x0b,
	load: 0x28,
	load16: 0x2f,
	store: 0x36,
	store64: 0x37,
	store8: 0x3a,
	return: 0x0f,
} as const;

function write(code: Code, log: number): void {
	const [fd, list, count, written] = [0, 1, 2, 3];
	const [at, length, sum] = [5, 6, 7];
	// only the two outputs are open
	code.get(fd).i32(1).op(OP.sub).i32(1).op(0x4b, OP.if, NO_RESULT).i32(8).op(OP.return, OP.end);
	code.op(0x02, NO_RESULT, 0x03, NO_RESULT);
	code.get(count).op(0x45, 0x0d, 1);
	code.i32(FUEL.log).charge();
	code.get(list).memory(OP.load, 0).set(at);
	code.get(list).memory(OP.load, 4).set(length);
	code.get(sum).get(length).op(OP.add).set(sum);
	// a line's end is not part of it
	code.get(length).op(OP.if, NO_RESULT);
	code.get(at).get(length).op(OP.add).i32(1).op(OP.sub).memory(0x2d, 0).i32(10).op(0x46);
	code.op(OP.if, NO_RESULT).get(length).i32(1).op(OP.sub).set(length).op(OP.end, OP.end);
	code.get(length).op(OP.if, NO_RESULT);
	code.get(fd).get(at).get(length).call(log).op(OP.end);
	code.get(list).i32(8).op(OP.add).set(list);
	code.get(count).i32(1).op(OP.sub).set(count);
	code.op(0x0c, 0, OP.end, OP.end);
	code.get(written).get(sum).memory(OP.store, 0).i32(0);
}

/** The time of a room is its ticks: nanoseconds since its first one, counted from 1, since Go takes 0 for a failure. */
function clock(code: Code, described: number): void {
	const out = 2;
	code.get(out).global(described).op(OP.if, VALUE.i64);
	code.ctx().memory(OP.load, CTX.tick).op(0xad).i64(1_000_000_000).op(0x7e);
	code.global(described).memory(OP.load16, DESCRIPTOR.tickRate).op(0xad, 0x80);
	code.op(OP.else).i64(0).op(OP.end).i64(1).op(0x7c).memory(OP.store64, 0).i32(0);
}

/** xoshiro128** over the four words of ctx, as the SDK draws; zeros before the module has described itself. */
function random(code: Code, described: number): void {
	const [at, left] = [0, 1];
	const [ctx, drawn, shifted] = [3, 4, 5];
	const word = (i: number): number => CTX.random + i * 4;
	const xorInto = (to: number, from: number): void => {
		code.get(ctx).get(ctx).memory(OP.load, word(to)).get(ctx).memory(OP.load, word(from));
		code.op(0x73).memory(OP.store, word(to));
	};
	code.global(described).op(OP.if, NO_RESULT).ctx().set(ctx).op(OP.end);
	code.op(0x02, NO_RESULT, 0x03, NO_RESULT).get(left).op(0x45, 0x0d, 1);
	code.i32(SMALL).charge().get(ctx).op(OP.if, NO_RESULT);
	code.get(ctx).memory(OP.load, word(1)).i32(5).op(0x6c).i32(7).op(0x77).i32(9).op(0x6c).set(drawn);
	code.get(ctx).memory(OP.load, word(1)).i32(9).op(0x74).set(shifted);
	xorInto(2, 0);
	xorInto(3, 1);
	xorInto(1, 2);
	xorInto(0, 3);
	code.get(ctx).get(ctx).memory(OP.load, word(2)).get(shifted).op(0x73).memory(OP.store, word(2));
	code.get(ctx).get(ctx).memory(OP.load, word(3)).i32(11).op(0x77).memory(OP.store, word(3));
	code.op(OP.end);
	code.get(at).get(drawn).memory(OP.store8, 0);
	code.get(at).i32(1).op(OP.add).set(at).get(left).i32(1).op(OP.sub).set(left);
	code.op(0x0c, 0, OP.end, OP.end).i32(0);
}

/** Whoever sleeps is woken at once: the one event that he gets is his first clock's. */
function sleep(code: Code): void {
	const [input, output, found] = [0, 1, 3];
	code.get(output).get(input).memory(0x29, 0).memory(OP.store64, 0);
	for (const offset of [8, 16, 24]) code.get(output).i64(0).memory(OP.store64, offset);
	code.get(found).i32(1).memory(OP.store, 0).i32(0);
}

function body(answer: Answer, code: Code, indices: ShimIndices): void {
	if (typeof answer === "number") code.i32(answer);
	else if (answer === "write") write(code, indices.log);
	else if (answer === "exit") code.op(0x00);
	else if (answer === "nothing") code.i32(0);
	else if (answer === "two-zeros") {
		for (const out of [0, 1]) code.get(out).i32(0).memory(OP.store, 0);
		code.i32(0);
	} else if (answer === "clock") clock(code, indices.describedGlobal);
	else if (answer === "resolution") code.get(1).i64(1_000_000).memory(OP.store64, 0).i32(0);
	else if (answer === "random") random(code, indices.describedGlobal);
	else if (answer === "sleep") sleep(code);
	else if (answer === "describe-file") {
		// a terminal that may do anything
		code.get(0).i32(2).op(0x4b, OP.if, NO_RESULT).i32(8).op(OP.return, OP.end);
		code.get(1).i64(2).memory(OP.store64, 0);
		for (const offset of [8, 16]) code.get(1).i64(-1).memory(OP.store64, offset);
		code.i32(0);
	}
}

/** The body of an answer with so many parameters, as it stands in the code section without its size. */
export function shimBody(answer: Answer, params: number, indices: ShimIndices): Uint8Array {
	const code = new Code(indices, params);
	code.sink.u8(1, 4, VALUE.i32);
	code.i32(SMALL).charge();
	body(answer, code, indices);
	code.op(OP.end);
	return code.sink.written().slice();
}

/** `hs_describe` as the host calls it: it keeps the answer, by which time and randomness are found. */
export function describeBody({ describe, describedGlobal }: ShimIndices): Uint8Array {
	const sink = new ByteSink(32);
	sink.u8(0, 0x10);
	sink.u32(describe);
	sink.u8(0x24);
	sink.u32(describedGlobal);
	sink.u8(0x23);
	sink.u32(describedGlobal);
	sink.u8(OP.end);
	return sink.written().slice();
}
