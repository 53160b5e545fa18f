import type { ByteSource } from "../read/byte-source.ts";
import { type ModuleShape, type SectionSpan, VALUE } from "../read/module-shape.ts";
import { IMMEDIATE, type OpcodeTable, PLAIN, PREFIX_FC, PREFIX_FD } from "../read/opcodes.ts";
import { calleeType, readBlockType, readIndirectCallee } from "../read/read-control.ts";
import { readImmediate, refuseInstruction } from "../read/read-immediate.ts";
import { readFunctionIndex, readIndex, readValueType } from "../read/read-values.ts";
import { answerTo } from "../wasi/answers.ts";
import { EDIT, type EditList } from "../write/edit-list.ts";
import { BLOCK, BlockStack } from "./block-stack.ts";
import { fuelOf, WEIGHT } from "./fuel-costs.ts";
import type { FunctionScan } from "./function-scan.ts";
import { FC_WEIGHT, FD_WEIGHT, PLAIN_WEIGHT } from "./opcode-weights.ts";
import { RegionStack } from "./region-stack.ts";

interface Space {
	readonly prefix: number;
	readonly table: OpcodeTable;
	readonly weights: Uint8Array;
}

const PLAIN_SPACE: Space = { prefix: 0, table: PLAIN, weights: PLAIN_WEIGHT };
const FC_SPACE: Space = { prefix: 0xfc, table: PREFIX_FC, weights: FC_WEIGHT };
const FD_SPACE: Space = { prefix: 0xfd, table: PREFIX_FD, weights: FD_WEIGHT };

/** Return address, saved registers, and what an engine keeps in each frame for itself. */
const FRAME_BYTES = 64;
/** Work of a branch beside its locals and operands. */
const BRANCH_BASE = 16;
/** Compiling an empty loop, or a bulk memory operation, takes as long as so many branches. */
const LOOP_WAYS = 8;
const BULK_WAYS = 16;
/** A call, before which locals leave their registers, takes an eighth of a branch. */
const CALL_WAYS = 1 / 8;

/**
 * Walks through function bodies without checking types, which the engine does. It bounds the cost of
 * compiling, records where the code must be edited, and counts each region's fuel.
 *
 * Indices are checked where the seal adds to an index space (types, locals, globals, labels): a module
 * must not be able to name what the seal adds.
 */
export class CodeScanner {
	private readonly source: ByteSource;
	private readonly shape: ModuleShape;
	private readonly edits: EditList;
	private readonly blocks: BlockStack;
	private readonly regions: RegionStack;
	/** Per import: the sealed module answers it itself. If there is one, all have other numbers there. */
	private readonly answered: readonly boolean[];
	/** Calls may carry vectors then, without any other trace of them in the code. */
	private readonly passesVectors: boolean;
	private workInAll = 0;
	// of the function at hand
	private locals = 0;
	private branchWork = 0;
	private loopWork = 0;
	private loops = 0;
	private leavesEarly = false;
	private hasVectors = false;

	constructor(source: ByteSource, shape: ModuleShape, edits: EditList) {
		this.source = source;
		this.shape = shape;
		this.edits = edits;
		this.blocks = new BlockStack(source);
		this.regions = new RegionStack(edits);
		this.answered = shape.imports.map(({ module, name }) => answerTo(`${module}.${name}`) !== null);
		this.passesVectors = shape.types.some(
			({ params, results }) => params.includes(VALUE.v128) || results.includes(VALUE.v128),
		);
	}

	scan(body: SectionSpan): FunctionScan {
		const { source, shape, edits, blocks } = this;
		const type = shape.functions[body.id];
		const { params, results } = shape.types[type];
		source.functionIndex = shape.imports.length + body.id;
		source.at = body.start;
		source.end = body.end;
		const firstEdit = edits.length;
		this.locals = params.length;
		this.branchWork = this.loopWork = this.loops = 0;
		this.leavesEarly = false;
		this.hasVectors = this.passesVectors;
		const groupCount = source.count("locals", "groups of locals");
		const groups = source.at;
		this.readLocals(groupCount);
		const code = source.at;
		blocks.enterFunction(results.length);
		this.regions.enterFunction();
		while (blocks.depth >= 0) this.instruction();
		if (source.at !== body.end) source.malformed("bytes are left over in the function");
		this.checkWork(body);
		return {
			index: source.functionIndex,
			type,
			start: body.start,
			code,
			end: body.end,
			groupCount,
			groups,
			locals: this.locals,
			cost: fuelOf(this.regions.ownWeight + WEIGHT.entry + WEIGHT.local * this.locals),
			frameBytes: FRAME_BYTES + (this.hasVectors ? 16 : 8) * (this.locals + blocks.highest),
			firstEdit,
			endEdit: edits.length,
			loops: this.loops,
			leavesEarly: this.leavesEarly,
		};
	}

	private readLocals(groups: number): void {
		const { source } = this;
		for (let i = 0; i < groups; i++) {
			const offset = source.at;
			const count = source.u32();
			this.locals = source.limit(this.locals + count, "locals", "locals in a function", offset);
			if (readValueType(source) === VALUE.v128) this.hasVectors = true;
		}
	}

	private checkWork({ start }: SectionSpan): void {
		const { source } = this;
		source.limit(this.branchWork, "branchWork", "locals × branches", start);
		source.limit(this.loopWork, "loopWork", "bytes of loops, nested ones again", start);
		this.workInAll += this.branchWork;
		source.limit(this.workInAll, "branchWorkInAll", "locals × branches in all", start);
	}

	/** A place where a compiler copies what it knows of each local and operand. */
	private branch(ways = 1): void {
		this.branchWork += Math.ceil(ways * (this.locals + this.blocks.height + BRANCH_BASE));
	}

	private instruction(): void {
		const { source } = this;
		const start = source.at;
		const opcode = source.u8();
		if (PLAIN.immediate[opcode] === IMMEDIATE.control) this.control(opcode, start);
		else this.simple(PLAIN_SPACE, opcode, start);
	}

	/** An instruction whose effect on the stack the opcode alone tells. */
	private simple(space: Space, opcode: number, start: number): void {
		const { source, shape, blocks } = this;
		const { table, weights, prefix } = space;
		const kind = opcode < 256 ? table.immediate[opcode] : IMMEDIATE.feature;
		if (!readImmediate(source, shape, this.locals, kind)) {
			refuseInstruction(source, kind, prefix, opcode, start);
		}
		if (kind >= IMMEDIATE.memoryGrow) this.sized(kind, start);
		this.regions.charge(weights[opcode]);
		blocks.pop(table.pops[opcode]);
		blocks.push(table.pushes[opcode]);
	}

	private sized(kind: number, start: number): void {
		this.edits.add(start, kind === IMMEDIATE.memoryGrow ? EDIT.grow : EDIT.bulk, 0);
		this.branch(BULK_WAYS);
	}

	private control(opcode: number, start: number): void {
		const { source, blocks } = this;
		if (opcode < 0xfc && opcode !== 0x0b) this.regions.charge(PLAIN_WEIGHT[opcode]);
		switch (opcode) {
			case 0x00:
				return blocks.stop();
			case 0x02:
			case 0x03:
			case 0x04:
				return this.block(opcode);
			case 0x05:
				return this.otherwise();
			case 0x0b:
				return this.end();
			case 0x0c:
			case 0x0d:
				return this.branchInstruction(opcode);
			case 0x0e:
				return this.branchTable();
			case 0x0f:
				this.edits.add(start, EDIT.return, blocks.depth);
				this.leavesEarly = true;
				blocks.reach(blocks.depth);
				return blocks.stop();
			case 0x10:
			case 0x11:
				return this.call(opcode, start);
			case 0x1c:
				if (source.u8() !== 1) source.malformed("a select of other than one type", source.at - 1);
				readValueType(source);
				blocks.pop(3);
				return blocks.push(1);
			case 0xfc:
				return this.simple(FC_SPACE, source.u32(), start);
			default:
				this.hasVectors = true;
				return this.simple(FD_SPACE, source.u32(), start);
		}
	}

	private block(opcode: number): void {
		const { blocks } = this;
		const [params, results] = readBlockType(this.source, this.shape);
		if (opcode === 0x04) blocks.pop(1);
		this.branch(opcode === 0x03 ? LOOP_WAYS : 1);
		const outer = this.regions.depth;
		if (opcode === 0x02) return blocks.open(BLOCK.block, params, results, outer);
		blocks.open(opcode === 0x03 ? BLOCK.loop : BLOCK.if, params, results, outer);
		if (opcode === 0x03) this.loops++;
		this.regions.enter(this.source.at, opcode === 0x03 ? EDIT.loop : EDIT.branch);
		// its charge is one more branch
		this.branch();
	}

	private otherwise(): void {
		const { blocks, regions } = this;
		this.branch();
		blocks.otherwise();
		regions.leave(blocks.outerRegions);
		regions.enter(this.source.at, EDIT.branch);
	}

	private end(): void {
		const { blocks, regions } = this;
		this.loopWork += blocks.loopBytes;
		regions.charge(WEIGHT.free);
		regions.leave(blocks.outerRegions);
		if (blocks.close() && blocks.depth >= 0) this.mayBePassed();
	}

	/** What follows runs only if a branch was not taken. */
	private mayBePassed(): void {
		this.regions.enter(this.source.at, EDIT.branch);
		this.branch();
	}

	private label(): void {
		const { blocks } = this;
		const label = readIndex(this.source, blocks.depth + 1, "label");
		if (label === blocks.depth) this.leavesEarly = true;
		blocks.reach(label);
	}

	private branchInstruction(opcode: number): void {
		const { blocks } = this;
		this.label();
		if (opcode === 0x0d) blocks.pop(1);
		this.branch();
		if (opcode === 0x0c) return blocks.stop();
		this.mayBePassed();
	}

	private branchTable(): void {
		const { source, blocks } = this;
		const targets = source.count("branchTargets", "targets of a br_table");
		for (let i = 0; i <= targets; i++) this.label();
		blocks.pop(1);
		this.branch(targets + 1);
		blocks.stop();
	}

	private call(opcode: number, start: number): void {
		const { source, shape, blocks, edits } = this;
		const isDirect = opcode === 0x10;
		const callee = isDirect ? readFunctionIndex(source, shape) : readIndirectCallee(source, shape);
		const { params, results } = calleeType(shape, callee);
		this.regions.charge(WEIGHT.local * (params.length + results.length));
		this.branch(CALL_WAYS);
		if (!isDirect) blocks.pop(1);
		blocks.pop(params.length);
		blocks.push(results.length);
		if (isDirect && callee < shape.imports.length) {
			this.callImport(callee, start);
			return;
		}
		edits.add(start, EDIT.call, callee);
		edits.add(source.at, EDIT.called, 0);
	}

	private callImport(callee: number, start: number): void {
		const { source, shape, edits, answered } = this;
		if (shape.imports[callee].name === "log") edits.add(start, EDIT.log, 0);
		if (answered[callee]) edits.add(start, EDIT.call, callee);
		if (answered.includes(true)) edits.add(start, EDIT.redirect, callee);
		if (answered[callee]) edits.add(source.at, EDIT.called, 0);
	}
}
