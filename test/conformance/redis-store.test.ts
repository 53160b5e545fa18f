import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import { RedisStore } from "../../server/match/store/redis/redis-store.ts";
import { StoreDown } from "../../server/match/store/store.ts";
import { hasRedis, RedisServer } from "../support/redis-server.ts";
import { storeSuite } from "./store-suite.ts";

const isRequired = process.env.HOTSTEP_REDIS === "required";
if (!hasRedis && isRequired) throw new Error("redis-server is not installed");
if (!hasRedis) console.warn("skipped: the store in Redis, for there is no redis-server");

describe.skipIf(!hasRedis)("in Redis", () => {
	let server: RedisServer;
	beforeAll(async () => {
		server = await RedisServer.start();
	});
	afterAll(() => server.close());

	const open = (more: { maxEntries?: number; timeoutMs?: number } = {}) =>
		RedisStore.open({ url: server.url, log: silentLog, ...more });

	/** Waits until `store` has heard of all that was committed before. */
	async function settle(store: RedisStore, by: RedisStore): Promise<void> {
		const mark = String(Math.random());
		let stop = (): void => {};
		await new Promise<void>((resolve, reject) => {
			const isIt = ({ value }: { value: string | null }): void => {
				if (value === mark) resolve();
			};
			const watcher = { reset: () => {}, update: isIt };
			const begun = store.watch("marks", watcher).then((stopIt) => {
				stop = stopIt;
				return by.commit("marks", [{ key: "mark", value: mark }]);
			});
			begun.catch(reject);
		});
		stop();
	}

	storeSuite("redis", async () => {
		await server.kill();
		await server.close();
		server = await RedisServer.start();
		const [store, other] = await Promise.all([open(), open()]);
		return {
			...{ store, other },
			advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
			settle: () => settle(other, store),
			async close() {
				await Promise.all([store.close(), other.close()]);
			},
		};
	});

	it("takes no more entries than it may hold, and makes room by what is over", async () => {
		const store = await open({ maxEntries: 2 });
		const short = { value: "1", ttlMs: 50 };
		await store.commit("full", [
			{ key: "a", ...short },
			{ key: "b", value: "1" },
		]);
		expect(await store.commit("full", [{ key: "c", value: "1" }])).toEqual({ full: true });
		await expect
			.poll(() => store.commit("full", [{ key: "c", value: "1" }]))
			.toHaveProperty("version");
		expect((await store.list("full")).map(({ key }) => key)).toEqual(["b", "c"]);
		await store.close();
	});

	it("says by name that it is down, and tells watchers what they missed when it is back", async () => {
		const [store, other] = await Promise.all([open(), open()]);
		const seen = new Map<string, string>();
		let resets = 0;
		await store.watch("s", {
			reset(entries) {
				resets++;
				seen.clear();
				for (const { key, value } of entries) seen.set(key, value);
			},
			update: ({ key, value }) => (value === null ? seen.delete(key) : seen.set(key, value)),
		});
		const before = await store.commit("s", [{ key: "a", value: "1" }]);
		await server.kill();
		await expect(store.get("s", "a")).rejects.toThrow(StoreDown);
		await server.run();
		const put = () => other.commit("s", [{ key: "b", value: "2" }]).catch(() => null);
		await expect.poll(put, { timeout: 10_000 }).toHaveProperty("version");
		await expect
			.poll(() => [...seen], { timeout: 10_000 })
			.toEqual([
				["a", "1"],
				["b", "2"],
			]);
		expect(resets).toBeGreaterThan(1);
		const after = await store.commit("s", [{ key: "a", value: "2" }]);
		expect("version" in after && "version" in before && after.version > before.version).toBe(true);
		await Promise.all([store.close(), other.close()]);
	});

	it("never gives a version twice, though the store has forgotten all", async () => {
		const store = await open();
		const first = await store.commit("s", [{ key: "k", value: "1" }]);
		await server.close();
		const { port } = server;
		server = await RedisServer.start(port);
		let again: Awaited<ReturnType<RedisStore["commit"]>> | null = null;
		const retry = async () => {
			again = await store.commit("s", [{ key: "k", expect: 0, value: "1" }]).catch(() => null);
			return again;
		};
		await expect.poll(retry, { timeout: 10_000 }).toHaveProperty("version");
		const versions = [first, again].map((one) =>
			one && "version" in one ? one.version : Number.NaN,
		);
		expect(versions[1]).toBeGreaterThan(versions[0] as number);
		await store.close();
	});

	it("waits no longer than it should for a store that hangs", async () => {
		const store = await open({ timeoutMs: 100 });
		server.signal("SIGSTOP");
		await expect(store.get("s", "k")).rejects.toThrow(StoreDown);
		server.signal("SIGCONT");
		await expect.poll(() => store.get("s", "k").catch(() => "down")).not.toBe("down");
		await store.close();
	});

	it("is refused by name where nobody answers, and where the address is none", async () => {
		const { port } = server;
		const log = silentLog;
		await expect(RedisStore.open({ url: "http://127.0.0.1", log })).rejects.toThrow(/redis:\/\//);
		await server.kill();
		const url = `redis://127.0.0.1:${port}`;
		await expect(RedisStore.open({ url, log, timeoutMs: 300 })).rejects.toThrow(StoreDown);
		await server.run();
	});
});
