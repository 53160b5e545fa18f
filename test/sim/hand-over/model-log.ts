import type { WorkerId } from "../../../server/worker/hand-over/messages.ts";
import { type ModelImage, type ModelInput, step } from "./model-room.ts";
import { Broken } from "./twin.ts";

export type LogRecord = {
	readonly worker: WorkerId;
	readonly epoch: number;
	readonly tick: number;
} & (
	| { readonly kind: "image"; readonly image: ModelImage }
	| { readonly kind: "tick"; readonly inbox: readonly ModelInput[] }
);

/** The logs of all workers for one room: what is in here outlives every process. */
export class ModelLog {
	private readonly records: LogRecord[] = [];
	private readonly sealed = new Set<WorkerId>();
	/** Epochs of which a log says that the room went elsewhere. */
	private readonly closed = new Set<number>();
	private readonly check: (record: LogRecord) => void;

	constructor(check: (record: LogRecord) => void) {
		this.check = check;
	}

	/** False: the writer was given up for dead, and nothing was written. */
	append(record: LogRecord): boolean {
		if (this.sealed.has(record.worker)) return false;
		this.records.push(record);
		this.check(record);
		return true;
	}

	/** The worker's log says that the room, which it had in this epoch, is elsewhere. */
	close(worker: WorkerId, epoch: number): void {
		if (!this.sealed.has(worker)) this.closed.add(epoch);
	}

	/** Nothing of this worker comes after what is there now. */
	seal(worker: WorkerId): void {
		this.sealed.add(worker);
	}

	isSealed(worker: WorkerId): boolean {
		return this.sealed.has(worker);
	}

	/** The highest epoch that a room was begun with. */
	get epoch(): number {
		return this.records.reduce((most, { epoch }) => Math.max(most, epoch), 0);
	}

	/** The state that the newest epoch below `epoch` came to. @throws Broken when no log has it any more */
	restore(epoch: number, ofTheDeadOnly = false): ModelImage {
		const begun = this.records.findLast(
			(record) => record.kind === "image" && record.epoch < epoch,
		);
		if (begun?.kind !== "image") throw new Error("the logs have no image");
		// somebody who was given up may be asked late, when others have gone on long since
		if (this.closed.has(begun.epoch) && this.epoch < epoch) {
			throw new Broken(
				`a log says that the room is elsewhere since epoch ${begun.epoch}: it is lost`,
			);
		}
		if (ofTheDeadOnly && !this.sealed.has(begun.worker)) {
			throw new Broken(`the room is in the log of ${begun.worker}, which nobody reads: it is lost`);
		}
		let { image } = begun;
		for (const record of this.records) {
			if (record.kind === "tick" && record.epoch === begun.epoch) image = step(image, record.inbox);
		}
		return image;
	}
}
