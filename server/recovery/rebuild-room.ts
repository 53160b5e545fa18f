import { createImage } from "../../protocol/abi/image.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import type { Refusal } from "../../protocol/refusal.ts";
import { runInboxes } from "../history/stretch.ts";
import { InputRing } from "../input/input-ring.ts";
import type { LoggedRoom } from "../journal/room-log/read-room-log.ts";
import type { MakeUp, RecoveryPlan } from "../journal/room-log/recovery-plan.ts";
import { type GameModule, instantiate } from "../module/game-module.ts";
import { FaultLog } from "../room/fault-log.ts";
import { Moments } from "../room/moments.ts";
import { RoomCounters } from "../room/room-counters.ts";
import { type RoomSettings, roomSettings } from "../room/room-settings.ts";
import type { SavedRoom, SavedSeat } from "../room/saved-room.ts";

/**
 * Makes of what a log has of a room the room as it was: restores its image, runs the ticks since, and
 * compares the hash that was written down. `wallMs` is now, ms since 1970.
 */
export function rebuildRoom(
	room: LoggedRoom,
	{ stretch, hash, makeUp }: RecoveryPlan & { stretch: NonNullable<RecoveryPlan["stretch"]> },
	game: GameModule,
	defaults: RoomSettings,
	wallMs: number,
): SavedRoom | Refusal {
	const simulation = instantiate(game, () => {});
	const { firstTick, image: first, inboxes } = stretch;
	const tick = firstTick + inboxes.length;
	if (first) simulation.restore(first);
	else simulation.init(room.seed);
	const longest = Math.max(0, ...inboxes.map((inbox) => inbox?.length ?? 0));
	if (longest > game.descriptor.inbox.bytes) {
		const detail = `room ${room.id}: an inbox of ${longest} bytes, the module takes ${game.descriptor.inbox.bytes}`;
		return { error: "ERR_LOG_RERUN", detail };
	}
	const checkedAt = hash ? hash.tick : tick;
	for (const [from, to] of [
		[firstTick, checkedAt],
		[checkedAt, tick],
	] as const) {
		const again = runInboxes(simulation, stretch, from, to);
		if (again) {
			const detail = `room ${room.id}, tick ${again.tick}: ${again.fault.detail}`;
			return { error: "ERR_LOG_RERUN", detail };
		}
		if (to !== hash?.tick) continue;
		const found = stateHash(simulation, to);
		if (found === hash.hash) continue;
		const detail = `room ${room.id}, tick ${to}: the state hash is ${found}, ${hash.hash} was logged`;
		return { error: "ERR_LOG_HASH", detail };
	}
	const image = createImage();
	simulation.save(image);
	const settings = readSettings(room.settings, defaults);
	return {
		...{ id: room.id, seed: room.seed, epoch: room.epoch, tick, image, settings },
		moduleHash: game.hash,
		hash: stateHash(simulation, tick),
		since: null,
		probation: null,
		isPaused: false,
		leavesInputsOut: false,
		carriedOver: null,
		seats: seatsOf(room, game, settings, makeUp, wallMs),
		untold: [],
		emptyMs: 0,
		events: [],
		counters: new RoomCounters().save(),
		faults: new FaultLog().save(),
		moments: new Moments().save(),
		requests: room.requests,
	};
}

/** What the server that wrote the log had set, as far as it makes sense. */
function readSettings(bytes: Uint8Array, defaults: RoomSettings): RoomSettings {
	let given: Partial<Record<keyof RoomSettings, unknown>> = {};
	try {
		const parsed: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
		if (typeof parsed === "object" && parsed !== null) given = parsed;
	} catch {
		return defaults;
	}
	const number = (value: unknown): number | undefined =>
		typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
	const { faultPolicy, codeResiduals } = given;
	const isPolicy = faultPolicy === "retry" || faultPolicy === "pause" || faultPolicy === "close";
	return roomSettings({
		faultPolicy: isPolicy ? faultPolicy : defaults.faultPolicy,
		seatGraceMs: number(given.seatGraceMs) ?? defaults.seatGraceMs,
		emptyRoomMs: number(given.emptyRoomMs) ?? defaults.emptyRoomMs,
		clientBytesPerSecond: number(given.clientBytesPerSecond) ?? defaults.clientBytesPerSecond,
		codeResiduals: typeof codeResiduals === "boolean" ? codeResiduals : defaults.codeResiduals,
	});
}

/** The hash of no token. */
const NO_TOKEN = "0".repeat(64);

/** All seats are held: those whose players were there from now on. */
function seatsOf(
	{ seats }: LoggedRoom,
	{ descriptor }: GameModule,
	{ seatGraceMs }: RoomSettings,
	{ leave, join }: MakeUp,
	wallMs: number,
): SavedSeat[] {
	const blank = new InputRing(descriptor.input).save();
	const seatOf = (number: number): SavedSeat => ({
		...{ number, name: "", tokenHash: NO_TOKEN, isJoined: true, isLeaving: true, leaveReason: 0 },
		...{ heldMs: 0, inputs: blank, events: null },
	});
	const all = new Map<number, SavedSeat>();
	// the image knows players who have left since
	for (const number of leave) all.set(number, seatOf(number));
	for (const { number, name, tokenHash, heldUntilMs } of seats) {
		if (number >= descriptor.maxPlayers || all.has(number)) continue;
		const heldMs = heldUntilMs === null ? 0 : Math.max(0, wallMs - (heldUntilMs - seatGraceMs));
		const isJoined = !join.includes(number);
		all.set(number, { ...seatOf(number), name, tokenHash, heldMs, isJoined, isLeaving: false });
	}
	return [...all.values()];
}
