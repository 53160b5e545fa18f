import { readFileSync } from "node:fs";
import {
	createLocalJWKSet,
	createRemoteJWKSet,
	type JSONWebKeySet,
	type JWTVerifyGetKey,
} from "jose";
import { ConfigError } from "../../config-error.ts";
import { MATCH_LIMITS } from "../match-limits.ts";

/** The issuer's keys could not be had: it says nothing about the token. */
export class KeysUnavailable extends Error {}

/**
 * Keys that an issuer publishes at an address. They are kept for ten minutes; a key that is not among them
 * has them asked for again, every 30 s at most, so that strangers cannot make this server ask. While the issuer
 * cannot be reached the last ones hold.
 *
 * @throws ConfigError for an address that is none, or that anybody on the way could answer for
 */
export function remoteKeys(
	address: string,
	keptMs: number = MATCH_LIMITS.jwksKeptMs,
): JWTVerifyGetKey {
	let url: URL;
	try {
		url = new URL(address);
	} catch {
		throw new ConfigError(`"${address}" is no address of keys`);
	}
	const isNear = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
	if (url.protocol !== "https:" && !(url.protocol === "http:" && isNear)) {
		throw new ConfigError(`keys come by https:, not from ${url.origin}`);
	}
	const remote = createRemoteJWKSet(url, {
		timeoutDuration: MATCH_LIMITS.jwksTimeoutMs,
		cooldownDuration: MATCH_LIMITS.jwksCooldownMs,
		cacheMaxAge: keptMs,
	});
	return async (header, token) => {
		try {
			return await remote(header, token);
		} catch (thrown) {
			// the last ones say what is wrong with the token, or that nothing is
			const last = remote.jwks();
			if (!last) throw new KeysUnavailable((thrown as Error).message);
			return createLocalJWKSet(last)(header, token);
		}
	};
}

/** Keys of a file in the form of JSON Web Key Set. @throws ConfigError */
export function fileKeys(file: string): JWTVerifyGetKey {
	try {
		return createLocalJWKSet(JSON.parse(readFileSync(file, "utf8")) as JSONWebKeySet);
	} catch (thrown) {
		throw new ConfigError(`keys of ${file}: ${(thrown as Error).message}`);
	}
}
