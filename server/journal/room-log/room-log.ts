import type { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { Effect } from "../../room/effect.ts";
import { putAbort, putHash, putSkip } from "../encode-record.ts";
import { InboxEncoder } from "../inbox-patch.ts";
import { putClose, putEffect, putOpen, putSeat } from "./encode-log-record.ts";
import type { Capture, Saveable } from "./image-packer.ts";
import type { LoggedAbout, LoggedRules, LoggedSeat } from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import { OpenRequests } from "./open-requests.ts";

/** What a room has when its log begins. */
interface OpenedWith {
	readonly tickRate: number;
	readonly seats: readonly LoggedSeat[];
	/** What its rules have asked and not been told. */
	readonly requests?: readonly Effect[];
}

/** Whoever writes the records of many rooms to a file. */
export interface RoomLogHost {
	/** Where to put a record of the room; null while nothing can be written. */
	begin(room: RoomLog): ByteWriter | null;
	/** The room has ticked: an image may be due. */
	ticked(room: RoomLog): void;
	/** The room plays by other rules: writes their image at once. */
	swapped(room: RoomLog, rules: LoggedRules): void;
	closed(room: RoomLog): void;
}

/** An image that is in the log. */
interface WrittenImage {
	readonly number: number;
	readonly image: Capture["image"];
}

/**
 * One room's place in the log of its worker. Each call comes right after the fact, none of them fails or waits;
 * what they add is written by the writer's `flush`, which must come before anybody is shown it.
 */
export class RoomLog {
	readonly key: number;
	readonly about: LoggedAbout;
	readonly state: Saveable;
	readonly tickRate: number;
	readonly seats = new Map<number, LoggedSeat>();
	readonly requests = new OpenRequests();
	/** Rules in force. */
	rules: LoggedRules;
	/** The tick that comes next. */
	nextTick: number;
	/** `for` records so far. */
	seq = 0;
	seatChanges = 0;
	/** Ticks and fuel since the last image was taken. */
	ticksSince = 0;
	fuelSince = 0;
	/** Segments that have its `open`, and its first image; 0 for none. */
	describedIn = 0;
	imagedIn = 0;
	/** The oldest segment that is needed to have it again; 0 when it cannot be had as it is. */
	neededFrom = 0;
	/** Images taken so far. */
	imageNumber = 0;
	/** Its images are not worth packing. */
	isDense = false;
	last: WrittenImage | null = null;
	capture: Capture | null = null;
	isClosed = false;
	/** Another log is to have it: what is here is kept until `close`, and nothing is added. */
	isGiven = false;
	private readonly host: RoomLogHost;
	private readonly inboxes = new InboxEncoder();

	/** `WakeBuffer` and segments belong to the host; rooms are made by `RoomLogWriter.open`. */
	constructor(
		host: RoomLogHost,
		key: number,
		about: LoggedAbout,
		state: Saveable,
		{ tickRate, seats, requests = [] }: OpenedWith,
	) {
		this.host = host;
		this.key = key;
		this.about = about;
		this.state = state;
		this.tickRate = tickRate;
		this.rules = about;
		this.nextTick = about.firstTick;
		for (const seat of seats) this.seats.set(seat.number, seat);
		for (const request of requests) this.requests.said(request);
	}

	/** The tick took effect on this inbox, which cost so much fuel. */
	tick(tick: number, inbox: Uint8Array, fuel: number): void {
		const to = this.reach(tick);
		if (to !== null) this.inboxes.put(to, inbox);
		this.nextTick = tick + 1;
		this.requests.ran(inbox);
		this.ticksSince++;
		this.fuelSince += fuel;
		this.host.ticked(this);
	}

	/** The tick that took effect last has said this to the world outside. */
	effect(effect: Effect): void {
		const to = this.host.begin(this);
		if (to !== null) putEffect(to, JSON.stringify(effect));
		this.requests.said(effect);
	}

	/** The tick came to nothing on this inbox; it may be tried again on another. */
	abort(tick: number, inbox: Uint8Array): void {
		const to = this.reach(tick);
		if (to !== null) putAbort(to, tick, inbox);
	}

	/** The state before `tick`, which comes next, has this hash (`protocol/abi/state-hash.ts`, hex). */
	hash(tick: number, hash: string): void {
		const to = this.reach(tick);
		if (to !== null) putHash(to, tick, hash);
	}

	/** A seat was taken, or something about it is new. @throws RangeError for what no reader would take */
	seat(seat: LoggedSeat): void {
		checkSeat(seat);
		this.changeSeat(seat, false);
	}

	/** A seat is free again. */
	seatGone(number: number): void {
		const seat = this.seats.get(number);
		this.requests.seatGone(number);
		if (seat !== undefined) this.changeSeat(seat, true);
	}

	/** From `tick` on, which comes next, the room plays by other rules; its state is theirs already. */
	swap(tick: number, rules: LoggedRules): void {
		this.reach(tick);
		this.nextTick = tick;
		this.host.swapped(this, rules);
		this.inboxes.forget();
	}

	/** The room is about to go on elsewhere with a higher epoch: until that is certain this log has to keep it. */
	give(): void {
		this.isGiven = true;
	}

	/** The room is over, or goes on elsewhere with a higher epoch. */
	close(why: string): void {
		if (this.isClosed) return;
		this.isGiven = false;
		const to = this.host.begin(this);
		if (to !== null) putClose(to, this.nextTick, clip(why));
		this.isClosed = true;
		this.host.closed(this);
	}

	/** Notes that an image of the state before the next tick is taken: the inbox behind it is written out. */
	mark(): void {
		const to = this.host.begin(this);
		if (to !== null) putSkip(to, this.nextTick);
		this.inboxes.forget();
		this.ticksSince = 0;
		this.fuelSince = 0;
	}

	/** Forgets what is in the log: it begins anew. */
	forget(): void {
		if (this.capture !== null) this.capture.isCancelled = true;
		this.capture = null;
		this.last = null;
		this.describedIn = 0;
		this.imagedIn = 0;
		this.neededFrom = 0;
	}

	/** Writes all that is known of the room: a reader of this segment knows nothing of the inbox before. */
	describe(to: ByteWriter, segment: number): void {
		const about = { ...this.about, ...this.rules };
		putOpen(to, about, this.nextTick, [...this.seats.values()], this.seatChanges);
		for (const request of this.requests.list) putEffect(to, JSON.stringify(request));
		this.describedIn = segment;
		this.inboxes.forget();
	}

	private changeSeat(seat: LoggedSeat, isGone: boolean): void {
		const to = this.host.begin(this);
		if (to !== null) putSeat(to, seat, isGone);
		this.seatChanges++;
		if (isGone) this.seats.delete(seat.number);
		else this.seats.set(seat.number, seat);
	}

	/** Ticks that came to nothing and were not tried again leave a gap. */
	private reach(tick: number): ByteWriter | null {
		const to = this.host.begin(this);
		if (tick === this.nextTick) return to;
		if (to !== null) putSkip(to, tick);
		this.nextTick = tick;
		this.inboxes.forget();
		return to;
	}
}

function clip(text: string): string {
	return Buffer.from(text)
		.subarray(0, LOG_LIMITS.whyBytes)
		.toString()
		.replace(/\uFFFD+$/, "");
}

function hold(is: boolean, what: string): void {
	if (!is) throw new RangeError(`a reader of the room log would not take ${what}`);
}

function fits(text: string, bytes: number): boolean {
	return Buffer.byteLength(text) <= bytes;
}

/** @throws RangeError when a reader would refuse it */
export function checkSeat({ number, name, user, tokenHash, heldUntilMs }: LoggedSeat): void {
	hold(Number.isInteger(number) && number >= 0 && number < LIMITS.players, `seat ${number}`);
	hold(fits(name, LOG_LIMITS.nameBytes), `the name of seat ${number}`);
	hold(user === null || fits(user, LOG_LIMITS.userBytes), `the user of seat ${number}`);
	hold(/^[0-9a-f]{64}$/.test(tokenHash), `the token's hash of seat ${number}`);
	const isTime = (ms: number): boolean =>
		Number.isInteger(ms) && ms >= 0 && ms <= LOG_LIMITS.timeMs;
	hold(heldUntilMs === null || isTime(heldUntilMs), `the time of seat ${number}`);
}

/** @throws RangeError when a reader would refuse it */
export function checkAbout(about: LoggedAbout): void {
	const isU32 = (value: number): boolean => value >>> 0 === value;
	hold(about.id !== "" && fits(about.id, LOG_LIMITS.idBytes), "the room's id");
	hold(fits(about.game, LOG_LIMITS.gameBytes), "the game's name");
	hold(isU32(about.epoch) && isU32(about.seed) && isU32(about.firstTick), "the room's numbers");
	hold(about.settings.length <= LOG_LIMITS.settingsBytes, "the room's settings");
	for (const hash of [about.moduleHash, about.rawHash]) {
		hold(/^[0-9a-f]{64}$/.test(hash), "the module's hash");
	}
}
