import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../server/config-error.ts";
import {
	clientAddress,
	customerOf,
	isLoopbackAddress,
	Networks,
	plainAddress,
} from "../../server/match/doors/address.ts";
import { type Ban, Bans } from "../../server/match/doors/bans.ts";
import { DOOR_LIMITS, Doors } from "../../server/match/doors/doors.ts";
import { Entrance } from "../../server/match/doors/entrance.ts";
import { KeyedBuckets } from "../../server/match/doors/keyed-buckets.ts";
import { mayConnect, readOrigins } from "../../server/match/doors/origins.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { MemoryStore } from "../../server/match/store/memory-store.ts";
import { holds } from "../support/holds.ts";

function networks(...words: string[]): Networks {
	const read = Networks.read(words);
	if ("wrong" in read) throw new Error(read.wrong);
	return read;
}

describe("an address", () => {
	it("has one spelling, and none when it is no address", () => {
		expect(plainAddress("192.0.2.1")).toBe("192.0.2.1");
		expect(plainAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
		expect(plainAddress("::FFFF:c000:201")).toBe("192.0.2.1");
		expect(plainAddress("2001:DB8::1")).toBe("2001:db8:0:0:0:0:0:1");
		expect(plainAddress("fe80::1%eth0")).toBe("fe80:0:0:0:0:0:0:1");
		expect(plainAddress("::")).toBe("0:0:0:0:0:0:0:0");
		for (const none of ["", "unknown", "192.0.2.256", "1.2.3", ":::", "_hidden", undefined]) {
			expect(plainAddress(none)).toBe("");
		}
	});

	it("of IPv6 belongs to whoever has its /64", () => {
		expect(customerOf("2001:db8:1:2:3:4:5:6")).toBe(customerOf("2001:db8:1:2::"));
		expect(customerOf("2001:db8:1:2::1")).not.toBe(customerOf("2001:db8:1:3::1"));
		expect(customerOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
		expect(isLoopbackAddress("::1") && isLoopbackAddress("::ffff:127.1.2.3")).toBe(true);
		expect(isLoopbackAddress("128.0.0.1") || isLoopbackAddress("")).toBe(false);
	});

	it("is in a network, or the network is none", () => {
		const list = networks("loopback", "10.0.0.0/8", "2001:db8::/32", "192.0.2.7");
		for (const inside of ["127.9.9.9", "::1", "::ffff:10.1.2.3", "2001:db8:ff::1", "192.0.2.7"]) {
			expect([inside, list.has(inside)]).toEqual([inside, true]);
		}
		for (const outside of ["11.0.0.1", "2001:db9::1", "192.0.2.8", "", "rubbish"]) {
			expect([outside, list.has(outside)]).toEqual([outside, false]);
		}
		for (const wrong of [
			"10.0.0.0/33",
			"10.0.0.0/x",
			"10.0.0.0/",
			"::/129",
			"example.org",
			"1.2.3.4/8/9",
		]) {
			expect(Networks.read([wrong])).toEqual({ wrong });
		}
		expect(networks().isEmpty).toBe(true);
	});
});

describe("whom a request is from", () => {
	const trusted = networks("10.0.0.0/8", "loopback");

	it("is the socket's peer unless that is a trusted proxy", () => {
		expect(clientAddress("192.0.2.1", "198.51.100.1", trusted)).toBe("192.0.2.1");
		expect(clientAddress("10.0.0.1", "198.51.100.1", trusted)).toBe("198.51.100.1");
		expect(clientAddress("10.0.0.1", "198.51.100.1", networks())).toBe("10.0.0.1");
		expect(clientAddress("10.0.0.1", undefined, trusted)).toBe("10.0.0.1");
	});

	it("is the last that no trusted proxy has: what stands before it anybody may have written", () => {
		const seen = (header: string) => clientAddress("::ffff:10.0.0.1", header, trusted);
		expect(seen("203.0.113.9, 198.51.100.1")).toBe("198.51.100.1");
		expect(seen("203.0.113.9, 198.51.100.1, 10.2.3.4")).toBe("198.51.100.1");
		expect(seen("127.0.0.1, 198.51.100.1")).toBe("198.51.100.1");
		expect(seen("10.9.9.9")).toBe("10.9.9.9");
		expect(seen(" [2001:db8::1]:443 ")).toBe("2001:db8:0:0:0:0:0:1");
		expect(seen("198.51.100.1:4711")).toBe("198.51.100.1");
		expect(seen("198.51.100.1, unknown")).toBe("10.0.0.1");
		expect(seen("")).toBe("10.0.0.1");
		expect(seen(`${"10.1.1.1,".repeat(50_000)}10.1.1.1`)).toBe("10.1.1.1");
	});
});

describe("buckets by key", () => {
	it("give each key its own, and forget those that are full again", () => {
		const buckets = new KeyedBuckets({ perSecond: 1, burst: 2 }, 100);
		expect([0, 0, 0].map((ms) => buckets.take("a", ms))).toEqual([true, true, false]);
		expect(buckets.has("a", 0)).toBe(false);
		expect(buckets.has("b", 0)).toBe(true);
		expect(buckets.take("b", 0)).toBe(true);
		expect(buckets.take("a", 1_000)).toBe(true);
		expect(buckets.size).toBe(2);
		buckets.take("c", 3_000);
		buckets.take("c", 6_000);
		expect(buckets.size).toBe(1);
	});

	it("hold no more keys than they may, and rather forget who was away for longest", () => {
		const buckets = new KeyedBuckets({ perSecond: 0.001, burst: 1 }, 4);
		for (const key of ["a", "b", "c", "a", "d", "e"]) buckets.take(key, 0);
		expect(buckets.size).toBeLessThanOrEqual(4);
		expect(buckets.take("a", 0)).toBe(false);
		expect(buckets.take("b", 0)).toBe(true);
	});

	it("never let a key have more than its rate, whatever the others do", () => {
		const steps = fc.array(
			fc.record({ key: fc.constantFrom("a", "b", "c"), waitMs: fc.nat(300) }),
			{ maxLength: 200 },
		);
		holds(
			fc.property(steps, (all) => {
				const buckets = new KeyedBuckets({ perSecond: 2, burst: 3 }, 6);
				const taken = new Map<string, number[]>();
				let nowMs = 0;
				for (const { key, waitMs } of all) {
					nowMs += waitMs;
					if (!buckets.take(key, nowMs)) continue;
					const times = taken.get(key) ?? [];
					times.push(nowMs);
					taken.set(key, times);
				}
				for (const times of taken.values()) {
					times.forEach((from, i) => {
						times.slice(i).forEach((to, count) => {
							expect(count + 1).toBeLessThanOrEqual(3 + ((to - from) * 2) / 1000 + 1e-9);
						});
					});
				}
			}),
		);
	});
});

describe("the doors", () => {
	function doors(limits = {}, limitLocal = false) {
		const time = { ms: 0 };
		return { time, it: new Doors({ limits, now: () => time.ms, limitLocal }) };
	}
	const A = "192.0.2.1";
	const B = "192.0.2.2";
	const times = <T>(count: number, run: () => T): T[] => Array.from({ length: count }, run);

	it("let no address have more connections than it may, and others in", () => {
		const { it: at } = doors({ connections: 3 });
		const answers = times(4, () => at.connect(A)?.error ?? "in");
		expect(answers).toEqual(["in", "in", "in", "ERR_TOO_MANY_CONNECTIONS"]);
		expect(at.connect(B)).toBeNull();
		at.closed(A);
		expect([at.connect(A), at.connect(A)?.error]).toEqual([null, "ERR_TOO_MANY_CONNECTIONS"]);
	});

	it("let no address come and go faster than it may", () => {
		const { it: at, time } = doors({ connects: { perSecond: 2, burst: 5 } });
		const comeAndGo = () => {
			const refused = at.connect(A);
			if (!refused) at.closed(A);
			return refused === null;
		};
		expect(times(8, comeAndGo).filter(Boolean)).toHaveLength(5);
		time.ms += 1_000;
		expect(times(8, comeAndGo).filter(Boolean)).toHaveLength(2);
	});

	it("count seats for as long as they are held, and each once", () => {
		const { it: at } = doors({ seats: 2 });
		const free = at.seat(A);
		at.seat(A);
		expect(at.join(A)).toMatchObject({ error: "ERR_TOO_MANY_JOINS" });
		expect(at.join(B)).toBeNull();
		free();
		free();
		expect(at.join(A)).toBeNull();
		at.seat(A);
		expect(at.join(A)).toMatchObject({ error: "ERR_TOO_MANY_JOINS" });
	});

	it("let no address open rooms or ask for seats faster than it may", () => {
		const { it: at } = doors();
		expect(times(30, () => at.openRoom(A)).filter((r) => !r)).toHaveLength(DOOR_LIMITS.opens.burst);
		expect(times(90, () => at.join(A)).filter((r) => !r)).toHaveLength(DOOR_LIMITS.joins.burst);
	});

	it("shut for whoever fails too often, for a while, and for nobody else", () => {
		const { it: at, time } = doors();
		for (let i = 0; i < 10_000; i++) at.fail(A);
		expect(at.connect(A)).toMatchObject({ error: "ERR_TOO_MANY_FAILURES" });
		expect(at.join(A)).toMatchObject({ error: "ERR_TOO_MANY_FAILURES" });
		expect([at.connect(B), at.join(B)]).toEqual([null, null]);
		time.ms += 3_000;
		expect(at.connect(A)).toBeNull();
		at.fail(A);
		expect(at.connect(A)).toMatchObject({ error: "ERR_TOO_MANY_FAILURES" });
	});

	it("take a /64 of IPv6 for one", () => {
		const { it: at } = doors({ connections: 2 });
		const answers = times(3, () => 0).map(
			(_, i) => at.connect(`2001:db8::${i + 1}`)?.error ?? "in",
		);
		expect(answers).toEqual(["in", "in", "ERR_TOO_MANY_CONNECTIONS"]);
		expect(at.connect("2001:db8:0:1::1")).toBeNull();
	});

	it("are open to this machine, unless told otherwise", () => {
		const { it: at } = doors({ connections: 1 });
		for (let i = 0; i < 10_000; i++) at.fail("127.0.0.1");
		expect(times(500, () => at.connect("::1")).every((refused) => refused === null)).toBe(true);
		expect(at.size).toBe(0);
		const { it: strict } = doors({ connections: 1 }, true);
		expect(times(2, () => strict.connect("127.0.0.1")).filter((refused) => refused)).toHaveLength(
			1,
		);
	});

	it("remember a bounded number of addresses, however many come", () => {
		const { it: at, time } = doors();
		for (let i = 0; i < 3 * MATCH_LIMITS.addresses; i++) {
			at.fail(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
		}
		expect(at.size).toBeLessThanOrEqual(MATCH_LIMITS.addresses);
		for (let i = 0; i < 2; i++) {
			time.ms += 120_000;
			at.fail(A);
		}
		expect(at.size).toBe(1);
	});
});

describe("the entrance", () => {
	const asked = (address: string, headers: Record<string, string> = {}): IncomingMessage =>
		({ headers, socket: { remoteAddress: address } }) as unknown as IncomingMessage;

	it("counts connections that another process let in, beyond the limit too", () => {
		const entrance = new Entrance({ connectionsPerAddress: 2 }, () => 0);
		for (let n = 0; n < 3; n++) entrance.inherit("192.0.2.1");
		entrance.left("192.0.2.1");
		expect(entrance.admit(asked("192.0.2.1"))).toMatchObject({ error: "ERR_TOO_MANY_CONNECTIONS" });
		entrance.left("192.0.2.1");
		expect(entrance.admit(asked("192.0.2.1"))).toBe("192.0.2.1");
	});

	it("believes nobody who names another address, unless that is a proxy", () => {
		const forwarded = { "x-forwarded-for": "127.0.0.1" };
		const entrance = new Entrance({ trustProxy: ["192.0.2.9"] }, () => 0);
		expect(entrance.admit(asked("192.0.2.1", forwarded))).toBe("192.0.2.1");
		expect(entrance.admit(asked("192.0.2.9", forwarded))).toBe("127.0.0.1");
		expect(() => new Entrance({ trustProxy: ["proxy.example"] }, () => 0)).toThrow(ConfigError);
	});
});

describe("an origin", () => {
	const own = readOrigins([]);
	const some = readOrigins(["own", "https://play.example", "http://localhost:5173"]);

	it("may be the server's own, one that was named, or none at all", () => {
		expect(mayConnect(undefined, "game.example", own)).toBe(true);
		expect(mayConnect("https://game.example", "game.example", own)).toBe(true);
		expect(mayConnect("https://game.example", "GAME.example:443", own)).toBe(true);
		expect(mayConnect("http://127.0.0.1:8080", "127.0.0.1:8080", own)).toBe(true);
		expect(mayConnect("https://play.example", "game.example", some)).toBe(true);
		expect(mayConnect("http://localhost:5173", "localhost:8080", some)).toBe(true);
		expect(mayConnect("https://evil.example", "game.example", readOrigins(["*"]))).toBe(true);
	});

	it("is refused when it is another, or none that is", () => {
		for (const origin of [
			"https://evil.example",
			"https://game.example.evil.example",
			"https://play.example.evil.example",
			"https://game.example:8443",
			"http://play.example",
			"null",
			"",
			"file://",
			"game.example",
			"chrome-extension://game.example",
		]) {
			expect([origin, mayConnect(origin, "game.example", some)]).toEqual([origin, false]);
		}
		expect(mayConnect("https://evil.example", undefined, own)).toBe(false);
		expect(mayConnect("https://evil.example", "evil.example/@game", own)).toBe(false);
	});

	it("stops a start when it is none", () => {
		for (const word of ["play.example", "https://play.example/game", "null", "https://"]) {
			expect(() => readOrigins([word])).toThrow(/origin/);
		}
	});
});

describe("bans", () => {
	async function open() {
		const time = { ms: 1_000_000 };
		const now = () => time.ms;
		const store = new MemoryStore({ now });
		const added: Ban[] = [];
		const bans = new Bans({ store, now, added: (ban) => added.push(ban) });
		await bans.open();
		return { time, store, bans, added };
	}

	it("keep users, addresses and networks out, until they are over or taken back", async () => {
		const { time, bans, store, added } = await open();
		await bans.add({ kind: "user", subject: "u-1", untilMs: time.ms + 1_000, reason: "rude" });
		await bans.add({ kind: "address", subject: "2001:db8::1" });
		await bans.add({ kind: "network", subject: "198.51.100.0/24" });
		expect(added.map(({ subject }) => subject)).toEqual([
			"u-1",
			"2001:db8:0:0::/64",
			"198.51.100.0/24",
		]);
		expect(bans.find("u-1", "192.0.2.1")).toMatchObject({ reason: "rude" });
		expect(bans.find(null, "2001:db8::2")).toMatchObject({ kind: "address" });
		expect(bans.find("u-2", "::ffff:198.51.100.77")).toMatchObject({ kind: "network" });
		expect(bans.find("u-2", "192.0.2.1")).toBeNull();
		expect(bans.list).toHaveLength(3);
		time.ms += 1_000;
		expect(bans.find("u-1", "192.0.2.1")).toBeNull();
		store.sweep();
		expect(await bans.remove("network", "198.51.100.0/24")).toBe(true);
		expect(await bans.remove("network", "198.51.100.0/24")).toBe(false);
		expect(bans.find(null, "198.51.100.77")).toBeNull();
		expect(bans.list).toHaveLength(1);
	});

	it("hold for other servers with the same store, from the start and at once", async () => {
		const { time, bans, store } = await open();
		await bans.add({ kind: "user", subject: "u-1" });
		const added: Ban[] = [];
		const other = new Bans({ store, now: () => time.ms, added: (ban) => added.push(ban) });
		await other.open();
		expect(other.find("u-1", "")).not.toBeNull();
		expect(added).toEqual([]);
		await bans.add({ kind: "network", subject: "10.0.0.0/8" });
		expect(other.find(null, "10.1.2.3")).not.toBeNull();
		expect(added).toHaveLength(1);
	});

	it("are refused when they are none, or more than anybody means", async () => {
		const { time, bans } = await open();
		const wrong = [
			{},
			{ kind: "user" },
			{ kind: "user", subject: "" },
			{ kind: "user", subject: "x".repeat(129) },
			{ kind: "address", subject: "example.org" },
			{ kind: "network", subject: "private" },
			{ kind: "network", subject: "10.0.0.0/99" },
			{ kind: "planet", subject: "10.0.0.1" },
			{ kind: "user", subject: "u", untilMs: time.ms },
			{ kind: "user", subject: "u", untilMs: "tomorrow" },
			{ kind: "user", subject: "u", untilMs: Number.NaN },
			{ kind: "user", subject: "u", reason: "x".repeat(201) },
		];
		for (const given of wrong) expect(await bans.add(given)).toHaveProperty("problem");
		expect(bans.list).toEqual([]);
	});
});
