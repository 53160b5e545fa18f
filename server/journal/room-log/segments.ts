import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { blockHead, fileHead } from "../block-file.ts";
import type { DiskSync } from "./disk-sync.ts";
import { type ListedRoom, putSegment } from "./encode-log-record.ts";
import type { AppendFile, LogDisk } from "./log-disk.ts";
import { LOG_MAGIC, LOG_MAJOR, LOG_MINOR, segmentFile } from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";

interface Segment {
	readonly n: number;
	readonly name: string;
	readonly file: AppendFile;
	bytes: number;
	/** Bytes of the images in it that stand on their own. */
	imageBytes: number;
}

/** A segment that nothing more is written to. */
interface OldSegment {
	readonly n: number;
	readonly name: string;
	isGoing: boolean;
}

interface SegmentsOptions {
	readonly worker: number;
	readonly incarnation: string;
	readonly disk: LogDisk;
	readonly sync: DiskSync;
	/** Bytes after which the next one begins, more when images need them. */
	readonly segmentBytes: number;
}

/** The files of one series: the one that is written, and those before it that are still needed. */
export class Segments {
	private readonly options: SegmentsOptions;
	private current: Segment | null = null;
	private old: OldSegment[] = [];
	private lastN = 0;
	/** Bytes of all segments, deleted ones too. */
	writtenBytes = 0;

	constructor(options: SegmentsOptions) {
		this.options = options;
	}

	/** Number of the segment that is written, 0 when none is. */
	get n(): number {
		return this.current?.n ?? 0;
	}

	/** How many there are. */
	get count(): number {
		return this.old.length + (this.current === null ? 0 : 1);
	}

	get isFull(): boolean {
		const { current } = this;
		if (current === null) return false;
		const { segmentBytes } = this.options;
		const wanted = Math.max(segmentBytes, LOG_LIMITS.segmentPerImages * current.imageBytes);
		return current.bytes >= Math.min(wanted, LOG_LIMITS.mostSegmentBytes);
	}

	/** Begins the next segment with a list of the rooms that live. @throws what the system says */
	next(rooms: readonly ListedRoom[]): void {
		const { worker, incarnation, disk, sync } = this.options;
		this.retire();
		const n = ++this.lastN;
		const name = segmentFile({ worker, incarnation, n });
		const file = disk.create(name);
		const payload = new ByteWriter(64);
		putSegment(payload, { worker, incarnation, n }, rooms);
		const block = payload.bytes.subarray(0, payload.length);
		const pieces = [fileHead(LOG_MAGIC, LOG_MAJOR, LOG_MINOR), blockHead(block), block];
		try {
			file.write(pieces);
		} catch (thrown) {
			file.close();
			// nobody can read anything out of it
			disk.remove(name, () => {});
			throw thrown;
		}
		this.current = { n, name, file, bytes: 0, imageBytes: 0 };
		sync.wrote({ sync: (done) => disk.syncNames(done) }, 0);
		this.account(pieces);
	}

	/** @throws when the file that is written is gone */
	check(): void {
		if (this.current?.file.isThere() === false) throw new Error(`${this.current.name} was deleted`);
	}

	/** @throws what the system says */
	write(pieces: readonly Uint8Array[]): void {
		(this.current as Segment).file.write(pieces);
		this.account(pieces);
	}

	countImage(bytes: number): void {
		if (this.current !== null) this.current.imageBytes += bytes;
	}

	/** Nothing more is written to the segment. */
	retire(): void {
		const file = this.leave();
		if (file !== null) this.options.sync.retire(file);
	}

	/** Nothing more can be written to the segment. It must not be synced again: that might say all is well. */
	abandon(): void {
		const file = this.leave();
		if (file !== null) this.options.sync.discard(file);
	}

	private leave(): AppendFile | null {
		const { current } = this;
		if (current === null) return null;
		this.current = null;
		this.old.push({ n: current.n, name: current.name, isGoing: false });
		return current.file;
	}

	/** Deletes those before `neededFrom`, oldest first, once what is needed instead is on the disk. */
	expire(neededFrom: number): void {
		const { sync } = this.options;
		const going = this.old.filter(({ n, isGoing }) => n < neededFrom && !isGoing);
		if (going.length === 0) return;
		for (const one of going) one.isGoing = true;
		sync.after((isOnDisk) => {
			if (isOnDisk) this.remove(going);
			else for (const one of going) one.isGoing = false;
		});
	}

	private remove(going: readonly OldSegment[]): void {
		const [first, ...rest] = going;
		if (first === undefined) return;
		this.options.disk.remove(first.name, (error) => {
			if (error && (error as NodeJS.ErrnoException).code !== "ENOENT") {
				// the next look finds them again
				for (const one of going) one.isGoing = false;
				return;
			}
			this.old = this.old.filter((one) => one !== first);
			this.remove(rest);
		});
	}

	private account(pieces: readonly Uint8Array[]): void {
		const current = this.current as Segment;
		const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
		current.bytes += bytes;
		this.writtenBytes += bytes;
		this.options.sync.wrote(current.file, bytes);
	}
}
