import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Headers that a proxy adds: then the address is the proxy's, which says nothing of who asks. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"] as const;

function isLoopback(address: string | undefined): boolean {
	return address === "::1" || /^(?:::ffff:)?127\./.test(address ?? "");
}

/** True for a request that a program of this machine made, and did not pass on for somebody else. */
export function isFromHere({ socket, headers }: IncomingMessage): boolean {
	return isLoopback(socket.remoteAddress) && !PROXY_HEADERS.some((name) => name in headers);
}

/**
 * True when the request names this machine as its host. A web page of a stranger, whose name was made
 * to lead here, would have the browser send that name.
 */
export function namesThisMachine({ headers }: IncomingMessage): boolean {
	const host = (headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
	return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Compares digests, so that the time taken tells nothing of the token. */
export function hasToken({ headers }: IncomingMessage, token: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(headers.authorization ?? ""), digest(`Bearer ${token}`));
}
