import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import type { Image } from "../../protocol/abi/image.ts";
import { CTX } from "../../protocol/abi/layout.ts";
import { scalarBytes } from "../../protocol/schema/scalar.ts";

/** Granularity: small enough for one object, and a cache line. */
export const LINE_BYTES = 64;
/** Memory is first compared in pieces of this size: most of it has not changed. */
const PIECE_BYTES = 4096;

/**
 * Which lines of a module's memory have ever differed from their initial contents. Whatever a
 * language's allocator, state that grows without end writes line after line for the first time, while
 * reused memory does not. Columns and mailboxes are left out: their size is fixed.
 */
export class WrittenMemory {
	private readonly start: Image;
	/** 1 for each line that is declared or was written. */
	private readonly used: Uint8Array;
	private usedLines = 0;

	/** `start` is kept; memory of up to `maxBytes` can be checked. */
	constructor(descriptor: Descriptor, start: Image, maxBytes: number) {
		this.start = start;
		this.used = new Uint8Array(Math.ceil(maxBytes / LINE_BYTES));
		this.leaveOut(descriptor.ctx, CTX.size);
		for (const { address, bytes } of [descriptor.inbox, descriptor.outbox]) {
			this.leaveOut(address, bytes);
		}
		for (const { gen, used, capacity, columns } of descriptor.tables) {
			this.leaveOut(gen, capacity * 2);
			this.leaveOut(used, 4);
			for (const { address, type } of columns) this.leaveOut(address, capacity * scalarBytes(type));
		}
	}

	/** Bytes known to be in use: declared, or written. */
	get usedBytes(): number {
		return this.usedLines * LINE_BYTES;
	}

	/** Whether any line differs from its initial contents for the first time. */
	hasNew(image: Image): boolean {
		return this.visitNew(image, () => true);
	}

	countNew(image: Image): number {
		let lines = 0;
		this.visitNew(image, () => {
			lines++;
			return false;
		});
		return lines;
	}

	/** Counts what has been written by now as used. */
	add(image: Image): void {
		this.visitNew(image, (line) => {
			this.use(line);
			return false;
		});
	}

	private use(line: number): void {
		if (this.used[line] === 0) this.usedLines++;
		this.used[line] = 1;
	}

	private leaveOut(address: number, bytes: number): void {
		const end = Math.ceil((address + bytes) / LINE_BYTES);
		for (let line = Math.floor(address / LINE_BYTES); line < end; line++) this.use(line);
	}

	/** Visits new lines until one is enough; true then. */
	private visitNew(image: Image, isEnough: (line: number) => boolean): boolean {
		for (let at = 0; at < image.length; at += PIECE_BYTES) {
			if (this.isSame(image, at, Math.min(at + PIECE_BYTES, image.length))) continue;
			const end = Math.min(at + PIECE_BYTES, image.length);
			for (let from = at; from < end; from += LINE_BYTES) {
				const line = from / LINE_BYTES;
				if (this.used[line] === 1 || this.isSame(image, from, from + LINE_BYTES)) continue;
				if (isEnough(line)) return true;
			}
		}
		return false;
	}

	/** Memory added later initially holds zeros. */
	private isSame(image: Image, from: number, to: number): boolean {
		const { bytes, length } = this.start;
		const now = image.bytes.subarray(from, to);
		if (to <= length) return Buffer.compare(now, bytes.subarray(from, to)) === 0;
		return from >= length && now.every((byte) => byte === 0);
	}
}
