import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { MATCH_LIMITS } from "../match-limits.ts";

/**
 * A ticket: the right to one hello, in the hello's token. What it stands for, the store knows under its id.
 *
 *     v1. base64url( key id 4 | flags 1 | expires 6 | id 12 | room … | HMAC-SHA-256, first 16 bytes )
 *
 * Expires is in ms of 1970, big-endian; bit 0 of the flags: to look on. The key id is the beginning of the key's
 * own hash; the room is there so that whoever passes a connection on need not ask anybody.
 */
interface Ticket {
	readonly id: string;
	readonly room: string;
	readonly spectate: boolean;
	/** Time of day, ms. */
	readonly expiresMs: number;
}

/** Why a ticket is none; see `docs/errors.md`. */
type BadTicket = "ERR_TICKET_FORGED" | "ERR_TICKET_FOREIGN" | "ERR_TICKET_EXPIRED";

const PREFIX = "v1.";
const HEAD_BYTES = 23;
const MAC_BYTES = 16;
export const TICKET_ID_BYTES = 12;

/** Whether a hello's token means to be a ticket: a seat's token has a room's id and a dot after eight characters. */
export function looksLikeTicket(token: string): boolean {
	return token.startsWith(PREFIX);
}

function keyId(key: Uint8Array): Buffer {
	return createHash("sha256").update("hotstep ticket key").update(key).digest().subarray(0, 4);
}

function mac(key: Uint8Array, body: Uint8Array): Buffer {
	const whole = createHmac("sha256", key).update("hotstep ticket v1").update(body).digest();
	return whole.subarray(0, MAC_BYTES);
}

/** `id` is the base64url of 12 random bytes. @throws RangeError for a room whose id is too long */
export function writeTicket({ id, room, spectate, expiresMs }: Ticket, key: Uint8Array): string {
	const name = Buffer.from(room);
	if (name.length > MATCH_LIMITS.ticketRoomBytes) throw new RangeError(`the room "${room}"`);
	const head = Buffer.alloc(HEAD_BYTES);
	keyId(key).copy(head, 0);
	head[4] = spectate ? 1 : 0;
	head.writeUIntBE(expiresMs, 5, 6);
	Buffer.from(id, "base64url").copy(head, 11);
	const body = Buffer.concat([head, name]);
	return PREFIX + Buffer.concat([body, mac(key, body)]).toString("base64url");
}

/** What a ticket says, if one of the keys has signed it and its time is not over. */
export function readTicket(
	text: string,
	keys: readonly Uint8Array[],
	nowMs: number,
): Ticket | BadTicket {
	if (!looksLikeTicket(text) || text.length > MATCH_LIMITS.ticketBytes) return "ERR_TICKET_FORGED";
	const bytes = Buffer.from(text.slice(PREFIX.length), "base64url");
	if (bytes.length < HEAD_BYTES + MAC_BYTES) return "ERR_TICKET_FORGED";
	// one ticket, one spelling
	if (PREFIX + bytes.toString("base64url") !== text) return "ERR_TICKET_FORGED";
	const key = keys.find((candidate) => keyId(candidate).equals(bytes.subarray(0, 4)));
	if (!key) return "ERR_TICKET_FOREIGN";
	const body = bytes.subarray(0, -MAC_BYTES);
	if (!timingSafeEqual(mac(key, body), bytes.subarray(-MAC_BYTES))) return "ERR_TICKET_FORGED";
	const expiresMs = bytes.readUIntBE(5, 6);
	if (nowMs >= expiresMs) return "ERR_TICKET_EXPIRED";
	return {
		id: bytes.subarray(11, HEAD_BYTES).toString("base64url"),
		room: body.subarray(HEAD_BYTES).toString(),
		spectate: (bytes[4] as number) === 1,
		expiresMs,
	};
}
