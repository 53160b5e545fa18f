import {
	decodeProtectedHeader,
	errors,
	type JWTPayload,
	type JWTVerifyGetKey,
	jwtVerify,
} from "jose";
import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import { ConfigError } from "../../config-error.ts";
import { MATCH_LIMITS } from "../match-limits.ts";
import { KeysUnavailable } from "./public-keys.ts";
import type { SecretSource } from "./secrets.ts";
import { readUser, type User } from "./user.ts";

interface TokenOptions {
	/** Shared with the issuer: for HS256, HS384, HS512. */
	secrets?: SecretSource;
	/** The issuer's public keys: for all others. */
	keys?: JWTVerifyGetKey;
	/** Algorithms that are taken; HS256 for secrets, EdDSA, ES256 and RS256 for keys unless given. */
	algorithms?: readonly string[];
	/** Who the tokens are by, and for; not looked at when left out. */
	issuer?: string;
	audience?: string;
	/** Difference of clocks that is let pass, s; 30 unless given. */
	skewSeconds?: number;
	/** Time of day, ms. */
	now: () => number;
}

const BY_SECRET = ["HS256"];
const BY_KEY = ["EdDSA", "Ed25519", "ES256", "RS256"];
const KNOWN = new Set([
	...["HS256", "HS384", "HS512", "EdDSA", "Ed25519", "ES256", "ES384", "ES512"],
	...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
]);

/** What jose found, by our names. */
function nameOf(thrown: unknown): Refusal {
	const detail = (thrown as Error).message;
	if (thrown instanceof KeysUnavailable) return refusal("ERR_AUTH_UNAVAILABLE", detail);
	if (thrown instanceof errors.JWTExpired) return refusal("ERR_TOKEN_EXPIRED", detail);
	if (thrown instanceof errors.JWTClaimValidationFailed) {
		if (thrown.reason === "check_failed") {
			if (thrown.claim === "iss") return refusal("ERR_TOKEN_ISSUER", detail);
			if (thrown.claim === "aud") return refusal("ERR_TOKEN_AUDIENCE", detail);
			if (thrown.claim === "nbf") return refusal("ERR_TOKEN_EARLY", detail);
		}
		if (thrown.claim === "iss") return refusal("ERR_TOKEN_ISSUER", detail);
		if (thrown.claim === "aud") return refusal("ERR_TOKEN_AUDIENCE", detail);
		return refusal("ERR_TOKEN_INVALID", detail);
	}
	if (thrown instanceof errors.JOSEAlgNotAllowed) return refusal("ERR_TOKEN_ALGORITHM", detail);
	if (thrown instanceof errors.JOSENotSupported) return refusal("ERR_TOKEN_ALGORITHM", detail);
	if (thrown instanceof errors.JWSSignatureVerificationFailed) {
		return refusal("ERR_TOKEN_SIGNATURE", detail);
	}
	if (
		thrown instanceof errors.JWKSNoMatchingKey ||
		thrown instanceof errors.JWKSMultipleMatchingKeys
	) {
		return refusal("ERR_TOKEN_KEY", detail);
	}
	return refusal("ERR_TOKEN_INVALID", detail);
}

/** Tells from a JWT who somebody is. */
export class TokenVerifier {
	private readonly options: TokenOptions;
	private readonly algorithms: readonly string[];

	/** @throws ConfigError when nothing could ever be verified, or anything */
	constructor(options: TokenOptions) {
		this.options = options;
		const { secrets, keys } = options;
		if (!secrets && !keys) throw new ConfigError("tokens need a secret or public keys");
		this.algorithms = options.algorithms ?? [
			...(secrets ? BY_SECRET : []),
			...(keys ? BY_KEY : []),
		];
		for (const name of this.algorithms) {
			if (!KNOWN.has(name)) throw new ConfigError(`"${name}" is no algorithm for tokens`);
			if (name.startsWith("HS") ? secrets : keys) continue;
			throw new ConfigError(`${name} needs ${name.startsWith("HS") ? "a secret" : "public keys"}`);
		}
	}

	async verify(token: string): Promise<User | Refusal> {
		if (token.length > MATCH_LIMITS.tokenChars) {
			return refusal("ERR_TOKEN_INVALID", `it has over ${MATCH_LIMITS.tokenChars} characters`);
		}
		try {
			return readUser(await this.payloadOf(token));
		} catch (thrown) {
			return nameOf(thrown);
		}
	}

	private async payloadOf(token: string): Promise<JWTPayload> {
		const { issuer, audience, skewSeconds, now, secrets, keys } = this.options;
		const rules = {
			algorithms: [...this.algorithms],
			requiredClaims: ["exp"],
			clockTolerance: skewSeconds ?? MATCH_LIMITS.skewSeconds,
			currentDate: new Date(now()),
			...(issuer === undefined ? {} : { issuer }),
			...(audience === undefined ? {} : { audience }),
		};
		// a public key must never be taken for a secret: which kind is asked, the algorithm says
		const isBySecret = decodeProtectedHeader(token).alg?.startsWith("HS") ?? false;
		if (!isBySecret) {
			const noKeys: JWTVerifyGetKey = () => Promise.reject(new errors.JOSEAlgNotAllowed());
			return (await jwtVerify(token, keys ?? noKeys, rules)).payload;
		}
		let failure: unknown = new errors.JOSEAlgNotAllowed("no secret is shared");
		for (const secret of (await secrets?.read()) ?? []) {
			try {
				return (await jwtVerify(token, secret, rules)).payload;
			} catch (thrown) {
				failure = thrown;
				if (!(thrown instanceof errors.JWSSignatureVerificationFailed)) break;
			}
		}
		throw failure;
	}
}
