import { readPlayerName } from "../../../protocol/player-name.ts";
import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import { MATCH_LIMITS } from "../match-limits.ts";

/** Somebody who signed in, as the issuer describes them. */
export interface User {
	/** The issuer's id (`sub`), 1 to 128 bytes. */
	readonly id: string;
	/** What others see, when the issuer says it; else what the hello says. */
	readonly name: string | null;
	/** For queues; null when the issuer knows none. */
	readonly rating: number | null;
	readonly roles: readonly string[];
	/** Everything else that the token said, 2 KiB of JSON at most. */
	readonly claims: Readonly<Record<string, unknown>>;
}

/** Claims that speak of the token and not of the user. */
const OF_THE_TOKEN = new Set(["iss", "aud", "exp", "nbf", "iat", "jti", "azp", "nonce", "at_hash"]);
/** Claims that a {@link User} has as fields. */
const AS_FIELDS = new Set(["sub", "name", "rating", "roles"]);

function readRoles(roles: unknown): readonly string[] | null {
	if (roles === undefined) return [];
	if (!Array.isArray(roles) || roles.length > MATCH_LIMITS.roles) return null;
	const isRole = (role: unknown): boolean =>
		typeof role === "string" && role !== "" && role.length <= MATCH_LIMITS.roleChars;
	return roles.every(isRole) ? (roles as string[]) : null;
}

/** What a token's payload says of its user. */
export function readUser(payload: Readonly<Record<string, unknown>>): User | Refusal {
	const { sub, name, rating, roles } = payload;
	if (typeof sub !== "string" || sub === "" || Buffer.byteLength(sub) > MATCH_LIMITS.userBytes) {
		return refusal("ERR_TOKEN_USER", `sub has 1 to ${MATCH_LIMITS.userBytes} bytes`);
	}
	if (/\p{Surrogate}/u.test(sub)) return refusal("ERR_TOKEN_USER", "sub is no Unicode text");
	if (rating !== undefined && !(typeof rating === "number" && Number.isFinite(rating))) {
		return refusal("ERR_TOKEN_INVALID", "rating is no number");
	}
	const known = readRoles(roles);
	if (!known) {
		return refusal("ERR_TOKEN_INVALID", `roles are at most ${MATCH_LIMITS.roles} short strings`);
	}
	const claims = Object.fromEntries(
		Object.entries(payload).filter(([key]) => !OF_THE_TOKEN.has(key) && !AS_FIELDS.has(key)),
	);
	if (Buffer.byteLength(JSON.stringify(claims)) > MATCH_LIMITS.claimBytes) {
		return refusal("ERR_TOKEN_INVALID", `claims are over ${MATCH_LIMITS.claimBytes} bytes`);
	}
	return {
		id: sub,
		// a name that nobody may carry is none: the user still may come in, under the hello's
		name: typeof name === "string" ? readPlayerName(name) : null,
		rating: rating ?? null,
		roles: known,
		claims,
	};
}
