import type { ByteSource } from "../read/byte-source.ts";
import { SEAL_LIMITS } from "../seal-limits.ts";

export const BLOCK = { function: 0, block: 1, loop: 2, if: 3, else: 4 } as const;

const DEPTHS = SEAL_LIMITS.nesting + 2;

/** The blocks around an instruction, and how many operands lie on the stack; types are not kept. */
export class BlockStack {
	private readonly source: ByteSource;
	private readonly kinds = new Uint8Array(DEPTHS);
	private readonly params = new Int32Array(DEPTHS);
	private readonly results = new Int32Array(DEPTHS);
	/** Operands below a block, which it cannot reach. */
	private readonly bases = new Int32Array(DEPTHS);
	private readonly starts = new Int32Array(DEPTHS);
	/** The outermost block that code in a block branches to. */
	private readonly reaches = new Int32Array(DEPTHS);
	/** Open regions at a block's head, itself not counted. */
	private readonly regions = new Int32Array(DEPTHS);
	/** Blocks around the instruction; -1 after the function's end. */
	depth = -1;
	height = 0;
	highest = 0;

	constructor(source: ByteSource) {
		this.source = source;
	}

	enterFunction(results: number): void {
		this.depth = -1;
		this.height = 0;
		this.highest = 0;
		this.open(BLOCK.function, 0, results, 0);
	}

	open(kind: number, params: number, results: number, regions: number): void {
		const outer = this.depth < 0 ? 0 : this.bases[this.depth];
		const depth = ++this.depth;
		this.source.limit(depth, "nesting", "blocks inside one another");
		this.kinds[depth] = kind;
		this.params[depth] = params;
		this.results[depth] = results;
		this.bases[depth] = Math.max(this.height - params, outer);
		this.regions[depth] = regions;
		this.starts[depth] = this.source.at;
		this.reaches[depth] = depth;
		this.height = this.bases[depth];
		this.push(params);
	}

	/** Open regions when the innermost block began. */
	get outerRegions(): number {
		return this.regions[this.depth];
	}

	/** Notes a branch over `label` blocks. */
	reach(label: number): void {
		const { depth, reaches } = this;
		reaches[depth] = Math.min(reaches[depth], depth - label);
	}

	/** Turns an `if` block into its `else`. */
	otherwise(): void {
		const { depth } = this;
		if (this.kinds[depth] !== BLOCK.if) this.source.malformed("an else without if");
		this.kinds[depth] = BLOCK.else;
		this.height = this.bases[depth];
		this.push(this.params[depth]);
	}

	/** Bytes of the innermost block when it is a loop; else 0. */
	get loopBytes(): number {
		const { depth } = this;
		return this.kinds[depth] === BLOCK.loop ? this.source.at - this.starts[depth] : 0;
	}

	/** Ends a block. True when code in it may have branched past what follows. */
	close(): boolean {
		const depth = this.depth--;
		this.height = this.bases[depth];
		this.push(this.results[depth]);
		const target = this.reaches[depth];
		if (target >= depth) return false;
		this.reaches[depth - 1] = Math.min(this.reaches[depth - 1], target);
		return true;
	}

	/** What follows is never reached, up to the end of the block. */
	stop(): void {
		this.height = this.bases[this.depth];
	}

	push(count: number): void {
		this.height += count;
		if (this.height <= this.highest) return;
		this.highest = this.source.limit(this.height, "operands", "operands on the stack");
	}

	/** Unreachable code may take more than there is. */
	pop(count: number): void {
		this.height = Math.max(this.height - count, this.bases[this.depth]);
	}
}
