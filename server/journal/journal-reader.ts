import { LIMITS } from "../../protocol/limits.ts";
import { BLOCK_HEAD_BYTES, type Block, FILE_HEAD_BYTES } from "./block-file.ts";
import { checkFileHead, readBlock } from "./block-reader.ts";
import { BodyReader, decodeHeader, decodeImage, decodeSwap, decodeTime } from "./decode-record.ts";
import { applyPatch } from "./inbox-patch.ts";
import {
	FIRST_TOLD_TAG,
	type JournalHeader,
	type JournalProblem,
	type JournalRecord,
	problem,
	SHORT_HASH_BYTES,
	TAG,
} from "./journal-format.ts";
import { JOURNAL_LIMITS } from "./journal-limits.ts";
import type { JournalSource } from "./journal-source.ts";

/** A place where reading may start: after the header, or at an image. */
export interface Position {
	readonly offset: number;
	/** Number of the next tick there. */
	readonly tick: number;
	/** Whether the state comes from an image, which is the next record. */
	readonly wantsImage: boolean;
}

/** A journal whose header has been read. */
export interface Journal {
	readonly header: JournalHeader;
	readonly source: JournalSource;
	readonly start: Position;
}

/** Reads the header. Everything is checked except the module, which is not unpacked here. */
export function openJournal(source: JournalSource): Journal | JournalProblem {
	const wrong = checkFileHead(source);
	if (wrong) return wrong;
	const block = readBlock(source, FILE_HEAD_BYTES);
	if ("error" in block) return block;
	if ("end" in block) {
		return problem("ERR_JOURNAL_CUT", "the file ends within its header", source.length);
	}
	const body = new BodyReader(block.payload, block.offset);
	if (body.u8() !== TAG.header) {
		return problem("ERR_JOURNAL_ORDER", "the first record is no header", block.offset);
	}
	if (body.varint() !== block.payload.length - body.at) {
		return problem("ERR_JOURNAL_RECORD", "the header does not fill its block", block.offset);
	}
	const header = decodeHeader(new BodyReader(body.rest(), block.offset));
	if ("error" in header) return header;
	const { firstTick, start } = header;
	return {
		header,
		source,
		start: { offset: block.next, tick: firstTick, wantsImage: start === "image" },
	};
}

/**
 * Reads a journal's records one after the other. Each is checked on its own and against the one before:
 * whatever the bytes, the outcome is a record or a named problem.
 */
export class JournalReader {
	private readonly source: JournalSource;
	private block: Block = { offset: 0, next: 0, payload: new Uint8Array(0) };
	private at = 0;
	private nextBlock: number;
	private tick: number;
	private wantsImage: boolean;
	private last: Uint8Array | null = null;
	private isOver = false;

	constructor({ source, start }: Journal, from: Position = start) {
		this.source = source;
		this.nextBlock = from.offset;
		this.tick = from.tick;
		this.wantsImage = from.wantsImage;
	}

	/** The next record or what is wrong with it; null after a problem or the end. */
	next(): JournalRecord | JournalProblem | null {
		if (this.isOver) return null;
		const record = this.read();
		this.isOver = "error" in record || record.type === "end";
		return record;
	}

	private read(): JournalRecord | JournalProblem {
		for (;;) {
			const record = this.readOne();
			if (record !== null) return record;
		}
	}

	/** Null for a record that only names the next tick, and for an unknown one. */
	private readOne(): JournalRecord | JournalProblem | null {
		while (this.at === this.block.payload.length) {
			const block = readBlock(this.source, this.nextBlock);
			if ("error" in block) return block;
			if ("end" in block) return { type: "end", tick: this.tick, cut: block.end };
			this.block = block;
			this.at = 0;
			this.nextBlock = block.next;
		}
		const { payload } = this.block;
		const offset = this.block.offset + BLOCK_HEAD_BYTES + this.at;
		const tag = payload[this.at++] as number;
		if (this.wantsImage && tag !== TAG.image) {
			return problem("ERR_JOURNAL_ORDER", "an image should follow", offset);
		}
		if (tag === TAG.repeat) return this.tickRecord(this.last, offset);
		const length = this.varint();
		if (length > payload.length - this.at) {
			return problem("ERR_JOURNAL_RECORD", `a record of ${length} bytes leaves its block`, offset);
		}
		this.at += length;
		return this.decode(tag, payload.subarray(this.at - length, this.at), offset);
	}

	/** A length; larger than any block if it is invalid. */
	private varint(): number {
		let value = 0;
		for (let shift = 0; shift < 35; shift += 7) {
			const byte = this.block.payload[this.at++];
			if (byte === undefined) break;
			value |= (byte & 0x7f) << shift;
			if (byte < 0x80) return value >>> 0;
		}
		return Number.POSITIVE_INFINITY;
	}

	private decode(
		tag: number,
		bytes: Uint8Array,
		offset: number,
	): JournalRecord | JournalProblem | null {
		if (tag === TAG.tick) return this.tickRecord(bytes, offset);
		if (tag === TAG.patch) return this.patchedTick(bytes, offset);
		const body = new BodyReader(bytes, offset);
		switch (tag) {
			case TAG.abort: {
				const tick = body.varint();
				const inbox = body.rest();
				if (inbox.length > LIMITS.inboxBytes) return tooLong(inbox, offset);
				return this.inOrder(tick, body, "an abort") ?? { type: "abort", tick, inbox };
			}
			case TAG.hash: {
				const tick = body.varint();
				const hash = body.hex(SHORT_HASH_BYTES);
				return this.inOrder(tick, body, "a hash") ?? { type: "hash", tick, hash };
			}
			case TAG.image:
				return this.imageRecord(body);
			case TAG.skip:
				return this.skip(body);
			case TAG.swap: {
				const swap = decodeSwap(body);
				if ("error" in swap) return swap;
				this.wantsImage = true;
				return this.inOrder(swap.tick, body, "a swap") ?? { type: "swap", ...swap };
			}
			case TAG.time: {
				const time = decodeTime(body);
				if ("error" in time) return time;
				return this.inOrder(time.tick, body, "a time") ?? { type: "time", ...time };
			}
			case TAG.end: {
				const tick = body.varint();
				const wrong = this.inOrder(tick, body, "the end");
				if (wrong) return wrong;
				if (this.at < this.block.payload.length || this.nextBlock !== this.source.length) {
					return problem("ERR_JOURNAL_ORDER", "something follows the end", offset);
				}
				return { type: "end", tick, cut: -1 };
			}
		}
		if (tag >= FIRST_TOLD_TAG) return null;
		return problem("ERR_JOURNAL_RECORD", `a record has the unknown tag ${tag}`, offset);
	}

	private tickRecord(inbox: Uint8Array | null, offset: number): JournalRecord | JournalProblem {
		if (inbox === null) return problem("ERR_JOURNAL_ORDER", "there is nothing to repeat", offset);
		if (inbox.length > LIMITS.inboxBytes) return tooLong(inbox, offset);
		if (this.tick >= JOURNAL_LIMITS.tick) {
			return problem("ERR_JOURNAL_ORDER", "there are more ticks than numbers", offset);
		}
		this.last = inbox;
		return { type: "tick", tick: this.tick++, inbox };
	}

	private patchedTick(patch: Uint8Array, offset: number): JournalRecord | JournalProblem {
		if (this.last === null) {
			return problem("ERR_JOURNAL_ORDER", "there is nothing to change", offset);
		}
		const inbox = applyPatch(this.last, patch);
		if (inbox === null) {
			return problem("ERR_JOURNAL_RECORD", "a patch leaves its inbox", offset);
		}
		return this.tickRecord(inbox, offset);
	}

	private imageRecord(body: BodyReader): JournalRecord | JournalProblem {
		const decoded = decodeImage(body);
		if ("error" in decoded) return decoded;
		const { tick, image } = decoded;
		this.wantsImage = false;
		this.last = null;
		const { offset } = this.block;
		return this.inOrder(tick, body, "an image") ?? { type: "image", tick, image, offset };
	}

	private skip(body: BodyReader): JournalProblem | null {
		const tick = body.varint();
		const wrong = body.check("a skip");
		if (wrong) return wrong;
		if (tick <= this.tick) {
			const detail = `a skip goes to tick ${tick}, but tick ${this.tick} comes next`;
			return problem("ERR_JOURNAL_ORDER", detail, body.offset);
		}
		this.tick = tick;
		return null;
	}

	/** A record must be complete, and for the next tick. */
	private inOrder(tick: number, body: BodyReader, what: string): JournalProblem | null {
		const wrong = body.check(what);
		if (wrong || tick === this.tick) return wrong;
		const detail = `${what} is for tick ${tick}, but tick ${this.tick} comes next`;
		return problem("ERR_JOURNAL_ORDER", detail, body.offset);
	}
}

function tooLong(inbox: Uint8Array, offset: number): JournalProblem {
	return problem("ERR_JOURNAL_LIMIT", `an inbox of ${inbox.length} bytes`, offset);
}
