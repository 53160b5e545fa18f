import { createImage, type Image } from "../../../protocol/abi/image.ts";
import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { deflate, FAST } from "../deflate.ts";
import type { LoggedImage, PackedRuns } from "./encode-log-record.ts";
import { ImageChanges } from "./image-changes.ts";
import { LOG_LIMITS } from "./log-limits.ts";

/** Whatever can be copied into an image between two ticks. */
export interface Saveable {
	save(image: Image): void;
}

/** What an image is of; the packer hands it back. */
interface Subject {
	readonly tick: number;
	readonly number: number;
	readonly seatChanges: number;
	/** Packing would not make it much smaller. */
	readonly isDense: boolean;
	/** Its last image, which is to be changed; null for an image that stands on its own. */
	readonly before: { readonly number: number; readonly image: Image } | null;
}

/** An image on its way. */
export interface Capture {
	readonly subject: Subject;
	readonly image: Image;
	/** Null until it is packed. */
	logged: LoggedImage | null;
	/** Nobody wants it any more. */
	isCancelled: boolean;
}

/** Bytes that a writer of changes begins with. */
const RUNS_BYTES = 4_096;

/** How work is done elsewhere or later. */
export interface PackerOptions {
	/** Packs on another thread. */
	readonly deflate?: (bytes: Uint8Array) => Promise<Uint8Array>;
	/** Runs the rest when others have had their turn. */
	readonly later?: (run: () => void) => void;
	/** Changes up to so many bytes are not packed. */
	readonly plainBytes?: number;
}

function logged({ subject, image }: Capture, runs: PackedRuns): LoggedImage {
	const { tick, number, seatChanges, before } = subject;
	const { globals, length } = image;
	return { tick, number, since: before?.number ?? null, seatChanges, globals, length, runs };
}

/**
 * Makes records of images: a copy at once, then what changed since the last one, a slice at a time, then deflate
 * on another thread when there is enough of it to be worth that.
 */
export class ImagePacker {
	/** Bytes of memory that are being packed. */
	packingBytes = 0;
	private readonly deflate: (bytes: Uint8Array) => Promise<Uint8Array>;
	private readonly later: (run: () => void) => void;
	private readonly plainBytes: number;
	private spare: Image[] = [];
	private spareBytes = 0;

	constructor(options: PackerOptions = {}) {
		this.deflate = options.deflate ?? ((bytes) => deflate(bytes, FAST));
		this.later = options.later ?? setImmediate;
		this.plainBytes = options.plainBytes ?? LOG_LIMITS.plainBytes;
	}

	/** Copies the state as it is now. */
	copy(state: Saveable, subject: Subject): Capture {
		const image = this.spare.pop() ?? createImage();
		this.spareBytes -= image.bytes.length;
		state.save(image);
		return { subject, image, logged: null, isCancelled: false };
	}

	/** Packs a copy in its own time; `done` is called at once or later, but not when it was cancelled. */
	pack(capture: Capture, done: () => void): void {
		const { subject, image } = capture;
		const runs = new ByteWriter(RUNS_BYTES);
		const changes = new ImageChanges(subject.before?.image ?? null, image, runs);
		this.packingBytes += image.length;
		const finish = (packed: PackedRuns | null): void => {
			this.packingBytes -= image.length;
			if (packed === null || capture.isCancelled) return this.free(image);
			capture.logged = logged(capture, packed);
			done();
		};
		const step = (): void => {
			if (capture.isCancelled) return finish(null);
			if (changes.step(LOG_LIMITS.sliceBytes)) this.deflateRuns(runs, subject.isDense, finish);
			else this.later(step);
		};
		step();
	}

	/** Makes a copy a record at once: where the room cannot be had again without it. */
	packNow(capture: Capture): void {
		const runs = new ByteWriter(RUNS_BYTES);
		const changes = new ImageChanges(capture.subject.before?.image ?? null, capture.image, runs);
		while (!changes.step(LOG_LIMITS.sliceBytes));
		capture.logged = logged(capture, plain(runs));
	}

	/** An image that is not needed any more: the next copy goes there. */
	free(image: Image): void {
		if (this.spareBytes + image.bytes.length > LOG_LIMITS.spareBytes) return;
		this.spare.push(image);
		this.spareBytes += image.bytes.length;
	}

	private deflateRuns(
		runs: ByteWriter,
		isDense: boolean,
		finish: (packed: PackedRuns | null) => void,
	): void {
		if (isDense || runs.length <= this.plainBytes) return finish(plain(runs));
		this.deflate(runs.bytes.subarray(0, runs.length)).then(
			(bytes) => finish({ length: runs.length, packing: "deflated", bytes }),
			// zlib out of memory: they take more of the disk then
			() => finish(plain(runs)),
		);
	}
}

function plain(runs: ByteWriter): PackedRuns {
	return { length: runs.length, packing: "plain", bytes: runs.bytes.subarray(0, runs.length) };
}
