import type { Image } from "../../../protocol/abi/image.ts";
import type { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { RecordBody } from "../record-body.ts";

/** Memory is compared page by page, and where a page differs chunk by chunk. */
const PAGE = 4_096;
const CHUNK = 64;
const WORDS = CHUNK / 4;
const ZEROS = new Uint8Array(PAGE);
const ZERO_BUFFER = Buffer.from(ZEROS.buffer);
const ZERO_WORDS = new Uint32Array(ZEROS.buffer);
/** Two varints. */
const RUN_HEAD_BYTES = 10;

/** The memory of an image, in the two shapes that comparing takes. */
interface Memory {
	readonly bytes: Buffer;
	readonly words: Uint32Array;
}

function memoryOf({ bytes, length }: Image): Memory {
	return {
		bytes: Buffer.from(bytes.buffer, bytes.byteOffset, length),
		words: new Uint32Array(bytes.buffer, bytes.byteOffset, length / 4),
	};
}

/**
 * Finds what of an image's memory differs from that of the one before (from zeros when there is none),
 * a slice at a time, and writes it as runs. Memories are whole pages of WebAssembly.
 */
export class ImageChanges {
	private readonly before: Memory | null;
	private readonly after: Memory;
	private readonly to: ByteWriter;
	/** Byte that is compared next, the first byte of the run that is open, and the end of the last one. */
	private at = 0;
	private runFrom = -1;
	private written = 0;

	constructor(before: Image | null, after: Image, to: ByteWriter) {
		this.before = before && memoryOf(before);
		this.after = memoryOf(after);
		this.to = to;
	}

	/** Compares some `sliceBytes` more; true when all is done. */
	step(sliceBytes: number): boolean {
		const { length } = this.after.bytes;
		const until = Math.min(length, this.at + sliceBytes);
		while (this.at < until) this.comparePage();
		if (this.at < length) return false;
		this.closeRun(length);
		return true;
	}

	private comparePage(): void {
		const { at, before, after } = this;
		const isThere = before !== null && at < before.bytes.length;
		const other = isThere ? before : { bytes: ZERO_BUFFER, words: ZERO_WORDS };
		const from = isThere ? at : 0;
		this.at += PAGE;
		if (after.bytes.compare(other.bytes, from, from + PAGE, at, at + PAGE) === 0) {
			this.closeRun(at);
			return;
		}
		for (let chunk = 0; chunk < PAGE; chunk += CHUNK) {
			const word = (at + chunk) / 4;
			const otherWord = (from + chunk) / 4;
			let i = 0;
			while (i < WORDS && after.words[word + i] === other.words[otherWord + i]) i++;
			if (i === WORDS) this.closeRun(at + chunk);
			else if (this.runFrom < 0) this.runFrom = at + chunk;
		}
	}

	private closeRun(end: number): void {
		const { to, runFrom, after } = this;
		if (runFrom < 0) return;
		to.ensure(RUN_HEAD_BYTES + end - runFrom);
		to.varint(runFrom - this.written);
		to.varint(end - runFrom);
		to.bytes.set(after.bytes.subarray(runFrom, end), to.length);
		to.length += end - runFrom;
		this.written = end;
		this.runFrom = -1;
	}
}

/** Puts runs over a memory; false when they leave it, and then it is worth nothing. */
export function applyChanges(memory: Uint8Array, runs: Uint8Array): boolean {
	const reader = new RecordBody(runs, 0);
	for (let at = 0; !reader.atEnd; ) {
		at += reader.varint();
		const bytes = reader.take(reader.varint());
		if (reader.failed || at + bytes.length > memory.length) return false;
		memory.set(bytes, at);
		at += bytes.length;
	}
	return true;
}
