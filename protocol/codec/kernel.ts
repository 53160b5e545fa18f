import { LIMITS } from "../limits.ts";
import { KERNEL_BYTES } from "./kernel-bytes.ts";

/** The loops of kernel.wat; arguments are addresses unless they say otherwise. */
interface Loops {
	advance(
		now: number,
		value: number,
		step: number,
		bend: number,
		residual: number,
		dirty: number,
		moved: number,
		rows: number,
		shift: number,
		order: number,
	): void;
	replace(
		now: number,
		value: number,
		residual: number,
		dirty: number,
		moved: number,
		rows: number,
		shift: number,
	): void;
	/** Returns how many of the rows are dirty; those that moved get the tick as their stamp. */
	settle(dirty: number, moved: number, stamp: number, rows: number, tick: number): number;
	/** 1 if so many bytes are the same in both places. */
	same(a: number, b: number, bytes: number): number;
	/** Packs whole blocks; returns the address behind the bytes. */
	pack(from: number, blocks: number, out: number): number;
}

const PAGE = 65_536;
/** The kernel's own memory lies below this address. */
const FIRST_FREE = 128;
/** Where it keeps bits that do not fill a byte yet, and their number: index of a 32-bit word. */
const HELD = 16;
const ALIGNMENT = 16;

/** The module, or null where the engine has no SIMD. Compiled once, when first needed. */
let compiled: WebAssembly.Module | null | undefined;

function compile(): WebAssembly.Module | null {
	const bytes = Uint8Array.from(atob(KERNEL_BYTES), (c) => c.charCodeAt(0));
	return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}

/**
 * Memory for the kernel's loops: arrays are allocated from it once, side by side, and never freed.
 * Without SIMD, without enough memory, or if not `allowed`, `loops` is null.
 */
export class KernelMemory {
	readonly loops: Loops | null;
	private readonly buffer: ArrayBuffer | null;
	private readonly words: Int32Array;
	private at = FIRST_FREE;

	/** `words` counts the 32-bit words of all arrays together, `arrays` how many they are. */
	constructor(words: number, arrays: number, allowed = true) {
		const bytes = FIRST_FREE + words * 4 + arrays * ALIGNMENT;
		let memory: WebAssembly.Memory | null = null;
		if (allowed && bytes <= LIMITS.kernelBytes) {
			compiled ??= compile();
			try {
				memory = compiled && new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
			} catch {
				// an engine out of address space can still allocate plain arrays
			}
		}
		const plain = bytes <= LIMITS.kernelBytes ? new ArrayBuffer(bytes) : null;
		this.buffer = memory ? (memory.buffer as ArrayBuffer) : plain;
		this.words = new Int32Array(this.buffer ?? new ArrayBuffer(0), 0, this.buffer ? HELD + 2 : 0);
		const env = { memory };
		this.loops =
			compiled && memory
				? (new WebAssembly.Instance(compiled, { env } as WebAssembly.Imports)
						.exports as unknown as Loops)
				: null;
	}

	/** An array of zeros at an address that the loops can use. */
	ints(length: number): Int32Array {
		if (!this.buffer) return new Int32Array(length);
		const array = new Int32Array(this.buffer, this.at, length);
		this.at = Math.ceil((this.at + length * 4) / ALIGNMENT) * ALIGNMENT;
		return array;
	}

	/** The same, of 16-bit numbers; takes as much as half as many words. */
	shorts(length: number): Uint16Array {
		const { buffer, byteOffset } = this.ints((length + 1) >> 1);
		return new Uint16Array(buffer, byteOffset, length);
	}

	/** Whether the loops can work on the array. */
	holds(array: Int32Array): boolean {
		return array.buffer === this.buffer;
	}

	/** Returns the bits that do not fill a byte yet. */
	setHeld(bits: number, count: number): void {
		this.words[HELD] = bits;
		this.words[HELD + 1] = count;
	}

	get held(): number {
		return this.words[HELD];
	}

	get heldBits(): number {
		return this.words[HELD + 1];
	}
}
