import { ConfigError } from "../../config-error.ts";
import { MATCH_LIMITS } from "../match-limits.ts";

/** Which pages may connect: of any origin, or of the server's own and those named. */
interface OriginPolicy {
	readonly any: boolean;
	readonly allowed: ReadonlySet<string>;
}

/** @throws ConfigError for what is no origin, such as one with a path */
export function readOrigins(given: readonly string[]): OriginPolicy {
	const allowed = new Set<string>();
	let any = false;
	for (const word of given) {
		if (word === "*") any = true;
		else if (word !== "own") {
			const origin = URL.canParse(word) ? new URL(word).origin : "null";
			if (origin === "null" || origin.toLowerCase() !== word.toLowerCase().replace(/\/$/, "")) {
				throw new ConfigError(`an origin is such as https://play.example, not "${word}"`);
			}
			allowed.add(origin);
		}
	}
	if (allowed.size > MATCH_LIMITS.origins) throw new ConfigError("too many origins");
	return { any, allowed };
}

/**
 * Whether a page of this origin may connect. Only browsers send an origin, and always: it says which page
 * wants to act with what the browser has of its user. Programs send none, and could send any.
 */
export function mayConnect(
	origin: string | undefined,
	host: string | undefined,
	{ any, allowed }: OriginPolicy,
): boolean {
	if (origin === undefined || any || allowed.has(origin)) return true;
	if (!URL.canParse(origin)) return false;
	// behind a proxy that ends TLS the schemes differ, and the hosts do not
	const { host: named, protocol } = new URL(origin);
	if (protocol !== "http:" && protocol !== "https:") return false;
	const isHost = /^[\w.:[\]-]+$/.test(host ?? "") && URL.canParse(`${protocol}//${host}`);
	const own = isHost ? new URL(`${protocol}//${host}`).host : "";
	return own !== "" && named === own;
}
