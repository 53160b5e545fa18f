import type { LogErrorName } from "../../../protocol/errors.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { Effect } from "../../room/effect.ts";
import { applyPatch } from "../inbox-patch.ts";
import { JOURNAL_LIMITS } from "../journal-limits.ts";
import type { OpenRecord } from "./decode-log-record.ts";
import type { LoggedImage } from "./encode-log-record.ts";
import {
	type LoggedAbout,
	type LoggedRules,
	type LoggedSeat,
	type LogProblem,
	logProblem,
} from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import { OpenRequests } from "./open-requests.ts";

/** Where a record lies. */
export interface Place {
	readonly file: string;
	readonly offset: number;
}

/** What all rooms of a log may still hold, bytes. */
export interface HeldBudget {
	bytes: number;
}

/** Marks of images that are under way at once: one, and a few skips. */
const MOST_MARKS = 8;

/**
 * What a reader knows of one room in one epoch: follows its records in the order in which they were written.
 * When some are missing the state is not known any more, until an image comes before which nothing matters.
 */
export class RoomTrack {
	readonly id: string;
	readonly epoch: number;
	/** `for` records so far. */
	seq: number;
	about: LoggedAbout | null = null;
	readonly seats = new Map<number, LoggedSeat>();
	/** An image that stands on its own, and those that change it. */
	chain: LoggedImage[] = [];
	/** What its rules have said to be kept, the last of it. */
	readonly results: Effect[] = [];
	readonly requests = new OpenRequests();
	/** Inboxes of the ticks from `firstInbox` on. */
	inboxes: (Uint8Array | null)[] = [];
	firstInbox = 0;
	lastHash: { readonly tick: number; readonly hash: string } | null = null;
	closed: { readonly tick: number; readonly why: string } | null = null;
	/** Names of the files that tell of it. */
	readonly files = new Set<string>();
	images = 0;
	ticks = 0;
	/** Records are missing, or make no sense; null again behind an image that makes up for them. */
	private gap: LogProblem | null = null;
	private broken: LogProblem | null = null;
	/** Something was damaged, and its records may have been there: the next one will tell. */
	private doubt: LogProblem | null = null;
	private seatChanges = 0;
	/** Seat changes as they were at skips: an image was taken there. */
	private readonly marks = new Map<number, number>();
	/** Null when it is not known. */
	private nextTick: number | null = null;
	private last: Uint8Array | null = null;
	private heldBytes = 0;
	private readonly budget: HeldBudget;

	constructor(id: string, epoch: number, seq: number, budget: HeldBudget) {
		this.id = id;
		this.epoch = epoch;
		this.seq = seq;
		this.budget = budget;
	}

	/** Why this room cannot be had again; null when it can. */
	get problem(): LogProblem | null {
		return this.broken ?? this.gap ?? this.doubt;
	}

	/** The tick that comes next. */
	get tick(): number {
		return this.nextTick ?? this.firstInbox;
	}

	harm(error: LogErrorName, what: string, { file, offset }: Place): void {
		this.broken ??= logProblem(error, `room ${this.id}: ${what}`, file, offset);
	}

	/** Something was damaged just here. */
	suspect(problem: LogProblem): void {
		if (this.closed === null) this.doubt ??= problem;
	}

	/** Its records follow, or, where a segment begins, it had `seq` of them so far. */
	reached(seq: number, isListed: boolean, place: Place): void {
		const expected = isListed ? this.seq : this.seq + 1;
		if (seq < expected) this.harm("ERR_LOG_ORDER", "its records run backwards", place);
		if (seq > expected) {
			const missing = `room ${this.id}: ${seq - expected} of its writes are missing`;
			this.lose(this.doubt ?? logProblem("ERR_LOG_GAP", missing, place.file, place.offset));
		}
		this.doubt = null;
		this.seq = seq;
	}

	/** Records are missing here. */
	lose(problem: LogProblem): void {
		this.gap ??= problem;
		this.nextTick = null;
		this.last = null;
		this.lastHash = null;
		this.marks.clear();
		this.dropInboxes(this.inboxes.length);
	}

	open({ about, tick, seats, seatChanges }: OpenRecord, place: Place): void {
		const isFirst = this.about === null;
		const isBeginning = tick === 0 && about.firstTick === 0 && this.chain.length === 0;
		const known = this.about ?? about;
		if (
			known.game !== about.game ||
			known.seed !== about.seed ||
			known.firstTick !== about.firstTick
		) {
			return this.harm("ERR_LOG_ORDER", "it becomes another room", place);
		}
		const isBlind = this.gap !== null || isFirst;
		if (!isBlind && seatChanges !== this.seatChanges) {
			return this.harm("ERR_LOG_ORDER", "its seats are not counted right", place);
		}
		this.about = about;
		this.seatChanges = seatChanges;
		this.seats.clear();
		for (const seat of seats) this.seats.set(seat.number, seat);
		if (!isBlind) return this.skip(tick, place);
		this.lose(
			this.gap ??
				logProblem(
					"ERR_LOG_GAP",
					`room ${this.id}: its beginning is missing`,
					place.file,
					place.offset,
				),
		);
		this.skip(tick, place);
		if (isBeginning) this.gap = null;
	}

	/** The next tick is this one; the inbox behind it is written out. */
	skip(tick: number, place: Place): void {
		this.last = null;
		if (this.nextTick === null) {
			this.firstInbox = tick;
			this.inboxes = [];
		} else if (tick < this.nextTick) {
			return this.harm("ERR_LOG_ORDER", `it goes back to tick ${tick}`, place);
		} else if (tick - this.firstInbox > LOG_LIMITS.inboxes) {
			return this.harm("ERR_LOG_LIMIT", `${tick - this.firstInbox} ticks behind its image`, place);
		}
		while (this.firstInbox + this.inboxes.length < tick) this.inboxes.push(null);
		this.nextTick = tick;
		this.marks.delete(tick);
		this.marks.set(tick, this.seatChanges);
		if (this.marks.size > MOST_MARKS) this.marks.delete(this.marks.keys().next().value as number);
	}

	/** A tick took effect: on these bytes, on those of the tick before, or on those with changes. */
	ran(kind: "tick" | "repeat" | "patch", bytes: Uint8Array, place: Place): void {
		if (this.nextTick === null) return;
		const { last } = this;
		if (kind !== "tick" && last === null) {
			return this.harm("ERR_LOG_ORDER", "there is no inbox to repeat or to change", place);
		}
		// a copy: the inbox outlives the part of the file that was read
		const inbox =
			kind === "tick"
				? bytes.slice()
				: kind === "repeat"
					? last
					: applyPatch(last as Uint8Array, bytes);
		if (!inbox) return this.harm("ERR_LOG_RECORD", "a patch leaves its inbox", place);
		if (inbox !== last) this.hold(inbox.length, place);
		if (inbox.length > LIMITS.inboxBytes || this.nextTick >= JOURNAL_LIMITS.tick) {
			return this.harm("ERR_LOG_LIMIT", `tick ${this.nextTick} with ${inbox.length} bytes`, place);
		}
		if (this.inboxes.length >= LOG_LIMITS.inboxes) {
			return this.harm("ERR_LOG_LIMIT", `${this.inboxes.length} ticks behind its image`, place);
		}
		if (this.broken) return;
		this.requests.ran(inbox);
		this.inboxes.push(inbox);
		this.last = inbox;
		this.nextTick++;
		this.ticks++;
	}

	/** A record speaks of the tick that comes next. */
	expectTick(tick: number, place: Place): void {
		if (this.nextTick === null || tick === this.nextTick) return;
		this.harm("ERR_LOG_ORDER", `tick ${tick} instead of ${this.nextTick}`, place);
	}

	hash(tick: number, hash: string, place: Place): void {
		this.expectTick(tick, place);
		if (this.nextTick !== null) this.lastHash = { tick, hash };
	}

	/** Its rules have said something to the world outside. */
	said(effect: Effect, place: Place): void {
		if (effect.room !== this.id)
			return this.harm("ERR_LOG_ORDER", "an effect of another room", place);
		this.requests.said(effect);
		if (effect.kind === "result" && this.results.push(effect) > LOG_LIMITS.effects) {
			this.results.shift();
		}
	}

	seat(seat: LoggedSeat, isGone: boolean): void {
		this.seatChanges++;
		if (isGone) this.requests.seatGone(seat.number);
		if (isGone) this.seats.delete(seat.number);
		else this.seats.set(seat.number, seat);
	}

	image(image: LoggedImage, place: Place): void {
		const { tick, since } = image;
		const follows = since === null || since === this.chain.at(-1)?.number;
		const isReached = this.nextTick !== null && this.firstInbox <= tick && tick <= this.nextTick;
		if (this.gap === null && !(follows && isReached)) {
			return this.harm("ERR_LOG_ORDER", `an image of tick ${tick} fits nowhere`, place);
		}
		this.images++;
		if (since === null) this.chain = [];
		if (!follows) this.chain = [];
		else this.chain.push(image);
		if (!isReached) return;
		if (this.gap !== null && !this.makesUp(image)) return;
		this.gap = null;
		this.dropInboxes(tick - this.firstInbox);
	}

	/** Behind this image it does not matter what was missed. */
	private makesUp({ tick, seatChanges }: LoggedImage): boolean {
		return this.about !== null && this.chain.length > 0 && this.marks.get(tick) === seatChanges;
	}

	swap(rules: LoggedRules, image: LoggedImage, place: Place): void {
		const { about } = this;
		if (this.gap === null) this.expectTick(image.tick, place);
		this.skip(image.tick, place);
		if (about !== null) this.about = { ...about, ...rules };
		this.image(image, place);
		if (this.gap === null) this.lastHash = null;
	}

	close(tick: number, why: string): void {
		this.closed = { tick, why };
		this.gap = null;
		this.broken = null;
		this.doubt = null;
		this.chain = [];
		this.dropInboxes(this.inboxes.length);
	}

	private hold(bytes: number, place: Place): void {
		this.heldBytes += bytes;
		this.budget.bytes -= bytes;
		if (this.heldBytes <= LOG_LIMITS.inboxBytes && this.budget.bytes >= 0) return;
		this.harm("ERR_LOG_LIMIT", `${this.heldBytes} bytes of inboxes behind its image`, place);
		this.dropInboxes(this.inboxes.length);
	}

	private dropInboxes(count: number): void {
		if (count <= 0) return;
		this.inboxes.splice(0, count);
		this.firstInbox += count;
		let held = 0;
		let before: Uint8Array | null = null;
		for (const inbox of this.inboxes) {
			if (inbox !== null && inbox !== before) held += inbox.length;
			before = inbox;
		}
		this.budget.bytes += this.heldBytes - held;
		this.heldBytes = held;
	}
}
