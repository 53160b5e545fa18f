import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { BLOCK_HEAD_BYTES, blockHead, setBlockHead } from "../block-file.ts";

/** Blocks that wait for the end of a wake, in the order in which they came. */
export class WakeBuffer {
	/** Bytes that wait. */
	get length(): number {
		return this.small.length + this.largeBytes;
	}

	/** Blocks of records, one behind the other; kept from wake to wake. */
	private readonly small = new ByteWriter(64 * 1024);
	/** Where in `small` the block begins that records are added to, -1 when none is open. */
	private openAt = -1;
	/** Blocks of their own, and how much of `small` comes before each. */
	private large: { readonly before: number; readonly pieces: readonly Uint8Array[] }[] = [];
	private largeBytes = 0;

	/** Where to put records. `isNew` when a block begins with them. */
	records(): { to: ByteWriter; isNew: boolean } {
		const { small } = this;
		const isNew = this.openAt < 0;
		if (isNew) {
			this.openAt = small.length;
			small.ensure(BLOCK_HEAD_BYTES);
			small.length += BLOCK_HEAD_BYTES;
		}
		return { to: small, isNew };
	}

	/** Adds a block of its own, without copying it. */
	block(payload: Uint8Array): void {
		this.seal();
		const pieces = [blockHead(payload), payload];
		this.large.push({ before: this.small.length, pieces });
		this.largeBytes += BLOCK_HEAD_BYTES + payload.length;
	}

	/** Everything that waits; valid until something is added. */
	pieces(): Uint8Array[] {
		this.seal();
		const all: Uint8Array[] = [];
		let at = 0;
		for (const { before, pieces } of this.large) {
			if (before > at) all.push(this.small.bytes.subarray(at, before));
			all.push(...pieces);
			at = before;
		}
		if (this.small.length > at) all.push(this.small.bytes.subarray(at, this.small.length));
		return all;
	}

	clear(): void {
		this.small.length = 0;
		this.openAt = -1;
		this.large = [];
		this.largeBytes = 0;
	}

	/** Ends the block that is open. */
	private seal(): void {
		const { small, openAt } = this;
		if (openAt < 0) return;
		this.openAt = -1;
		setBlockHead(
			small.bytes,
			openAt,
			small.bytes.subarray(openAt + BLOCK_HEAD_BYTES, small.length),
		);
	}
}
