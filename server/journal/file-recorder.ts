import { createImage } from "../../protocol/abi/image.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { ByteWriter } from "../../protocol/codec/byte-writer.ts";
import type { RecordingErrorName } from "../../protocol/errors.ts";
import type { Recorder } from "../room/recorder.ts";
import type { RoomState } from "../room/room-state.ts";
import { BlockStream } from "./block-stream.ts";
import { deflate, FAST } from "./deflate.ts";
import {
	encodeHeader,
	encodeImage,
	encodeSwap,
	putAbort,
	putEnd,
	putHash,
	putSkip,
	putTime,
} from "./encode-record.ts";
import { InboxEncoder } from "./inbox-patch.ts";
import type { OpenFile } from "./journal-folder.ts";
import { JOURNAL_LIMITS } from "./journal-limits.ts";
import { packRules } from "./pack-rules.ts";

/** Why a recording stopped before its room did. */
type OnStop = (error: RecordingErrorName, detail: string) => void;

/**
 * Appends a room's journal to a file without ever making the room wait. A tick costs a copy of its
 * inbox; packing and writing happen elsewhere. If the disk does not keep up, recording stops with a
 * named error, and the file stays readable up to that point.
 */
export class FileRecorder implements Recorder {
	private readonly openFile: OpenFile;
	private readonly onStop: OnStop;
	/** The time of day, ms since 1970. */
	private readonly wallClock: () => number;
	private stream: BlockStream | null = null;
	/** Records since the last flush. */
	private records = new ByteWriter(4_096);
	/** Buffers whose bytes are on the disk. */
	private readonly spare: ByteWriter[] = [];
	private readonly inboxes = new InboxEncoder();
	/** Number that a reader gives the next tick. */
	private nextTick = 0;
	private isOver = false;
	/** The tick whose time was recorded last, and that time. */
	private toldTick = 0;
	private toldMs = 0;
	private bytesBefore = 0;
	/** Where the journal lies, once it is open. */
	file: string | null = null;
	/** Why recording stopped; the file can be read up to that point. */
	stopped: RecordingErrorName | null = null;
	private finish: () => void = () => {};
	/** Settles when the file is complete and closed, or when recording has stopped. */
	readonly finished: Promise<void>;

	constructor(openFile: OpenFile, onStop: OnStop, wallClock: () => number = Date.now) {
		this.openFile = openFile;
		this.onStop = onStop;
		this.wallClock = wallClock;
		this.finished = new Promise((resolve) => {
			this.finish = resolve;
		});
	}

	/** Bytes of the journal so far. */
	get bytes(): number {
		return this.stream?.writtenBytes ?? this.bytesBefore;
	}

	open(room: RoomState): void {
		const stream = new BlockStream(this.openFile(room), (error) =>
			this.stop("ERR_RECORD_WRITE", error.message),
		);
		stream.closed.then(this.finish);
		this.stream = stream;
		this.nextTick = room.tick;
		const { game, seed, tick, simulation } = room;
		const start = tick === 0 ? "init" : "image";
		stream.writeLater(
			0,
			packRules(game, simulation.fuelPerTick).then((rules) =>
				encodeHeader({
					game: game.name,
					version: game.version,
					tickRate: game.descriptor.tickRate,
					seed,
					start,
					firstTick: tick,
					rules,
				}),
			),
		);
		if (start === "image") this.saveImage(room, tick);
		this.saveTime(tick, this.wallClock());
		this.saveHash(room, tick);
		this.flush();
	}

	tick(room: RoomState, inbox: Uint8Array): void {
		if (this.stream === null) return;
		this.reach(room.tick);
		this.tellTime(room);
		this.inboxes.put(this.records, inbox);
		const next = room.tick + 1;
		this.nextTick = next;
		if (next % JOURNAL_LIMITS.hashEvery === 0) {
			this.saveHash(room, next);
			this.flush();
			// a keyframe can wait for the next time: without it a seek only takes longer
			const isDue = next % JOURNAL_LIMITS.imageEvery === 0;
			if (isDue && this.stream?.heldBytes === 0) this.saveImage(room, next);
		} else if (this.records.length >= JOURNAL_LIMITS.flushBytes) this.flush();
	}

	abort(room: RoomState, inbox: Uint8Array): void {
		if (this.stream === null) return;
		this.reach(room.tick);
		putAbort(this.records, room.tick, inbox);
	}

	swap(room: RoomState, previousHash: string): void {
		if (this.stream === null) return;
		// rules that are taken back for what a tick has led to start after it
		const tick = Math.max(room.tick, this.nextTick);
		this.reach(tick);
		this.flush();
		const { game, simulation } = room;
		this.stream?.writeLater(
			0,
			packRules(game, simulation.fuelPerTick).then((rules) =>
				encodeSwap(tick, previousHash, rules),
			),
		);
		this.saveImage(room, tick);
		if (this.stream !== null) this.saveHash(room, tick);
	}

	close(room: RoomState): void {
		if (this.stream === null || this.isOver) return;
		this.isOver = true;
		this.reach(room.tick);
		this.saveTime(room.tick, this.wallClock());
		// the state of a room that failed may be anything
		if (room.fault === null) this.saveHash(room, room.tick);
		putEnd(this.records, room.tick);
		this.flush();
		this.stream?.end();
	}

	/** Failed ticks that were not tried again leave a gap. */
	private reach(tick: number): void {
		if (tick === this.nextTick) return;
		putSkip(this.records, tick);
		this.nextTick = tick;
	}

	/**
	 * Records the time of a tick now and then, and whenever it differs from what earlier times suggest.
	 */
	private tellTime({ tick, tickMs }: RoomState): void {
		const now = this.wallClock();
		const since = now - this.toldMs;
		const drift = since - (tick - this.toldTick) * tickMs;
		const isDue = since >= JOURNAL_LIMITS.timeEveryMs;
		if (isDue || Math.abs(drift) >= JOURNAL_LIMITS.timeDriftMs) this.saveTime(tick, now);
	}

	private saveTime(tick: number, timeMs: number): void {
		this.toldTick = tick;
		this.toldMs = timeMs;
		putTime(this.records, tick, Math.max(0, Math.round(timeMs)));
	}

	private saveHash({ simulation }: RoomState, tick: number): void {
		putHash(this.records, tick, stateHash(simulation, tick));
	}

	/** Copies the state now, packs it elsewhere. */
	private saveImage({ simulation }: RoomState, tick: number): void {
		const { stream } = this;
		if (stream === null) return;
		if (simulation.memoryBytes > JOURNAL_LIMITS.imageBytes) {
			this.stop("ERR_RECORD_IMAGE", `the room's memory has ${simulation.memoryBytes} bytes`);
			return;
		}
		if (stream.heldBytes + simulation.memoryBytes > JOURNAL_LIMITS.heldBytes) {
			this.stop("ERR_RECORD_SLOW", `${stream.heldBytes} bytes of images wait for the disk`);
			return;
		}
		const image = createImage();
		simulation.save(image);
		const memory = image.bytes.subarray(0, image.length);
		stream.writeLater(
			memory.length,
			deflate(memory, FAST).then((packed) => encodeImage(tick, image, packed)),
		);
		this.inboxes.forget();
	}

	/** Passes the records so far to the stream and continues in a free buffer. */
	private flush(): void {
		const { stream, records } = this;
		if (stream === null || records.length === 0) return;
		if (stream.queuedBytes + records.length > JOURNAL_LIMITS.queuedBytes) {
			this.stop("ERR_RECORD_SLOW", `${stream.queuedBytes} bytes wait for the disk`);
			return;
		}
		this.records = this.spare.pop() ?? new ByteWriter(records.bytes.length);
		this.records.length = 0;
		stream.write(records.bytes.subarray(0, records.length), () => this.spare.push(records));
	}

	private stop(error: RecordingErrorName, detail: string): void {
		if (this.stream === null) return;
		this.stopped = error;
		this.bytesBefore = this.stream.writtenBytes;
		this.stream.abandon();
		this.stream = null;
		this.spare.length = 0;
		this.records.length = 0;
		this.onStop(error, detail);
	}
}
