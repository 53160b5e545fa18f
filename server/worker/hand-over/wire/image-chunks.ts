import { LIMITS } from "../../../../protocol/limits.ts";
import type { ImageChunk } from "./material.ts";
import { WIRE_LIMITS } from "./wire-limits.ts";

const ZEROS = new Uint8Array(WIRE_LIMITS.pageBytes);

/** The pages of an image that are not all 0, in chunks that overlap with nothing; they are parts of `memory`. */
export function* imageChunks(move: number, memory: Uint8Array): Generator<ImageChunk> {
	const { pageBytes, chunkBytes } = WIRE_LIMITS;
	let from = -1;
	for (let at = 0; at < memory.length; at += pageBytes) {
		const page = memory.subarray(at, at + pageBytes);
		const isZero = Buffer.compare(page, ZEROS.subarray(0, page.length)) === 0;
		if (from >= 0 && (isZero || at - from + page.length > chunkBytes)) {
			yield { move, at: from, bytes: memory.subarray(from, at) };
			from = -1;
		}
		if (!isZero && from < 0) from = at;
	}
	if (from >= 0) yield { move, at: from, bytes: memory.subarray(from) };
}

/** Puts the chunks of one move together; those of an older move are forgotten when a newer one begins. */
export class ImageAssembler {
	private move = 0;
	private memory = new Uint8Array(0);
	private chunks = 0;
	private end = 0;

	/** False: the chunk is not the next of its move, whose image is lost. */
	add({ move, at, bytes }: ImageChunk): boolean {
		if (move < this.move) return false;
		if (move > this.move) this.begin(move);
		if (at < this.end || at + bytes.length > LIMITS.memoryBytes) {
			this.begin(move);
			return false;
		}
		this.grow(at + bytes.length);
		this.memory.set(bytes, at);
		this.end = at + bytes.length;
		this.chunks++;
		return true;
	}

	/** The memory of `length` bytes that came in `chunks`, once; null when some are missing. */
	take(move: number, length: number, chunks: number): Uint8Array<ArrayBuffer> | null {
		const isWhole = (move === this.move || chunks === 0) && chunks === this.chunksOf(move);
		if (!isWhole || this.endOf(move) > length) return null;
		this.grow(length);
		const memory = this.memory.slice(0, length);
		this.begin(move);
		return memory;
	}

	private chunksOf(move: number): number {
		return move === this.move ? this.chunks : 0;
	}

	private endOf(move: number): number {
		return move === this.move ? this.end : 0;
	}

	private begin(move: number): void {
		this.move = move;
		this.memory = new Uint8Array(0);
		this.chunks = 0;
		this.end = 0;
	}

	/** Twice as much each time: images come in order, and most are small. */
	private grow(length: number): void {
		if (length <= this.memory.length) return;
		const memory = new Uint8Array(
			Math.min(LIMITS.memoryBytes, Math.max(length, this.memory.length * 2)),
		);
		memory.set(this.memory);
		this.memory = memory;
	}
}
