import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import type { TokenVerifier } from "./token-verifier.ts";
import type { User } from "./user.ts";

/** Who asks to come in, for a decision of one's own. */
interface Credentials {
	/** What stood behind `Authorization: Bearer`, or null. */
	readonly token: string | null;
	readonly address: string;
}

/** Null lets a guest in; a string says why nobody comes in. */
type AuthenticateHook = (
	credentials: Credentials,
) => User | string | null | Promise<User | string | null>;

/** Tells who somebody is: null for a guest. */
type Authenticate = (credentials: Credentials) => Promise<User | null | Refusal>;

export const everybodyIsAGuest: Authenticate = async () => null;

/** Only those who bring a good token come in. */
export function byToken(verifier: TokenVerifier): Authenticate {
	return async ({ token }) =>
		token === null ? refusal("ERR_AUTH_REQUIRED", "no token") : verifier.verify(token);
}

/** A hook that fails lets nobody in, and breaks nothing. */
export function byHook(hook: AuthenticateHook, failed: (thrown: unknown) => void): Authenticate {
	return async (credentials) => {
		try {
			const found = await hook(credentials);
			return typeof found === "string" ? refusal("ERR_AUTH_REFUSED", found) : found;
		} catch (thrown) {
			failed(thrown);
			return refusal("ERR_AUTH_UNAVAILABLE", "the hook failed");
		}
	};
}
