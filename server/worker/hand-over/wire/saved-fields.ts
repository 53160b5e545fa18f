import { LIMITS } from "../../../../protocol/limits.ts";
import type { SavedInputs } from "../../../input/input-ring.ts";
import { SERVER_LIMITS } from "../../../limits.ts";
import { isEffect } from "../../../room/is-effect.ts";
import { LATENESS_BUCKETS_MS, type SavedCounters } from "../../../room/room-counters.ts";
import type { RoomSettings } from "../../../room/room-settings.ts";
import type { SavedRest, SavedSeat } from "../../../room/saved-room.ts";
import type { SavedEvents } from "../../../snapshot/event-buffer.ts";
import { FAULTS, MOMENTS } from "./saved-reports.ts";
import {
	bytes,
	flag,
	floats,
	hex,
	json,
	listOf,
	oneOf,
	orNull,
	pair,
	real,
	record,
	shorts,
	text,
	uint,
	type WireField,
} from "./wire-field.ts";

// `SavedRoom` is the one description of a room that stands still; here is how each of its fields travels

const U32 = uint(0xffff_ffff);
const seatNumber = uint(LIMITS.players - 1);
const input = bytes(LIMITS.inputBytes);

const INPUTS: WireField<SavedInputs> = record<SavedInputs>({
	ticks: floats(LIMITS.inputsQueued),
	viewAges: shorts(LIMITS.inputsQueued),
	bytes: bytes(LIMITS.inputsQueued * LIMITS.inputBytes),
	current: input,
	pressed: input,
	rest: input,
	pulses: input,
	hasPulse: bytes(LIMITS.fields),
	taken: input,
	hasLate: flag,
	queued: uint(LIMITS.inputsQueued),
	isSettled: flag,
	viewAge: uint(0xffff),
	inputTick: U32,
	slack: real,
	late: real,
	repeated: real,
	dropped: real,
});

const EVENTS: WireField<SavedEvents> = record<SavedEvents>({
	bytes: bytes(LIMITS.outboxBytes),
	agesAt: listOf(uint(LIMITS.outboxBytes), LIMITS.outboxBytes / 2),
});

const SEAT: WireField<SavedSeat> = record<SavedSeat>({
	number: seatNumber,
	name: text(LIMITS.playerNameBytes),
	tokenHash: hex(32),
	isJoined: flag,
	isLeaving: flag,
	leaveReason: U32,
	heldMs: orNull(real),
	inputs: INPUTS,
	events: orNull(EVENTS),
});

const SETTINGS: WireField<RoomSettings> = record<RoomSettings>({
	faultPolicy: oneOf(["retry", "pause", "close"]),
	seatGraceMs: real,
	emptyRoomMs: real,
	clientBytesPerSecond: real,
	codeResiduals: flag,
});

const COUNTERS: WireField<SavedCounters> = record<SavedCounters>({
	ticks: real,
	droppedTicks: real,
	abortedTicks: real,
	swaps: real,
	rollbacks: real,
	snapshots: real,
	snapshotBytes: real,
	keyframes: real,
	skippedSnapshots: real,
	inputsLate: real,
	inputsRepeated: real,
	inputsDropped: real,
	logLinesDropped: real,
	lateness: floats(LATENESS_BUCKETS_MS.length + 1),
	latenessMaxMs: real,
	latenessSumMs: real,
	latenessMs: real,
	droppedMs: real,
	sentBytes: record({ keyframe: real, delta: real, catchUp: real, events: real, own: real }),
});

/** A room that stands still, without its images. */
export const SAVED_REST: WireField<SavedRest> = record<SavedRest>({
	id: text(LIMITS.clientStringBytes),
	seed: U32,
	epoch: U32,
	tick: U32,
	moduleHash: hex(32),
	hash: hex(8),
	settings: SETTINGS,
	isPaused: flag,
	leavesInputsOut: flag,
	carriedOver: orNull(bytes(LIMITS.inboxBytes)),
	seats: listOf(SEAT, LIMITS.players),
	untold: listOf(
		record({ player: seatNumber, name: orNull(text(LIMITS.playerNameBytes)) }),
		4 * LIMITS.players,
	),
	emptyMs: real,
	events: listOf(pair(uint(0xffff_ffff), EVENTS), LIMITS.gridSide * LIMITS.gridSide + 1),
	counters: COUNTERS,
	faults: FAULTS,
	moments: MOMENTS,
	requests: listOf(json(isEffect, SERVER_LIMITS.effectBytes), SERVER_LIMITS.openRequests),
});
