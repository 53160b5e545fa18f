import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import type { Change, Entry, Store, Update } from "../../server/match/store/store.ts";
import { holdsAsync } from "../support/holds.ts";

export interface StoreHarness {
	store: Store;
	/** Another way to the same entries: another process's, where there are processes. */
	other: Store;
	/** Lets so many ms go by. */
	advance(ms: number): Promise<void>;
	/** Waits until watchers have heard of all that was committed. */
	settle(): Promise<void>;
	close(): Promise<void>;
}

/** Short enough to wait for in real time, and longer than a step of a slow machine. */
const TTL_MS = 300;

function version(result: Awaited<ReturnType<Store["commit"]>>): number {
	if (!("version" in result)) throw new Error(`no commit: ${JSON.stringify(result)}`);
	return result.version;
}

/** Keeps what it hears, and what there is by it. */
class Listener {
	readonly heard: Update[] = [];
	readonly entries = new Map<string, string>();
	resets = 0;

	reset(entries: readonly Entry[]): void {
		this.resets++;
		this.entries.clear();
		for (const { key, value } of entries) this.entries.set(key, value);
	}

	update(update: Update): void {
		this.heard.push(update);
		if (update.value === null) this.entries.delete(update.key);
		else this.entries.set(update.key, update.value);
	}
}

/** What every store promises; `make` gives an empty one. */
export function storeSuite(name: string, make: () => Promise<StoreHarness>): void {
	describe(`store: ${name}`, () => {
		let harness: StoreHarness;
		let store: Store;
		beforeEach(async () => {
			harness = await make();
			store = harness.store;
		});
		afterEach(() => harness.close());

		it("gives back what was put, to everybody, in its own space only", async () => {
			const put = version(await store.commit("a", [{ key: "k", value: "Ä\n\0 €" }]));
			expect(await harness.other.get("a", "k")).toMatchObject({
				key: "k",
				value: "Ä\n\0 €",
				version: put,
			});
			expect(await store.get("b", "k")).toBeNull();
			expect(await store.get("a", "other")).toBeNull();
		});

		it("keeps an empty value apart from none", async () => {
			await store.commit("a", [{ key: "k", value: "" }]);
			expect((await store.get("a", "k"))?.value).toBe("");
		});

		it("takes only what was expected: the version that stands there, or nothing", async () => {
			const first = version(await store.commit("a", [{ key: "k", expect: 0, value: "1" }]));
			expect(await store.commit("a", [{ key: "k", expect: 0, value: "2" }])).toEqual({
				conflict: "k",
			});
			const second = version(await store.commit("a", [{ key: "k", expect: first, value: "2" }]));
			expect(second).toBeGreaterThan(first);
			expect(await store.commit("a", [{ key: "k", expect: first, value: "3" }])).toEqual({
				conflict: "k",
			});
			expect((await store.get("a", "k"))?.value).toBe("2");
		});

		it("never gives a version twice, so that what was removed and put anew is another", async () => {
			const first = version(await store.commit("a", [{ key: "k", value: "same" }]));
			await store.commit("a", [{ key: "k", expect: first, value: null }]);
			const again = version(await store.commit("a", [{ key: "k", expect: 0, value: "same" }]));
			expect(again).toBeGreaterThan(first);
			expect(await store.commit("a", [{ key: "k", expect: first, value: null }])).toEqual({
				conflict: "k",
			});
		});

		it("does all of a commit or nothing", async () => {
			const a = version(await store.commit("s", [{ key: "a", value: "1" }]));
			const refused = await store.commit("s", [
				{ key: "new", expect: 0, value: "1" },
				{ key: "a", expect: a, value: null },
				{ key: "b", expect: 12345, value: "1" },
			]);
			expect(refused).toEqual({ conflict: "b" });
			expect((await store.list("s")).map(({ key, value }) => [key, value])).toEqual([["a", "1"]]);
		});

		it("lets a change only check, and remove what is not there", async () => {
			const fence = version(await store.commit("s", [{ key: "fence", value: "me" }]));
			await store.commit("s", [
				{ key: "fence", expect: fence },
				{ key: "k", value: "1" },
				{ key: "nothing", value: null },
			]);
			expect((await store.get("s", "fence"))?.version).toBe(fence);
			await store.commit("s", [{ key: "fence", value: "another" }]);
			const late = await store.commit("s", [
				{ key: "fence", expect: fence },
				{ key: "k", value: "2" },
			]);
			expect(late).toEqual({ conflict: "fence" });
			expect((await store.get("s", "k"))?.value).toBe("1");
		});

		it("lists by key, and by the beginning of keys", async () => {
			await store.commit("s", [
				{ key: "b/2", value: "x" },
				{ key: "a/1", value: "y" },
				{ key: "b/1", value: "z" },
				{ key: "b*", value: "w" },
			]);
			expect((await store.list("s")).map(({ key }) => key)).toEqual(["a/1", "b*", "b/1", "b/2"]);
			expect((await store.list("s", "b/")).map(({ value }) => value)).toEqual(["z", "x"]);
			expect(await store.list("s", "b/1/")).toEqual([]);
		});

		it("ends entries when their time is over, and not before", async () => {
			await store.commit("s", [
				{ key: "short", value: "1", ttlMs: TTL_MS },
				{ key: "long", value: "1", ttlMs: 100 * TTL_MS },
				{ key: "for ever", value: "1" },
			]);
			expect(await store.get("s", "short")).not.toBeNull();
			await harness.advance(TTL_MS + 1);
			expect(await store.get("s", "short")).toBeNull();
			expect((await store.list("s")).map(({ key }) => key)).toEqual(["for ever", "long"]);
			expect(await store.commit("s", [{ key: "short", expect: 0, value: "2" }])).toHaveProperty(
				"version",
			);
		});

		it("counts an entry's time from its last change", async () => {
			const put = version(await store.commit("s", [{ key: "k", value: "1", ttlMs: TTL_MS }]));
			await harness.advance(TTL_MS / 2);
			await store.commit("s", [{ key: "k", expect: put, value: "2", ttlMs: 2 * TTL_MS }]);
			await harness.advance(TTL_MS);
			expect((await store.get("s", "k"))?.value).toBe("2");
			await store.commit("s", [{ key: "k", value: "3" }]);
			await harness.advance(2 * TTL_MS);
			store.sweep();
			expect((await store.get("s", "k"))?.value).toBe("3");
		});

		it("gives one of many who want the same key what they want", async () => {
			const stores = [store, harness.other];
			const tries = Array.from({ length: 40 }, (_, i) =>
				(stores[i % 2] as Store).commit("s", [{ key: "once", expect: 0, value: String(i) }]),
			);
			const won = (await Promise.all(tries)).filter((result) => "version" in result);
			expect(won).toHaveLength(1);
		});

		it("loses no change of many who count at the same time", async () => {
			const count = async (via: Store): Promise<void> => {
				for (let done = 0; done < 10; ) {
					const found = await via.get("s", "n");
					const value = String(Number(found?.value ?? 0) + 1);
					const result = await via.commit("s", [{ key: "n", expect: found?.version ?? 0, value }]);
					if ("version" in result) done++;
				}
			};
			await Promise.all([count(store), count(harness.other), count(store), count(harness.other)]);
			expect((await store.get("s", "n"))?.value).toBe("40");
		});

		it("tells a watcher what there is, and then each change once and in order", async () => {
			await store.commit("s", [{ key: "before", value: "1" }]);
			const listener = new Listener();
			const stop = await harness.other.watch("s", listener);
			expect(listener.resets).toBe(1);
			expect([...listener.entries]).toEqual([["before", "1"]]);
			for (let i = 0; i < 20; i++) await store.commit("s", [{ key: `k${i % 3}`, value: `${i}` }]);
			await store.commit("s", [
				{ key: "before", value: null },
				{ key: "k0", value: null },
			]);
			await store.commit("elsewhere", [{ key: "k", value: "1" }]);
			await store.commit("s", [{ key: "fence", expect: 99, value: "no" }]);
			await harness.settle();
			const values = listener.heard.map(({ value }) => value).filter((value) => value !== null);
			expect(values).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
			expect(Object.fromEntries(listener.entries)).toEqual({ k1: "19", k2: "17" });
			stop();
			await store.commit("s", [{ key: "after", value: "1" }]);
			await harness.settle();
			expect(listener.entries.has("after")).toBe(false);
		});

		it("tells a watcher of entries whose time is over, once swept", async () => {
			const listener = new Listener();
			await harness.other.watch("s", listener);
			await store.commit("s", [
				{ key: "short", value: "1", ttlMs: TTL_MS },
				{ key: "long", value: "1", ttlMs: 100 * TTL_MS },
			]);
			await harness.advance(TTL_MS + 1);
			store.sweep();
			harness.other.sweep();
			await harness.settle();
			expect([...listener.entries.keys()]).toEqual(["long"]);
			expect(listener.heard.filter(({ value }) => value === null)).toHaveLength(1);
		});

		it("refuses as a bug what no store takes", async () => {
			const { storeChanges, storeKeyBytes, storeValueBytes } = MATCH_LIMITS;
			const bad: Change[][] = [
				[{ key: "", value: "1" }],
				[{ key: "k".repeat(storeKeyBytes + 1), value: "1" }],
				[{ key: "k", value: "ä".repeat(storeValueBytes / 2 + 1) }],
				[{ key: "k", value: "1", ttlMs: 0 }],
				[{ key: "k", value: "1", ttlMs: Number.NaN }],
				[
					{ key: "k", value: "1" },
					{ key: "k", value: "2" },
				],
				Array.from({ length: storeChanges + 1 }, (_, i) => ({ key: `${i}`, value: "1" })),
			];
			for (const changes of bad)
				await expect(store.commit("s", changes)).rejects.toThrow(RangeError);
			expect(await store.list("s")).toEqual([]);
			const most: Change = { key: "k".repeat(storeKeyBytes), value: "v".repeat(storeValueBytes) };
			expect(await store.commit("s", [most])).toHaveProperty("version");
		});

		it("does what a simple model does, whatever is asked", async () => {
			const keys = fc.constantFrom("a", "b", "c");
			const change = fc.record(
				{
					key: keys,
					expect: fc.constantFrom("absent", "present", "stale"),
					value: fc.option(fc.string({ maxLength: 4 }), { nil: null }),
				},
				{ requiredKeys: ["key"] },
			);
			const commits = fc.array(
				fc.uniqueArray(change, { selector: ({ key }) => key, minLength: 1, maxLength: 3 }),
				{ maxLength: 12 },
			);
			let run = 0;
			await holdsAsync(
				fc.asyncProperty(commits, async (all) => {
					const space = `model${run++}`;
					const model = new Map<string, { value: string; version: number }>();
					for (const wanted of all) {
						const changes = wanted.map(({ expect: kind, ...rest }): Change => {
							if (kind === undefined) return rest;
							const stands = model.get(rest.key)?.version ?? 0;
							return {
								...rest,
								expect: kind === "absent" ? 0 : stands + (kind === "stale" ? 7 : 0),
							};
						});
						const wrong = changes.find(
							({ key, expect: e }) => e !== undefined && e !== (model.get(key)?.version ?? 0),
						);
						const result = await store.commit(space, changes);
						if (wrong) {
							expect(result).toEqual({ conflict: wrong.key });
							continue;
						}
						for (const { key, value } of changes) {
							if (typeof value === "string") model.set(key, { value, version: version(result) });
							else if (value === null) model.delete(key);
						}
					}
					const listed = await harness.other.list(space);
					const expected = [...model].sort().map(([key, rest]) => ({ key, ...rest }));
					expect(listed.map(({ key, value, version: v }) => ({ key, value, version: v }))).toEqual(
						expected,
					);
				}),
				60,
			);
		});
	});
}
