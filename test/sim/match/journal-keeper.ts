import { Writable } from "node:stream";
import { stateHash } from "../../../protocol/abi/state-hash.ts";
import type { SeededRandom } from "../../../protocol/seeded-random.ts";
import { FileRecorder } from "../../../server/journal/file-recorder.ts";
import { openJournal } from "../../../server/journal/journal-reader.ts";
import { memorySource } from "../../../server/journal/journal-source.ts";
import { type Replay, replay } from "../../../server/replay/replay.ts";
import type { Recorder } from "../../../server/room/recorder.ts";
import type { RoomState } from "../../../server/room/room-state.ts";
import { insist } from "./insist.ts";

/** A disk of `bytes` bytes in memory: what comes after fails, perhaps in the middle of a write. */
class MemoryDisk extends Writable {
	private readonly chunks: Buffer[] = [];
	private left: number;

	constructor(bytes: number) {
		super();
		this.left = bytes;
	}

	override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
		const taken = Buffer.from(chunk.subarray(0, Math.max(0, this.left)));
		this.left -= chunk.length;
		this.chunks.push(taken);
		if (taken.length === chunk.length) done();
		else done(new Error("no space left on device"));
	}

	get bytes(): Uint8Array<ArrayBuffer> {
		return new Uint8Array(Buffer.concat(this.chunks));
	}
}

interface Kept {
	readonly recorder: FileRecorder;
	readonly disk: MemoryDisk;
	readonly isFull: boolean;
	/** What the room did, counted beside the journal. */
	id: string;
	ticks: number;
	swaps: number;
	/** Hash of the state at the end; null after a fault. */
	end: { tick: number; hash: string | null } | null;
	problem: string | null;
	/** Its process died: the journal ends somewhere. */
	isKilled: boolean;
}

/** Records every room into memory, and plays each journal again when the match is over. */
export class JournalKeeper {
	private readonly random: SeededRandom;
	private readonly wallClock: () => number;
	private readonly kept: Kept[] = [];
	replayed = 0;
	cut = 0;

	constructor(random: SeededRandom, wallClock: () => number) {
		this.random = random;
		this.wallClock = wallClock;
	}

	/** The recorder of a new room; now and then its disk is about to be full. */
	recorder(): Recorder {
		const { random } = this;
		const isFull = random.chance(0.15);
		const disk = new MemoryDisk(isFull ? random.below(40_000) : Number.POSITIVE_INFINITY);
		const kept: Kept = {
			recorder: new FileRecorder(
				() => disk,
				(error, detail) => {
					kept.problem = `${error}: ${detail}`;
				},
				this.wallClock,
			),
			disk,
			isFull,
			id: "",
			ticks: 0,
			swaps: 0,
			end: null,
			problem: null,
			isKilled: false,
		};
		this.kept.push(kept);
		return this.countBeside(kept);
	}

	private countBeside(kept: Kept): Recorder {
		const { recorder } = kept;
		return {
			open(room: RoomState) {
				kept.id = room.id;
				recorder.open(room);
			},
			tick(room, inbox) {
				kept.ticks++;
				recorder.tick(room, inbox);
			},
			abort: (room, inbox) => recorder.abort(room, inbox),
			swap(room, previous) {
				kept.swaps++;
				recorder.swap(room, previous);
			},
			close(room: RoomState) {
				const hash = room.fault === null ? stateHash(room.simulation, room.tick) : null;
				kept.end = { tick: room.tick, hash };
				recorder.close(room);
			},
		};
	}

	/** The process dies, with all that it has not written. */
	kill(): void {
		for (const kept of this.kept) if (kept.end === null) kept.isKilled = true;
	}

	/** Waits for the disks, and plays everything again. @throws Error where something differs */
	async check(): Promise<void> {
		for (const kept of this.kept) {
			if (kept.id === "") continue;
			insist(kept.end !== null || kept.isKilled, `the journal of room ${kept.id} was not closed`);
			if (!kept.isKilled) await kept.recorder.finished;
			insist(kept.isFull || kept.problem === null, `room ${kept.id}: ${kept.problem}`);
			const { bytes } = kept.disk;
			if (kept.problem === null && !kept.isKilled) this.compare(kept, this.replay(kept, bytes));
			// a process that is killed, or a disk that is full, leaves its beginning: that must do
			const cut = bytes.subarray(0, this.random.below(bytes.length + 1));
			this.replay(kept, kept.problem === null ? cut : bytes);
		}
	}

	/** Null for bytes that end within the header. */
	private replay({ id }: Kept, bytes: Uint8Array): Replay | null {
		const journal = openJournal(memorySource(bytes));
		if ("error" in journal) {
			insist(journal.error === "ERR_JOURNAL_CUT", `room ${id}: ${journal.error}`);
			return null;
		}
		const again = replay(journal);
		insist(!("error" in again), `room ${id}: ${"error" in again ? again.detail : ""}`);
		const { departure, fault } = again;
		insist(departure === null, `room ${id} replays otherwise by tick ${departure?.toTick}`);
		insist(fault === null, `room ${id} fails in tick ${fault?.tick} of its replay`);
		this.replayed++;
		if (again.cut >= 0) this.cut++;
		return again;
	}

	private compare({ id, end, ...kept }: Kept, again: Replay | null): void {
		insist(again !== null && again.cut < 0, `room ${id}: the journal is cut`);
		insist(again.ticks === kept.ticks, `room ${id}: ${again.ticks} ticks of ${kept.ticks}`);
		insist(again.swaps === kept.swaps, `room ${id}: ${again.swaps} swaps of ${kept.swaps}`);
		if (!end?.hash) return;
		const hash = stateHash(again.simulation, end.tick);
		insist(hash === end.hash, `room ${id} ends with ${end.hash}, its journal with ${hash}`);
	}
}
