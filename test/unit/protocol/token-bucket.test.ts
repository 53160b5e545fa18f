import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../../protocol/token-bucket.ts";

describe("a token bucket", () => {
	it("gives a burst at once, and then so many a second", () => {
		const bucket = new TokenBucket(10, 3, 0);
		expect([0, 0, 0, 0].map((ms) => bucket.take(ms))).toEqual([true, true, true, false]);
		expect([99, 100, 100].map((ms) => bucket.take(ms))).toEqual([false, true, false]);
	});

	it("never holds more than a burst", () => {
		const bucket = new TokenBucket(10, 3, 0);
		expect(bucket.refill(60_000)).toBe(3);
	});

	it("makes those wait who spent more than there was", () => {
		const bucket = new TokenBucket(1_000, 1_000, 0);
		bucket.spend(1_500);
		expect(bucket.has(400)).toBe(false);
		expect(bucket.refill(500)).toBe(0);
		expect(bucket.has(501)).toBe(true);
	});

	it("takes nothing when it is only asked", () => {
		const bucket = new TokenBucket(10, 1, 0);
		expect([bucket.has(0), bucket.has(0), bucket.take(0), bucket.has(0)]).toEqual([
			true,
			true,
			true,
			false,
		]);
	});
});
