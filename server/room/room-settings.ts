import { LIMITS } from "../../protocol/limits.ts";

/**
 * What happens to a tick that fails: `retry` leaves out the input that broke it; `pause` waits for an
 * operator.
 */
export type FaultPolicy = "retry" | "pause" | "close";

/** How the rooms of a server behave. */
export interface RoomSettings {
	/** What to do with a tick that fails again without any input; "retry" closes the room too. */
	readonly faultPolicy: FaultPolicy;
	/** How long a seat is held for a player whose connection is lost, ms. */
	readonly seatGraceMs: number;
	/** How long an empty room stays open, ms. */
	readonly emptyRoomMs: number;
	/** Maximum average bytes per second to each client; when they run short, distant rows wait. */
	readonly clientBytesPerSecond: number;
	/** Arithmetic coding of changes: up to two fifths fewer bytes, for about 0.4 µs more per row. */
	readonly codeResiduals: boolean;
}

const ROOM_DEFAULTS: RoomSettings = {
	faultPolicy: "retry",
	seatGraceMs: LIMITS.seatGraceMs,
	emptyRoomMs: LIMITS.emptyRoomMs,
	clientBytesPerSecond: LIMITS.clientBytesPerSecond,
	codeResiduals: false,
};

/** The settings given, and the defaults of those that are not. */
export function roomSettings(given: Partial<RoomSettings> = {}): RoomSettings {
	return {
		faultPolicy: given.faultPolicy ?? ROOM_DEFAULTS.faultPolicy,
		seatGraceMs: given.seatGraceMs ?? ROOM_DEFAULTS.seatGraceMs,
		emptyRoomMs: given.emptyRoomMs ?? ROOM_DEFAULTS.emptyRoomMs,
		clientBytesPerSecond: given.clientBytesPerSecond ?? ROOM_DEFAULTS.clientBytesPerSecond,
		codeResiduals: given.codeResiduals ?? ROOM_DEFAULTS.codeResiduals,
	};
}
