import { LIMITS } from "../../protocol/limits.ts";
import { ConfigError } from "../../server/config-error.ts";

interface OpenRoomOptions {
	url: string;
	game: string;
	adminToken: string | null;
}

/** The HTTP address of a server whose WebSocket address is `url`. */
export function httpOf(url: string): string {
	const http = new URL(url);
	http.protocol = http.protocol === "wss:" ? "https:" : "http:";
	// a server may have a path of its own behind a proxy
	http.pathname = http.pathname.replace(/[^/]*$/, "");
	http.search = "";
	return http.href.replace(/\/$/, "");
}

/** Has the server open a room for the bots; returns its id, or null when it will not. */
export async function openRoom({ url, game, adminToken }: OpenRoomOptions): Promise<string | null> {
	const target = `${httpOf(url)}/admin/games/${game}/rooms`;
	try {
		const response = await fetch(target, {
			method: "POST",
			headers: { authorization: `Bearer ${adminToken ?? ""}` },
			signal: AbortSignal.timeout(LIMITS.connectMs),
		});
		const answer = (await response.json()) as { id?: unknown };
		return typeof answer.id === "string" ? answer.id : null;
	} catch {
		return null;
	}
}

/**
 * Makes sure that the server will open rooms for this tool.
 *
 * @throws ConfigError when it cannot be reached, or will not
 */
export async function checkAdmin({ url, adminToken }: OpenRoomOptions): Promise<void> {
	const target = `${httpOf(url)}/admin/games`;
	const response = await fetch(target, {
		headers: { authorization: `Bearer ${adminToken ?? ""}` },
		signal: AbortSignal.timeout(LIMITS.connectMs),
	}).catch(() => null);
	if (response?.ok) return;
	if (response === null) throw new ConfigError(`--rooms: no answer from ${target}`);
	const { error } = (await response.json().catch(() => ({}))) as { error?: string };
	throw new ConfigError(`--rooms: the server will open no rooms (${error ?? response.status})`);
}
