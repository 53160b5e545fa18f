import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { putFor, putImage, putSwap } from "./encode-log-record.ts";
import { type Capture, ImagePacker, type PackerOptions } from "./image-packer.ts";
import type { LoggedRules } from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import type { RoomLog } from "./room-log.ts";
import type { Segments } from "./segments.ts";
import type { WakeBuffer } from "./wake-buffer.ts";

interface Entry {
	readonly room: RoomLog;
	/** The segment in which it was taken: it is worth nothing in another. */
	readonly segment: number;
	readonly capture: Capture;
	/** Bytes of its block. */
	bytes: number;
}

/** The way of images: due, copied, packed, in the buffer, written. */
export class RoomImages {
	/** Images written so far. */
	written = 0;
	private readonly packer: ImagePacker;
	private readonly segments: Segments;
	private readonly buffer: WakeBuffer;
	private readonly due = new Set<RoomLog>();
	private packed: Entry[] = [];
	private inBuffer: Entry[] = [];

	constructor(segments: Segments, buffer: WakeBuffer, options: PackerOptions) {
		this.segments = segments;
		this.buffer = buffer;
		this.packer = new ImagePacker(options);
	}

	/** The room's image is to be taken at the next chance. */
	want(room: RoomLog): void {
		this.due.add(room);
	}

	/** Between two ticks: takes the images that are due, as many as may be under way. */
	take(): void {
		for (const room of this.due) {
			if (this.packer.packingBytes >= LOG_LIMITS.packingBytes) return;
			this.due.delete(room);
			if (room.capture !== null || room.isClosed || room.isGiven) continue;
			room.mark();
			// before the mark the buffer may have been full and the disk too
			const segment = this.segments.n;
			if (segment === 0) return;
			const before = room.imagedIn === segment ? room.last : null;
			const { nextTick: tick, seatChanges } = room;
			// the first image of each segment is packed again, to see
			const isDense = before !== null && room.isDense;
			const capture = this.packer.copy(room.state, {
				tick,
				number: ++room.imageNumber,
				seatChanges,
				before,
				isDense,
			});
			room.capture = capture;
			this.packer.pack(capture, () => this.packed.push({ room, segment, capture, bytes: 0 }));
		}
	}

	/** Puts the images that are packed into the buffer. */
	add(): void {
		for (const entry of this.packed.splice(0)) {
			const { room, segment, capture } = entry;
			if (capture.isCancelled || capture.logged === null) continue;
			if (segment !== this.segments.n) {
				// the inboxes behind it, or the image that it changes, are in an older segment
				room.capture = null;
				this.packer.free(capture.image);
				this.want(room);
				continue;
			}
			const { logged } = capture;
			const { runs } = logged;
			if (runs.packing === "deflated") {
				room.isDense = runs.bytes.length > LOG_LIMITS.densePart * runs.length;
			}
			entry.bytes = this.block(room, (to) => putImage(to, logged));
			this.inBuffer.push(entry);
		}
	}

	/**
	 * An image that the room cannot be had without, at once: `describe` puts what makes it needed in front of it,
	 * `rules` are new ones that begin with it.
	 */
	addNow(room: RoomLog, describe: (to: ByteWriter) => void, rules: LoggedRules | null): void {
		if (room.capture !== null) room.capture.isCancelled = true;
		const { nextTick: tick, seatChanges } = room;
		const capture = this.packer.copy(room.state, {
			tick,
			number: ++room.imageNumber,
			seatChanges,
			before: null,
			isDense: false,
		});
		room.capture = capture;
		room.ticksSince = 0;
		room.fuelSince = 0;
		this.packer.packNow(capture);
		const { logged } = capture;
		if (logged === null) return;
		const bytes = this.block(room, (to) => {
			describe(to);
			if (rules === null) putImage(to, logged);
			else putSwap(to, rules, logged);
		});
		this.inBuffer.push({ room, segment: this.segments.n, capture, bytes });
	}

	/** The buffer was written: what was in it can be read again. */
	wereWritten(): void {
		for (const { room, segment, capture, bytes } of this.inBuffer.splice(0)) {
			this.written++;
			const { before, number } = capture.subject;
			if (before === null) {
				this.segments.countImage(bytes);
				if (!capture.isCancelled) {
					room.imagedIn = segment;
					room.neededFrom = segment;
				}
			}
			// an image that came behind it in the same buffer is the one that the next will change
			if (capture.isCancelled) continue;
			if (room.last !== null) this.packer.free(room.last.image);
			room.last = { number, image: capture.image };
			room.capture = null;
		}
	}

	/** Nothing of what is under way will be written. */
	drop(): void {
		this.packed = [];
		this.inBuffer = [];
		this.due.clear();
	}

	/** The room is over. */
	leave(room: RoomLog): void {
		this.due.delete(room);
		if (room.capture !== null) room.capture.isCancelled = true;
		if (room.last !== null) this.packer.free(room.last.image);
		room.last = null;
	}

	private block(room: RoomLog, fill: (to: ByteWriter) => void): number {
		const to = new ByteWriter(256);
		putFor(to, room.key, ++room.seq);
		fill(to);
		this.buffer.block(to.bytes.subarray(0, to.length));
		return to.length;
	}
}
