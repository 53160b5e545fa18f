import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffRooms } from "../../server/match/lobby/diff-rooms.ts";
import { type Listing, readMetadata } from "../../server/match/lobby/listing.ts";
import { newCode, readCode } from "../../server/match/lobby/room-code.ts";
import { type FoundRooms, RoomIndex } from "../../server/match/lobby/room-index.ts";
import { readRoomQuery } from "../../server/match/lobby/room-query.ts";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { holds } from "../support/holds.ts";

function room(id: string, more: Partial<Listing> = {}): Listing {
	const base = { game: "arena", version: 1, players: 0, maxPlayers: 8, locked: false };
	return { id, ...base, password: false, metadata: {}, openedMs: 0, ...more };
}

function query(given: Parameters<typeof readRoomQuery>[0]) {
	const read = readRoomQuery(given);
	if ("problem" in read) throw new Error(read.problem);
	return read;
}

describe("a question for rooms", () => {
	const index = new RoomIndex();
	index.put(room("a", { players: 3, metadata: { mode: "ctf", level: 2, ranked: true } }));
	index.put(room("b", { players: 7, metadata: { mode: "ctf", level: 3 } }));
	index.put(room("c", { players: 5, locked: true, metadata: { mode: "koth", level: 10 } }));
	index.put(room("d", { players: 1 }));
	index.put(room("e", { game: "swarm", players: 2, metadata: { mode: "ctf", level: "7" } }));
	const ids = (given: Parameters<typeof readRoomQuery>[0]) =>
		index
			.find(query(given))
			.rooms.map(({ id }) => id)
			.join("");

	it("finds those that fit, the fullest first", () => {
		expect(ids({})).toBe("bcaed");
		expect(ids({ game: "arena" })).toBe("bcad");
		expect(ids({ where: "mode:ctf" })).toBe("bae");
		expect(ids({ game: "arena", where: "mode:ctf,level>=3" })).toBe("b");
		expect(ids({ where: "mode=koth|none" })).toBe("c");
		expect(ids({ where: "mode!=ctf" })).toBe("cd");
		expect(ids({ where: "mode!=ctf|koth" })).toBe("d");
		expect(ids({ where: "level>2" })).toBe("bc");
		expect(ids({ where: "level<3" })).toBe("a");
		expect(ids({ where: "level<=3.0" })).toBe("ba");
		expect(ids({ where: "level:7" })).toBe("e");
		expect(ids({ where: "locked:false,free>2" })).toBe("aed");
		expect(ids({ where: "ranked:true" })).toBe("a");
		expect(ids({ where: "id:d" })).toBe("d");
		expect(ids({ game: "tetris" })).toBe("");
		expect(ids({ where: "constructor:x" })).toBe("");
	});

	it("orders them as asked, those without the field last, and shows no more than asked", () => {
		expect(ids({ game: "arena", sort: "level" })).toBe("abcd");
		expect(ids({ game: "arena", sort: "-level" })).toBe("cbad");
		expect(ids({ sort: "mode,-players" })).toBe("baecd");
		expect(ids({ sort: "id" })).toBe("abcde");
		expect(ids({ limit: "2" })).toBe("bc");
		expect(index.find(query({ limit: "2" })).total).toBe(5);
	});

	it("shows the first ones of all in order, however few are asked for", () => {
		const some = fc.array(fc.record({ players: fc.nat(3), maxPlayers: fc.nat(3) }), {
			maxLength: 30,
		});
		holds(
			fc.property(some, fc.integer({ min: 1, max: 12 }), (all, limit) => {
				const own = new RoomIndex();
				all.forEach((more, i) => {
					own.put(room(`r${i}`, more));
				});
				const asked = query({ sort: "maxPlayers,-players", limit: String(limit) });
				const whole = query({ sort: "maxPlayers,-players", limit: "100" });
				const { rooms, total } = own.find(asked);
				expect(total).toBe(all.length);
				expect(rooms).toEqual([...own.find(whole).rooms].sort(asked.order).slice(0, limit));
			}),
		);
	});

	it("is refused when it is none, whatever it is", () => {
		const wrong: Parameters<typeof readRoomQuery>[0][] = [
			{ where: "mode" },
			{ where: ":ctf" },
			{ where: "level>x" },
			{ where: "level>" },
			{ where: "level>=Infinity" },
			{ where: "mo de:ctf" },
			{ where: `a:${"b|".repeat(MATCH_LIMITS.queryChoices)}` },
			{
				where: Array(MATCH_LIMITS.queryTerms + 1)
					.fill("a:b")
					.join(","),
			},
			{ where: `a:${"b".repeat(MATCH_LIMITS.queryChars)}` },
			{ sort: "a,b,c,d,e" },
			{ sort: "-" },
			{ sort: "a b" },
			{ limit: "0" },
			{ limit: "101" },
			{ limit: "x" },
			{ limit: "1.5" },
		];
		for (const given of wrong)
			expect([given, readRoomQuery(given)]).toEqual([given, { problem: expect.any(String) }]);
		holds(
			fc.property(fc.string(), fc.string(), fc.string(), (where, sort, limit) => {
				const read = readRoomQuery({ where, sort, limit });
				if (!("problem" in read)) index.find(read);
			}),
			500,
		);
	});

	it("finds a room no more that is gone or of another game, and counts changes", () => {
		const own = new RoomIndex();
		own.put(room("a"));
		own.put(room("a", { game: "swarm" }));
		expect(own.find(query({ game: "arena" })).total).toBe(0);
		expect(own.find(query({ game: "swarm" })).total).toBe(1);
		const { version } = own;
		own.remove("a");
		own.remove("a");
		expect([own.size, own.version - version]).toEqual([0, 1]);
	});
});

describe("metadata", () => {
	it("are words with plain values, 1 KiB at most", () => {
		const good = { mode: "ctf", level: 3, ranked: false };
		expect(readMetadata(good)).toBe(good);
		const wrong = [
			null,
			[],
			"mode",
			{ "a b": 1 },
			{ players: 7 },
			{ a: null },
			{ a: {} },
			{ a: Number.NaN },
			{ a: "\ud800" },
			{ a: "ä".repeat(600) },
			{ ["a".repeat(33)]: 1 },
			JSON.parse('{"__proto__": 1}'),
		];
		for (const given of wrong) expect(readMetadata(given)).toHaveProperty("problem");
	});
});

describe("changes of a list", () => {
	const found = (...rooms: Listing[]): FoundRooms => ({ rooms, total: rooms.length });

	it("are what is another, and nothing when nothing is", () => {
		const a = room("a", { metadata: { mode: "ctf" } });
		const same = room("a", { metadata: { mode: "ctf" } });
		expect(diffRooms(found(a), found(same))).toBeNull();
		const fuller = room("a", { players: 1 });
		expect(diffRooms(found(a, room("b")), found(fuller, room("c")))).toEqual({
			put: [fuller, room("c")],
			gone: ["b"],
			total: 2,
		});
		expect(diffRooms({ rooms: [a], total: 1 }, { rooms: [a], total: 2 })).toEqual({
			put: [],
			gone: [],
			total: 2,
		});
	});

	it("bring whoever has the old list to the new one, however they differ", () => {
		const some = fc.uniqueArray(
			fc.record({
				id: fc.constantFrom("a", "b", "c", "d"),
				players: fc.nat(3),
				locked: fc.boolean(),
				password: fc.boolean(),
				openedMs: fc.nat(1),
				metadata: fc.constantFrom<Listing["metadata"][]>({}, { mode: "ctf" }, { mode: "x" }),
			}),
			{ selector: ({ id }) => id },
		);
		holds(
			fc.property(some, some, (old, now) => {
				const before = found(...old.map(({ id, ...more }) => room(id, more)));
				const after = found(...now.map(({ id, ...more }) => room(id, more)));
				const shown = new Map(before.rooms.map((one) => [one.id, one]));
				const changes = diffRooms(before, after);
				for (const one of changes?.put ?? []) shown.set(one.id, one);
				for (const id of changes?.gone ?? []) shown.delete(id);
				const byId = (a: Listing, b: Listing) => (a.id < b.id ? -1 : 1);
				expect([...shown.values()].sort(byId)).toEqual([...after.rooms].sort(byId));
				for (const one of changes?.put ?? []) expect(before.rooms).not.toContainEqual(one);
			}),
			500,
		);
	});
});

describe("a room's code", () => {
	it("is found again however it was typed, and nothing else is", () => {
		for (let i = 0; i < 100; i++) {
			const code = newCode();
			expect(code).toMatch(/^[A-HJKMNP-TV-Z2-9]{6}$/);
			expect(readCode(` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `)).toBe(code);
		}
		for (const none of [null, 7, "", "ABC", "ABCDEFG", "ABCDE0", "ABCDEI", "A".repeat(1000)]) {
			expect(readCode(none)).toBeNull();
		}
	});
});
