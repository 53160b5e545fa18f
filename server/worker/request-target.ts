import { SERVER_LIMITS } from "../limits.ts";

/** What a client's address says of where it wants to go; each null when it does not. */
export interface RequestTarget {
	game: string | null;
	room: string | null;
}

/** A room's id as servers make them, and the token of a seat there. */
const ROOM = /^[\w-]{1,64}$/;
const TOKEN = /^([\w-]{8})\.[\w-]{22}$/;

/** The room that a seat's token is for, or null for what is none. */
export function roomOfToken(token: string | null | undefined): string | null {
	return TOKEN.exec(token ?? "")?.[1] ?? null;
}

/**
 * Reads `[/…][/game[/room]][?room=…&t=token]`. Servers may lie behind a path, so the game is the last part, or the
 * one before, that is a game's name. What makes no sense is not there: the hello says it too, and is checked.
 */
export function readRequestTarget(url: string, games: ReadonlySet<string>): RequestTarget {
	if (url.length > SERVER_LIMITS.httpTargetBytes || !URL.canParse(url, "http://localhost")) {
		return { game: null, room: null };
	}
	const { pathname, searchParams } = new URL(url, "http://localhost");
	const parts = pathname.split("/").filter((part) => part !== "");
	const at = parts.findLastIndex((part, i) => i >= parts.length - 2 && games.has(decode(part)));
	const asked = searchParams.get("room") ?? parts[at + 1] ?? "";
	const room = at >= 0 || searchParams.has("room") ? asked : "";
	return {
		game: at >= 0 ? decode(parts[at] as string) : null,
		room: roomOfToken(searchParams.get("t")) ?? (ROOM.test(room) ? room : null),
	};
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}
