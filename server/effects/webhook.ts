import { createHmac } from "node:crypto";
import { EFFECT_LIMITS } from "./effect-limits.ts";
import type { Deliver } from "./spool.ts";

export interface WebhookOptions {
	/** Where results are posted: https, or http in a network of one's own. */
	readonly url: string;
	/** What the receiver knows too. */
	readonly secret: string;
}

/** Says that a body came from whoever knows the secret, at that time (s since 1970): `t=…,v1=…`. */
function signWebhook(secret: string, seconds: number, body: string): string {
	const mac = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
	return `t=${seconds},v1=${mac}`;
}

class WebhookError extends Error {
	override readonly name = "ERR_WEBHOOK";
}

/** Posts parcels; arrived is what was answered with 2xx. `wallClock` gives ms since 1970. */
export function toWebhook(
	{ url, secret }: WebhookOptions,
	wallClock: () => number = Date.now,
): Deliver {
	return async ({ key, text }) => {
		const seconds = Math.floor(wallClock() / 1000);
		let status: number;
		try {
			const response = await fetch(url, {
				method: "POST",
				body: text,
				// an address that redirects is not the one that was meant
				redirect: "manual",
				headers: {
					"content-type": "application/json",
					"user-agent": "hotstep",
					"idempotency-key": key,
					"hotstep-signature": signWebhook(secret, seconds, text),
				},
				signal: AbortSignal.timeout(EFFECT_LIMITS.answerMs),
			});
			({ status } = response);
			await response.body?.cancel();
		} catch (thrown) {
			const { message, cause } = thrown as Error;
			throw new WebhookError(cause ? String((cause as Error).message) : message);
		}
		if (status < 200 || status > 299) throw new WebhookError(`the receiver answered ${status}`);
	};
}
