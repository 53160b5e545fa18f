import type { LogErrorName } from "../../../protocol/errors.ts";
import {
	BLOCK_HEAD_BYTES,
	type Block,
	FILE_HEAD_BYTES,
	readBlock,
	readFileHead,
} from "../block-file.ts";
import { SHORT_HASH_BYTES } from "../journal-format.ts";
import type { JournalSource } from "../journal-source.ts";
import { RecordBody } from "../record-body.ts";
import {
	decodeClose,
	decodeEffect,
	decodeImage,
	decodeOpen,
	decodeSeat,
	decodeSegment,
	decodeSwap,
} from "./decode-log-record.ts";
import {
	LOG_MAGIC,
	LOG_MAJOR,
	LOG_TAG,
	type LogProblem,
	logProblem,
	parseSegmentFile,
	seriesOf,
} from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import { type HeldBudget, type Place, RoomTrack } from "./room-track.ts";

/** How a segment was read. */
interface SegmentReading {
	/** It ends within a block: a crash cut it off there. */
	readonly cutAt: number | null;
	readonly blocks: number;
	/** Ids of the rooms that it tells of. */
	readonly rooms: ReadonlySet<string>;
}

/** What is wrong with a record. */
interface RecordFlaw {
	readonly error: LogErrorName;
	readonly what: string;
}

const malformed = (what: string): RecordFlaw => ({ error: "ERR_LOG_RECORD", what });
const misplaced = (what: string): RecordFlaw => ({ error: "ERR_LOG_ORDER", what });
const tooMany: RecordFlaw = { error: "ERR_LOG_LIMIT", what: "more rooms than a log may have" };

/** The room that records are for: one that is known, or one whose `open` should follow. */
type Current = RoomTrack | { readonly key: number; readonly seq: number } | null;

/**
 * Reads the segments of one series, in their order. Damage costs the rooms whose records lay there, and is
 * told with its place; the rest is read on.
 */
export class SeriesReader {
	readonly tracks = new Map<number, RoomTrack>();
	readonly problems: LogProblem[] = [];
	private readonly budget: HeldBudget;
	private readonly mayAdd: () => boolean;
	private current: Current = null;
	/** The file has said that it is what its name says: until then nothing in it counts. */
	private isNamed = false;
	private file = "";
	private rooms = new Set<string>();

	/** `mayAdd` counts rooms over the whole log and says no when there are too many. */
	constructor(budget: HeldBudget, mayAdd: () => boolean) {
		this.budget = budget;
		this.mayAdd = mayAdd;
	}

	read(file: string, source: JournalSource): SegmentReading {
		this.file = file;
		this.rooms = new Set();
		this.isNamed = false;
		const wrong = this.checkHead(source);
		if (wrong !== null) {
			if (wrong !== "cut") this.damaged(wrong);
			return { cutAt: wrong === "cut" ? 0 : null, blocks: 0, rooms: this.rooms };
		}
		let blocks = 0;
		for (let offset = FILE_HEAD_BYTES; ; ) {
			const block = readBlock(source, offset, LOG_LIMITS.blockBytes);
			if ("end" in block) {
				return { cutAt: block.isCut ? block.end : null, blocks, rooms: this.rooms };
			}
			if ("damage" in block) {
				const error = block.damage === "size" ? "ERR_LOG_LIMIT" : "ERR_LOG_DAMAGED";
				this.damaged(logProblem(error, block.detail, file, offset));
			} else {
				this.readRecords(block);
				blocks++;
			}
			// its records may be those of another series
			if (!this.isNamed || block.next === null) {
				return { cutAt: null, blocks, rooms: this.rooms };
			}
			offset = block.next;
		}
	}

	private checkHead(source: JournalSource): LogProblem | "cut" | null {
		const head = readFileHead(source);
		if (head === null) return "cut";
		const { file } = this;
		if (head.magic !== LOG_MAGIC)
			return logProblem("ERR_LOG_MAGIC", "this is no room log", file, 0);
		if (head.major === LOG_MAJOR) return null;
		const what = `format ${head.major}, this build reads ${LOG_MAJOR}`;
		return logProblem("ERR_LOG_VERSION", what, file, 4);
	}

	/** Something cannot be read: any room that is not over may have had records there. */
	damaged(problem: LogProblem): void {
		this.problems.push(problem);
		for (const track of this.tracks.values()) track.suspect(problem);
	}

	private readRecords({ payload, offset }: Block): void {
		this.current = null;
		const records = new RecordBody(payload, offset + BLOCK_HEAD_BYTES);
		if (records.atEnd && !this.isNamed) {
			this.damaged(logProblem("ERR_LOG_ORDER", "it does not say what it is", this.file, offset));
		}
		while (!records.atEnd) {
			const place = { file: this.file, offset: records.offset + records.at };
			const tag = records.u8();
			const body = tag === LOG_TAG.repeat ? new Uint8Array(0) : records.take(records.varint());
			const refusal = records.failed
				? malformed("a record leaves its block")
				: this.record(tag, new RecordBody(body, place.offset), place);
			if (refusal === null) continue;
			// what follows in this block cannot be told apart any more
			this.harmCurrent(refusal, place);
			this.damaged(logProblem(refusal.error, refusal.what, place.file, place.offset));
			return;
		}
	}

	private harmCurrent({ error, what }: RecordFlaw, place: Place): void {
		if (this.current instanceof RoomTrack) this.current.harm(error, what, place);
	}

	/** Takes a record in, or says what is wrong with it. */
	private record(tag: number, body: RecordBody, place: Place): RecordFlaw | null {
		if (this.isNamed === (tag === LOG_TAG.segment)) {
			return misplaced("a segment's own record comes first, and only there");
		}
		if (tag === LOG_TAG.segment) return this.segment(body, place);
		if (tag === LOG_TAG.for) return this.turnTo(body, place);
		if (tag === LOG_TAG.open) return this.open(body, place);
		const room = this.current;
		if (room instanceof RoomTrack) return this.ofRoom(room, tag, body, place);
		// a room whose beginning was damaged away: nobody knows its name
		return this.problems.length > 0 ? null : misplaced("records of a room that was not opened");
	}

	private segment(body: RecordBody, place: Place): RecordFlaw | null {
		const decoded = decodeSegment(body);
		if (typeof decoded === "string") return malformed(decoded);
		const named = parseSegmentFile(this.file);
		if (named === null || seriesOf(named) !== seriesOf(decoded) || named.n !== decoded.n) {
			return misplaced(`the file was ${seriesOf(decoded)}-${decoded.n} when it was written`);
		}
		this.isNamed = true;
		const living = new Set<number>();
		for (const { key, id, epoch, seq } of decoded.rooms) {
			living.add(key);
			const track = this.tracks.get(key);
			if (track === undefined) {
				if (!this.add(key, id, epoch, seq)) return tooMany;
			} else if (track.id === id && track.epoch === epoch) track.reached(seq, true, place);
			else return misplaced(`two rooms have the number ${key}`);
		}
		for (const [key, track] of this.tracks) {
			// it went while the log could not be written
			if (!living.has(key) && track.closed === null) track.close(track.tick, "ended");
		}
		return null;
	}

	private add(key: number, id: string, epoch: number, seq: number): RoomTrack | null {
		if (!this.mayAdd()) return null;
		const track = new RoomTrack(id, epoch, seq, this.budget);
		this.tracks.set(key, track);
		return track;
	}

	private turnTo(body: RecordBody, place: Place): RecordFlaw | null {
		const key = body.varint();
		const seq = body.varint();
		this.current = null;
		if (!body.isWhole) return malformed("a turn to a room has a wrong length");
		const track = this.tracks.get(key);
		this.current = track ?? { key, seq };
		if (!track) return null;
		if (track.closed !== null) return misplaced("records of a room that is closed");
		this.touch(track);
		track.reached(seq, false, place);
		return null;
	}

	private touch(track: RoomTrack): void {
		this.rooms.add(track.id);
		track.files.add(this.file);
	}

	private open(body: RecordBody, place: Place): RecordFlaw | null {
		const decoded = decodeOpen(body);
		if (typeof decoded === "string") return malformed(decoded);
		const { current } = this;
		if (current === null) return misplaced("a room is opened without its number");
		const { id, epoch } = decoded.about;
		const track =
			current instanceof RoomTrack ? current : this.add(current.key, id, epoch, current.seq);
		if (track === null) return tooMany;
		if (track.id !== id || track.epoch !== epoch) return misplaced("a room changes its name");
		this.current = track;
		this.touch(track);
		track.open(decoded, place);
		return null;
	}

	private ofRoom(room: RoomTrack, tag: number, body: RecordBody, place: Place): RecordFlaw | null {
		switch (tag) {
			case LOG_TAG.tick:
				room.ran("tick", body.bytes, place);
				return null;
			case LOG_TAG.repeat:
				room.ran("repeat", body.bytes, place);
				return null;
			case LOG_TAG.patch:
				room.ran("patch", body.bytes, place);
				return null;
			case LOG_TAG.abort:
				room.expectTick(body.varint(), place);
				return body.failed ? malformed("an abort has a wrong length") : null;
			case LOG_TAG.skip: {
				const tick = body.varint();
				if (!body.isWhole) return malformed("a skip has a wrong length");
				room.skip(tick, place);
				return null;
			}
			case LOG_TAG.hash: {
				const tick = body.varint();
				const hash = body.hex(SHORT_HASH_BYTES);
				if (!body.isWhole) return malformed("a hash has a wrong length");
				room.hash(tick, hash, place);
				return null;
			}
			case LOG_TAG.seat: {
				const seat = decodeSeat(body);
				if (typeof seat === "string") return malformed(seat);
				room.seat(seat.seat, seat.isGone);
				return null;
			}
			case LOG_TAG.image: {
				const image = decodeImage(body);
				if (typeof image === "string") return malformed(image);
				room.image(image, place);
				return null;
			}
			case LOG_TAG.swap: {
				const swap = decodeSwap(body);
				if (typeof swap === "string") return malformed(swap);
				room.swap(swap.rules, swap.image, place);
				return null;
			}
			case LOG_TAG.effect: {
				const effect = decodeEffect(body);
				if (typeof effect === "string") return malformed(effect);
				room.said(effect, place);
				return null;
			}
			case LOG_TAG.close: {
				const close = decodeClose(body);
				if (typeof close === "string") return malformed(close);
				room.close(close.tick, close.why);
				return null;
			}
		}
		return malformed(`a record has the unknown tag ${tag}`);
	}
}
