import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { Pool } from "pg";
import { type StoredResult, storeResult } from "./store-result.ts";

/** Bytes of a delivery: a result is never longer. */
const MOST_BYTES = 65_536;
/** Seconds that the clocks of the two ends may differ, and a delivery may take. */
const FRESH_SECONDS = 300;

/** Whether whoever knows the secret has signed this body, just now. */
export function isSigned(secret: string, signature: string, body: string, nowMs: number): boolean {
	const [, seconds = "", mac = ""] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
	if (mac === "" || Math.abs(nowMs / 1000 - Number(seconds)) > FRESH_SECONDS) return false;
	const wanted = createHmac("sha256", secret).update(`${seconds}.${body}`).digest();
	return timingSafeEqual(Buffer.from(mac, "hex"), wanted);
}

/** An HTTP server that takes the results of `hotstep start --webhook` into PostgreSQL. */
export function createReceiver(pool: Pool, secret: string): Server {
	return createServer(async (request, response) => {
		const answer = (status: number): void => void response.writeHead(status).end();
		const parts: Buffer[] = [];
		let bytes = 0;
		for await (const part of request) {
			bytes += (part as Buffer).length;
			if (bytes > MOST_BYTES) return answer(413);
			parts.push(part as Buffer);
		}
		const body = Buffer.concat(parts).toString();
		const signature = String(request.headers["hotstep-signature"]);
		if (!isSigned(secret, signature, body, Date.now())) return answer(401);
		try {
			await storeResult(pool, JSON.parse(body) as StoredResult);
			answer(204);
		} catch {
			// the server brings it again
			answer(503);
		}
	});
}
