import type { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import type { LogTroubleName } from "../../../protocol/errors.ts";
import type { Effect } from "../../room/effect.ts";
import { DiskSync } from "./disk-sync.ts";
import { putFor } from "./encode-log-record.ts";
import type { PackerOptions, Saveable } from "./image-packer.ts";
import { byTimeToRunAgain, type ImagePolicy } from "./image-policy.ts";
import type { LogDisk } from "./log-disk.ts";
import type { LoggedAbout, LoggedRules, LoggedSeat } from "./log-format.ts";
import { LogHealth, type OnTrouble, troubleName } from "./log-health.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import { RoomImages } from "./room-images.ts";
import { checkAbout, checkSeat, RoomLog, type RoomLogHost } from "./room-log.ts";
import { Segments } from "./segments.ts";
import { WakeBuffer } from "./wake-buffer.ts";

/**
 * What a tick that was shown survives: nothing · the death of the process · a power loss, but for the last
 * 100 ms · a power loss.
 */
export type Durability = "none" | "process" | "disk" | "confirmed";

interface RoomLogOptions extends PackerOptions {
	readonly worker: number;
	/** Letters and digits, new in each life of the worker: with it its files are nobody else's. */
	readonly incarnation: string;
	readonly disk: LogDisk;
	readonly durability: Durability;
	/** Called once for each episode of trouble; the game goes on. */
	readonly onTrouble: OnTrouble;
	/** All trouble is over: the log holds what it promises again. */
	readonly onHeld?: () => void;
	readonly policy?: ImagePolicy;
	readonly segmentBytes?: number;
	/** Monotonic, ms. */
	readonly now?: () => number;
}

interface RoomToOpen {
	readonly about: LoggedAbout;
	/** Ticks per second. */
	readonly tickRate: number;
	/** The room's module, between two ticks: a room's rules may change, this does not. */
	readonly state: Saveable;
	readonly seats?: readonly LoggedSeat[];
	readonly requests?: readonly Effect[];
}

/** For metrics and the monitor. */
export interface RoomLogState {
	readonly durability: Durability;
	/** Whether a tick that is shown now survives what it should. */
	readonly isHeld: boolean;
	readonly trouble: LogTroubleName | null;
	/** Since when, by the clock of the options; null without trouble. */
	readonly failingSinceMs: number | null;
	/** Bytes that are not where the durability wants them yet. */
	readonly lagBytes: number;
	readonly writtenBytes: number;
	readonly segments: number;
	/** Images written so far. */
	readonly images: number;
	/** Rooms whose image has to come before they can be had again. */
	readonly roomsWithoutImage: number;
}

/**
 * The log of one worker's rooms: each wake of the scheduler ticks its rooms, calls `flush`, and shows them after
 * it. No call waits for the disk or throws because of it: trouble is told, and the game goes on.
 */
export class RoomLogWriter implements RoomLogHost {
	private readonly options: RoomLogOptions;
	private readonly now: () => number;
	private readonly policy: ImagePolicy;
	private readonly buffer = new WakeBuffer();
	private readonly images: RoomImages;
	private readonly sync: DiskSync;
	private readonly segments: Segments;
	private readonly health: LogHealth;
	private readonly rooms = new Map<number, RoomLog>();
	private lastKey = 0;
	/** The room that the open block's last records are for. */
	private current: RoomLog | null = null;
	/** When the segment began that is written, by the clock. */
	private segmentSinceMs = 0;
	private lastSweepMs = 0;
	/** When a log that failed is tried again, and how long after that. */
	private retryAtMs = 0;
	private retryMs: number = LOG_LIMITS.retryMs;
	/** When something was slow the last time. */
	private slowAtMs = 0;
	private isFinished = false;

	constructor(options: RoomLogOptions) {
		const {
			worker,
			incarnation,
			disk,
			durability,
			segmentBytes = LOG_LIMITS.segmentBytes,
		} = options;
		this.options = options;
		this.now = options.now ?? (() => performance.now());
		this.policy = options.policy ?? byTimeToRunAgain;
		this.health = new LogHealth(options.onTrouble, options.onHeld ?? (() => {}));
		const everyMs =
			durability === "disk" ? LOG_LIMITS.syncEveryMs : durability === "confirmed" ? 0 : null;
		this.sync = new DiskSync({
			now: this.now,
			everyMs,
			onFailure: (error) => this.fail(error),
		});
		this.segments = new Segments({ worker, incarnation, disk, sync: this.sync, segmentBytes });
		this.images = new RoomImages(this.segments, this.buffer, options);
		if (durability !== "none") this.nextSegment();
	}

	get state(): RoomLogState {
		const { durability } = this.options;
		const worst = this.health.worst;
		let roomsWithoutImage = 0;
		for (const { neededFrom } of this.rooms.values()) if (neededFrom === 0) roomsWithoutImage++;
		const isSynced = durability === "disk" || durability === "confirmed";
		return {
			durability,
			isHeld: worst === null && durability !== "none",
			trouble: worst?.name ?? null,
			failingSinceMs: worst?.sinceMs ?? null,
			lagBytes: this.buffer.length + (isSynced ? this.sync.lagBytes : 0),
			writtenBytes: this.segments.writtenBytes,
			segments: this.segments.count,
			images: this.images.written,
			roomsWithoutImage: durability === "none" ? 0 : roomsWithoutImage,
		};
	}

	/**
	 * Begins a room's log. Its epoch must be higher than any that the room had before. A room that does not begin
	 * with tick 0 is written with its image.
	 *
	 * @throws RangeError for what a reader would refuse
	 */
	open({ about, tickRate, state, seats = [], requests = [] }: RoomToOpen): RoomLog {
		checkAbout(about);
		seats.forEach(checkSeat);
		const room = new RoomLog(this, ++this.lastKey, about, state, { tickRate, seats, requests });
		this.rooms.set(room.key, room);
		if (about.firstTick > 0) this.writeWhole(room, null);
		else if (this.begin(room) !== null) room.neededFrom = this.segments.n;
		return room;
	}

	/**
	 * Writes everything that came since the last time, with one call of the system. Between two ticks of every
	 * room: images are taken here.
	 */
	flush(): void {
		if (this.options.durability === "none" || this.isFinished) return;
		const nowMs = this.now();
		if (this.segments.n === 0 && !this.retry(nowMs)) return;
		if (nowMs - this.lastSweepMs >= LOG_LIMITS.sweepMs) this.sweep(nowMs);
		if (this.segments.n === 0) return;
		this.images.take();
		this.images.add();
		this.write();
		// not before all rooms have an image in this one: two segments are enough then
		if (this.segments.isFull && this.neededFrom === this.segments.n) this.nextSegment();
		this.sync.kick();
		this.watchSync(nowMs);
	}

	/**
	 * Runs what may only happen when all that was flushed is safe: at once, but with durability `confirmed`, which
	 * waits for the disk as long as the disk keeps up.
	 */
	whenSafe(run: () => void): void {
		const isWaiting = this.options.durability === "confirmed" && this.health.worst === null;
		if (isWaiting) this.sync.after(() => run());
		else run();
	}

	/** Writes what there is, waits until it is on the disk, and lets the files go. Nothing is written after it. */
	async finish(): Promise<void> {
		this.flush();
		this.isFinished = true;
		await new Promise<void>((resolve) => {
			this.segments.retire();
			this.sync.after(() => resolve());
		});
	}

	/** @internal */
	begin(room: RoomLog): ByteWriter | null {
		if (room.isClosed || room.isGiven || this.segments.n === 0) return null;
		if (this.buffer.length > LOG_LIMITS.bufferBytes) {
			this.write();
			if (this.segments.n === 0) return null;
		}
		const { to, isNew } = this.buffer.records();
		if (isNew || this.current !== room) putFor(to, room.key, ++room.seq);
		this.current = room;
		this.describe(room, to);
		return to;
	}

	/** A room's first record in a segment says all that is known of it. */
	private describe(room: RoomLog, to: ByteWriter): void {
		if (room.describedIn !== this.segments.n) room.describe(to, this.segments.n);
	}

	/** @internal */
	ticked(room: RoomLog): void {
		const { ticksSince: ticks, fuelSince: fuel, tickRate } = room;
		if (this.policy.isDue({ ticks, fuel, tickRate })) this.images.want(room);
	}

	/** @internal */
	swapped(room: RoomLog, rules: LoggedRules): void {
		room.rules = rules;
		this.writeWhole(room, rules);
	}

	/** @internal */
	closed(room: RoomLog): void {
		this.images.leave(room);
		this.rooms.delete(room.key);
	}

	/** An image that the room cannot be had without: in one block with what makes it needed. */
	private writeWhole(room: RoomLog, rules: LoggedRules | null): void {
		if (this.segments.n === 0) return;
		this.images.addNow(room, (to) => this.describe(room, to), rules);
		this.current = null;
	}

	/** Writes the buffer. What was in it is gone when that fails. */
	private write(): void {
		const { buffer, segments } = this;
		if (buffer.length === 0) return;
		const startMs = this.now();
		try {
			segments.write(buffer.pieces());
		} catch (thrown) {
			this.fail(thrown as Error);
			return;
		}
		this.clearBuffer();
		this.images.wereWritten();
		this.settle();
		const tookMs = this.now() - startMs;
		if (tookMs > LOG_LIMITS.slowMs) this.slow(`a write took ${Math.round(tookMs)} ms`);
	}

	private clearBuffer(): void {
		this.buffer.clear();
		this.current = null;
	}

	/** The oldest segment that some room needs; 0 when a room cannot be had as it is. */
	private get neededFrom(): number {
		let neededFrom = this.segments.n;
		for (const room of this.rooms.values()) neededFrom = Math.min(neededFrom, room.neededFrom);
		return neededFrom;
	}

	/** Lets old segments go, and tells when all rooms can be had again. */
	private settle(): void {
		if (this.segments.count === 1 && !this.health.has("failing")) return;
		const { neededFrom } = this;
		if (neededFrom === 0) return;
		this.segments.expire(neededFrom);
		if (!this.health.has("failing")) return;
		this.retryMs = LOG_LIMITS.retryMs;
		this.health.end("failing");
	}

	/** Begins a segment; false when that fails. */
	private nextSegment(): boolean {
		const rooms = [...this.rooms.values()].map(({ key, about: { id, epoch }, seq }) => ({
			...{ key, id, epoch, seq },
		}));
		try {
			this.segments.next(rooms);
		} catch (thrown) {
			this.fail(thrown as Error);
			return false;
		}
		this.segmentSinceMs = this.now();
		return true;
	}

	/** The log is lost from here on: the segment ends, and all rooms begin anew in the next one. */
	private fail(error: Error): void {
		const nowMs = this.now();
		this.segments.abandon();
		this.clearBuffer();
		this.images.drop();
		for (const room of this.rooms.values()) {
			// it cannot begin anew
			if (room.isGiven) this.rooms.delete(room.key);
			else room.forget();
		}
		this.retryAtMs = nowMs + this.retryMs;
		this.retryMs = Math.min(2 * this.retryMs, LOG_LIMITS.mostRetryMs);
		this.health.begin("failing", troubleName(error), error.message, nowMs);
		this.sync.release();
	}

	/** Tries a failed log again when it is time; true when records can be written. */
	private retry(nowMs: number): boolean {
		if (nowMs < this.retryAtMs || !this.nextSegment()) return false;
		for (const room of this.rooms.values()) this.images.want(room);
		if (this.rooms.size === 0) this.settle();
		return true;
	}

	/** A file that was deleted is noticed here. Rooms that stand still get their image too, or the old segments would be needed for ever. */
	private sweep(nowMs: number): void {
		this.lastSweepMs = nowMs;
		try {
			this.segments.check();
		} catch (thrown) {
			return this.fail(thrown as Error);
		}
		if (nowMs - this.segmentSinceMs < LOG_LIMITS.imageWithinMs) return;
		for (const room of this.rooms.values()) {
			if (room.neededFrom < this.segments.n) this.images.want(room);
		}
		this.settle();
	}

	private slow(detail: string): void {
		this.slowAtMs = this.now();
		this.health.begin("slow", "ERR_LOG_SLOW", detail, this.slowAtMs);
		this.sync.release();
	}

	/** Nobody waits for a disk that does not keep up. */
	private watchSync(nowMs: number): void {
		const { runningSinceMs } = this.sync;
		const isConfirmed = this.options.durability === "confirmed";
		const mostMs = isConfirmed ? LOG_LIMITS.confirmMs : LOG_LIMITS.slowMs;
		if (runningSinceMs !== null && nowMs - runningSinceMs > mostMs) {
			this.slow(`a sync has taken ${Math.round(nowMs - runningSinceMs)} ms so far`);
		} else if (nowMs - this.slowAtMs >= LOG_LIMITS.slowMs) this.health.end("slow");
	}
}
