import { describe, expect, it } from "vitest";
import { MemoryStore } from "../../server/match/store/memory-store.ts";
import { Mirror } from "../../server/match/store/mirror.ts";
import { storeSuite } from "./store-suite.ts";

storeSuite("memory", async () => {
	let nowMs = 1_000;
	const store = new MemoryStore({ now: () => nowMs });
	return {
		store,
		other: store,
		advance: async (ms) => {
			nowMs += ms;
		},
		settle: async () => {},
		close: () => store.close(),
	};
});

describe("the store in memory", () => {
	it("takes no more entries than it may hold, and makes room by what is over", async () => {
		let nowMs = 0;
		const store = new MemoryStore({ now: () => nowMs, maxEntries: 3 });
		for (const key of ["a", "b", "c"]) await store.commit("s", [{ key, value: "1", ttlMs: 10 }]);
		expect(await store.commit("s", [{ key: "d", value: "1" }])).toEqual({ full: true });
		expect(await store.commit("t", [{ key: "d", value: "1" }])).toHaveProperty("version");
		expect(await store.commit("s", [{ key: "c", value: "2", ttlMs: 10 }])).toHaveProperty(
			"version",
		);
		const swapped = [
			{ key: "a", value: null },
			{ key: "d", value: "1" },
		];
		expect(await store.commit("s", swapped)).toHaveProperty("version");
		nowMs = 10;
		expect(await store.commit("s", [{ key: "e", value: "1" }])).toHaveProperty("version");
		expect((await store.list("s")).map(({ key }) => key)).toEqual(["d", "e"]);
	});

	it("lets a watcher change the space it hears of, and tells everybody in order", async () => {
		const store = new MemoryStore({ now: () => 0 });
		const heard: string[] = [];
		await store.watch("s", {
			reset: () => {},
			update: ({ key }) => {
				if (key === "first") void store.commit("s", [{ key: "second", value: "1" }]);
			},
		});
		await store.watch("s", { reset: () => {}, update: ({ key }) => heard.push(key) });
		await store.commit("s", [{ key: "first", value: "1" }]);
		expect(heard).toEqual(["first", "second"]);
	});
});

describe("a mirror", () => {
	it("is as the space is, without what it cannot read, until it is closed", async () => {
		let nowMs = 0;
		const store = new MemoryStore({ now: () => nowMs });
		await store.commit("s", [{ key: "a", value: "1" }]);
		const changes: (string | null)[] = [];
		const mirror = new Mirror<number>(
			(text) => (/^\d+$/.test(text) ? Number(text) : null),
			(key) => changes.push(key),
		);
		await mirror.open(store, "s");
		await store.commit("s", [{ key: "b", value: "2", ttlMs: 5 }]);
		await store.commit("s", [{ key: "c", value: "no number" }]);
		expect(Object.fromEntries(mirror.entries)).toEqual({ a: 1, b: 2 });
		await store.commit("s", [{ key: "a", value: "worse" }]);
		nowMs = 5;
		store.sweep();
		expect(Object.fromEntries(mirror.entries)).toEqual({});
		expect(changes).toEqual([null, "b", "c", "a", "b"]);
		mirror.close();
		await store.commit("s", [{ key: "a", value: "3" }]);
		expect(mirror.entries.size).toBe(0);
	});
});
