import { CTX, ctx } from "./context";

/** Whom an event is for. */
export const TO_ALL: u8 = 0;
export const TO_PLAYER: u8 = 1;
export const TO_NEAR: u8 = 2;

const KIND_EVENT: u8 = 1;
const KIND_REFUSE: u8 = 2;
const KIND_KICK: u8 = 3;
const KIND_EFFECT: u8 = 4;

/** The player of an effect that is about nobody. */
export const NOBODY: i32 = 0xffff;

// The generated layout says where the outbox lies before anything can be written to it.
let address: usize = 0;
let capacity: u32 = 0;

export function openOutbox(at: usize, bytes: u32): void {
	address = at;
	capacity = bytes;
	store<u32>(CTX, 0, 8);
}

/**
 * Appends a record of `size` bytes (header of 8 included) and returns the address of its payload,
 * or 0 when the outbox is full; what did not fit is counted in ctx.
 */
export function appendRecord(kind: u8, target: u8, size: u32, player: u16, extra: u16): usize {
	const padded = (size + 3) & ~3;
	const length = load<u32>(CTX, 8);
	if (length + padded > capacity) {
		store<u32>(CTX, load<u32>(CTX, 36) + 1, 36);
		return 0;
	}
	const at = address + length;
	store<u8>(at, kind);
	store<u8>(at, target, 1);
	store<u16>(at, <u16>padded, 2);
	store<u16>(at, player, 4);
	store<u16>(at, extra, 6);
	store<u32>(CTX, length + padded, 8);
	return at + 8;
}

export function appendEvent(target: u8, size: u32, player: u16, event: u16): usize {
	return appendRecord(KIND_EVENT, target, 8 + size, player, event);
}

/** Turns away a player who joined in this tick; `reason` is a number that the client is told. */
export function refuse(player: i32, reason: i32): void {
	appendRecord(KIND_REFUSE, 0, 8, <u16>player, <u16>reason);
}

/** Removes a player from the room; `reason` is a number that the client is told. */
export function kick(player: i32, reason: i32): void {
	appendRecord(KIND_KICK, 0, 8, <u16>player, <u16>reason);
}

/** Appends a result or a request; none leaves a client, which only guesses. */
export function appendEffect(size: u32, player: i32, effect: u16): usize {
	return ctx.predicting ? 0 : appendRecord(KIND_EFFECT, 0, 8 + size, <u16>player, effect);
}
