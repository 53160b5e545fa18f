import type { IncomingMessage } from "node:http";
import { LIMITS } from "../../../protocol/limits.ts";
import type { KickAnswer, MessageAnswer } from "../../../protocol/operator-answers.ts";
import type { Refusal } from "../../../protocol/refusal.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { Room } from "../../room/room.ts";
import { readBody } from "../read-body.ts";

/** `POST …/players/N/kick?name=`: a seat may have another's since somebody looked, which the name tells. */
export function kick(
	room: Room,
	number: string,
	query: URLSearchParams,
): KickAnswer | Refusal<"ERR_ADMIN_PLAYER"> {
	const player = /^\d{1,5}$/.test(number) ? room.players.get(Number(number)) : undefined;
	const wanted = query.get("name");
	if (!player || player.isLeaving || (wanted !== null && wanted !== player.name)) {
		const who = wanted === null ? "nobody" : "no such player";
		return { error: "ERR_ADMIN_PLAYER", detail: `${who} has seat ${number} of room ${room.id}` };
	}
	room.kick(player);
	return { room: room.id, player: player.number, name: player.name };
}

/** `{"text": …}`; null takes the last message away. */
export async function readMessage(
	request: IncomingMessage,
): Promise<{ text: string | null } | Refusal<"ERR_ADMIN_MESSAGE">> {
	const wrong = {
		error: "ERR_ADMIN_MESSAGE",
		detail: `the body is {"text": …}: 1 to ${LIMITS.noticeChars} characters, or null`,
	} as const;
	const body = await readBody(request, SERVER_LIMITS.adminMessageBytes);
	if (body === null) return wrong;
	try {
		const { text } = JSON.parse(body.toString()) as { text?: unknown };
		if (text === null) return { text };
		const isLine = typeof text === "string" && text.trim() !== "";
		return isLine && text.length <= LIMITS.noticeChars ? { text } : wrong;
	} catch {
		return wrong;
	}
}

/** Shows a line to everybody in these rooms. */
export function tell(rooms: Iterable<Room>, text: string | null): MessageAnswer {
	const told = { rooms: 0, clients: 0 };
	for (const room of rooms) {
		room.notify(text);
		told.rooms++;
		told.clients += room.seats.viewers.size;
	}
	return told;
}
