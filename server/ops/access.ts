import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIPv4 } from "node:net";

/**
 * Headers that a proxy adds and local programs do not send: the address is then the proxy's, and says
 * nothing about the client.
 */
const PROXY_HEADER =
	/^(?:forwarded|via|x-forwarded(?:-.+)?|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-(?:for|host|forwarded-for|url)|true-client-ip|cf-.+|fastly-client-ip|fly-client-ip|x-envoy-.+|x-amzn-.+|x-azure-.+|x-appengine-.+|x-vercel-.+|x-nf-.+|cdn-loop)$/;

function isLoopback(address: string | undefined): boolean {
	return address === "::1" || /^(?:::ffff:)?127\./.test(address ?? "");
}

/** True for a request made by a program on this machine, not forwarded for another client. */
export function isFromHere({ socket, headers }: IncomingMessage): boolean {
	return (
		isLoopback(socket.remoteAddress) &&
		!Object.keys(headers).some((name) => PROXY_HEADER.test(name))
	);
}

/**
 * True when the request names this machine as its host. On a stranger's web page whose name resolves to
 * this machine, the browser would send that name (DNS rebinding).
 */
export function namesThisMachine({ headers }: IncomingMessage): boolean {
	const host = (headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
	if (host === "localhost" || host === "[::1]" || host === "[::ffff:127.0.0.1]") return true;
	return host.startsWith("127.") && isIPv4(host);
}

/** Compares digests, so that timing reveals nothing about the token. */
export function hasToken({ headers }: IncomingMessage, token: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	// a scheme has no case (RFC 9110 §11.1)
	const given = /^bearer +(.*)$/i.exec(headers.authorization ?? "")?.[1] ?? "";
	return timingSafeEqual(digest(given), digest(token)) && given.length > 0;
}
