import { describe, expect, it } from "vitest";
import { MATCH_LIMITS } from "../../server/match/match-limits.ts";
import { Queue } from "../../server/match/queues/queue.ts";
import { readQueueConfig } from "../../server/match/queues/queue-config.ts";
import type { MatchRecord } from "../../server/match/queues/queue-records.ts";
import { QueueRunner } from "../../server/match/queues/queue-runner.ts";
import { MemoryStore } from "../../server/match/store/memory-store.ts";

function queueOf(json: object) {
	const config = readQueueConfig({ name: "q", game: "arena", ...json });
	if ("problem" in config) throw new Error(config.problem);
	const time = { ms: 1_000_000 };
	const now = () => time.ms;
	const store = new MemoryStore({ now });
	const queue = new Queue({ config, store, now });
	/** Users in the rooms that are open, by match; null for one that is over. */
	const rooms = new Map<string, string[] | null>();
	const isFull = { rooms: false };
	const placed: MatchRecord[] = [];
	const newRunner = () =>
		new QueueRunner({
			config,
			store,
			now,
			rooms: {
				place: async (match) => {
					if (isFull.rooms) return false;
					placed.push(match);
					if (!rooms.has(match.id)) rooms.set(match.id, []);
					return true;
				},
				look: async (matches) => new Map(matches.map((id) => [id, rooms.get(id) ?? null])),
			},
		});
	const runner = newRunner();
	const enter = async (...users: string[]): Promise<string> => {
		// nobody comes at the same moment: who came first is first
		time.ms++;
		const members = users.map((user) => ({ user, name: null, rating: 1_500 }));
		const ticket = await queue.enter(members, []);
		if ("error" in ticket) throw new Error(ticket.error);
		return ticket.id;
	};
	const look = async (id: string) => {
		const view = await queue.look(id);
		if ("error" in view) throw new Error(view.error);
		return view;
	};
	const cycle = async (ms = 500) => {
		time.ms += ms;
		store.sweep();
		await runner.cycle();
	};
	const states = (...ids: string[]) => Promise.all(ids.map(async (id) => (await look(id)).state));
	return {
		time,
		store,
		queue,
		rooms,
		isFull,
		placed,
		runner,
		newRunner,
		enter,
		look,
		cycle,
		states,
	};
}

describe("a queue", () => {
	it("puts two together, tells both where, and lets them queue again afterwards", async () => {
		const { enter, cycle, look, queue } = queueOf({ teams: 2, teamSize: 1 });
		const a = await enter("ada");
		expect(await look(a)).toMatchObject({ state: "waiting", match: null });
		const b = await enter("bob");
		await cycle();
		const [first, second] = [await look(a), await look(b)];
		expect(first).toMatchObject({
			state: "placed",
			match: { state: "open", awaited: expect.arrayContaining(["ada", "bob"]) },
		});
		expect(second.match?.id).toBe(first.match?.id);
		expect(await queue.enter([{ user: "ada", name: null, rating: null }], [])).toHaveProperty("id");
	});

	it("lets nobody wait twice, alone or in a party, nor in a party too large", async () => {
		const { enter, queue } = queueOf({ teams: 2, teamSize: 2 });
		await enter("ada", "bob");
		const again = (...users: string[]) =>
			queue.enter(
				users.map((user) => ({ user, name: null, rating: null })),
				[],
			);
		expect(await again("bob")).toMatchObject({ error: "ERR_QUEUE_TWICE" });
		expect(await again("cy", "ada")).toMatchObject({ error: "ERR_QUEUE_TWICE" });
		expect(await again("cy", "dan", "eve")).toMatchObject({ error: "ERR_PARTY_TOO_LARGE" });
		expect(await queue.enter([], ["mars"])).toMatchObject({ error: "ERR_BODY_INVALID" });
		expect(await again("cy")).toHaveProperty("id");
	});

	it("lets a ticket's own users take it back, and nobody else", async () => {
		const { enter, cycle, queue, states } = queueOf({ teams: 2, teamSize: 1 });
		const a = await enter("ada");
		expect(await queue.cancel(a, "eve")).toMatchObject({ error: "ERR_QUEUE_TICKET" });
		expect(await queue.cancel(a, "ada")).toBeNull();
		const b = await enter("bob");
		await cycle();
		expect(await states(a, b)).toEqual(["cancelled", "waiting"]);
		expect(await queue.cancel(a, "ada")).toMatchObject({ error: "ERR_QUEUE_TICKET" });
	});

	it("ends the waiting of those for whom nobody comes, and forgets them", async () => {
		const { enter, cycle, states, queue, store } = queueOf({
			teams: 2,
			teamSize: 1,
			ticketMs: 5_000,
		});
		const a = await enter("ada");
		await cycle(4_999);
		expect(await states(a)).toEqual(["waiting"]);
		await cycle(1);
		expect(await states(a)).toEqual(["expired"]);
		await enter("ada");
		await cycle(MATCH_LIMITS.outcomeMs);
		expect(await queue.look(a)).toMatchObject({ error: "ERR_QUEUE_TICKET" });
		await cycle(MATCH_LIMITS.outcomeMs);
		expect((await store.list("queue q")).map(({ key }) => key)).toEqual(["lead"]);
	});
});

describe("a match that is to be accepted", () => {
	it("begins when all have", async () => {
		const { enter, cycle, queue, states } = queueOf({ teams: 2, teamSize: 1, acceptMs: 5_000 });
		const [a, b] = [await enter("ada"), await enter("bob")];
		await cycle();
		expect(await states(a, b)).toEqual(["matched", "matched"]);
		expect(await queue.answer(a, "bob", true)).toMatchObject({ error: "ERR_QUEUE_TICKET" });
		await queue.answer(a, "ada", true);
		await cycle();
		expect(await states(a, b)).toEqual(["matched", "matched"]);
		await queue.answer(b, "bob", true);
		await cycle();
		expect(await states(a, b)).toEqual(["placed", "placed"]);
	});

	it("ends at once for who declines, and for nobody else, however long they think", async () => {
		const { enter, cycle, queue, states, look, time } = queueOf({
			teams: 3,
			teamSize: 1,
			acceptMs: 5_000,
		});
		const since = time.ms + 1;
		const [a, b, c] = [await enter("ada"), await enter("bob"), await enter("cy")];
		await cycle();
		await queue.answer(a, "ada", true);
		await queue.cancel(b, "bob");
		expect(await queue.answer(b, "bob", true)).toMatchObject({ error: "ERR_QUEUE_TICKET" });
		await cycle();
		expect(await states(a, b, c)).toEqual(["waiting", "declined", "waiting"]);
		expect((await look(a)).sinceMs).toBe(since);
		await enter("bob");
		await cycle();
		expect(await states(a, c)).toEqual(["matched", "matched"]);
	});

	it("ends for those who do not answer in time", async () => {
		const { enter, cycle, queue, states } = queueOf({ teams: 2, teamSize: 1, acceptMs: 5_000 });
		const [a, b] = [await enter("ada"), await enter("bob")];
		await cycle();
		await queue.answer(a, "ada", true);
		await cycle(4_999);
		expect(await states(a, b)).toEqual(["matched", "matched"]);
		await cycle(1);
		expect(await states(a, b)).toEqual(["waiting", "declined"]);
	});
});

describe("a match that is played", () => {
	async function running() {
		const world = queueOf({ teams: 2, teamSize: 1, reserveMs: 10_000 });
		const a = await world.enter("ada");
		await world.enter("bob");
		await world.cycle();
		const id = (await world.look(a)).match?.id as string;
		return { ...world, id };
	}

	it("gives the seats of those who do not come to others", async () => {
		const { id, rooms, enter, cycle, states, placed, look } = await running();
		rooms.set(id, ["ada"]);
		const c = await enter("cy");
		await cycle(9_500);
		expect(await states(c)).toEqual(["waiting"]);
		await cycle(500);
		await cycle();
		expect(await states(c)).toEqual(["placed"]);
		expect((await look(c)).match?.id).toBe(id);
		expect(placed.at(-1)).toMatchObject({ id, awaited: ["cy"], teams: [["ada"], ["cy"]] });
	});

	it("gives the seats of those who leave to others, and goes on when there is no room for them", async () => {
		const { id, rooms, isFull, enter, cycle, states, look, time } = await running();
		rooms.set(id, ["ada", "bob"]);
		await cycle();
		rooms.set(id, ["ada"]);
		await cycle();
		isFull.rooms = true;
		const c = await enter("cy");
		await cycle();
		expect(await states(c)).toEqual(["matched"]);
		await cycle(MATCH_LIMITS.placeMs);
		expect(await states(c)).toEqual(["waiting"]);
		isFull.rooms = false;
		await cycle();
		expect(await states(c)).toEqual(["placed"]);
		expect((await look(c)).match?.id).toBe(id);
		expect(time.ms).toBeGreaterThan(0);
	});

	it("is remembered for as long as its room is open, so that its users come back, and no longer", async () => {
		const { id, rooms, cycle, queue } = await running();
		rooms.set(id, ["ada", "bob"]);
		for (let i = 0; i < 20; i++) await cycle(MATCH_LIMITS.matchMs / 4);
		expect(await queue.matchOf("bob")).toMatchObject({ id });
		expect(await queue.matchOf("eve")).toBeNull();
		rooms.delete(id);
		await cycle();
		expect(await queue.matchOf("bob")).toBeNull();
	});

	it("is given up when it finds no room, and its players wait on", async () => {
		const { enter, cycle, states, isFull, placed } = queueOf({ teams: 2, teamSize: 1 });
		isFull.rooms = true;
		const [a, b] = [await enter("ada"), await enter("bob")];
		await cycle();
		await cycle(MATCH_LIMITS.placeMs);
		expect(await states(a, b)).toEqual(["waiting", "waiting"]);
		isFull.rooms = false;
		await cycle();
		expect(await states(a, b)).toEqual(["placed", "placed"]);
		expect(placed).toHaveLength(1);
	});
});

describe("a queue's leader", () => {
	it("is one, and another when it is gone or says so", async () => {
		const { newRunner, time } = queueOf({ teams: 2, teamSize: 1 });
		const [first, second] = [newRunner(), newRunner()];
		expect([await first.cycle(), await second.cycle()]).toEqual([true, false]);
		time.ms += MATCH_LIMITS.leadMs - 1;
		expect([await first.cycle(), await second.cycle()]).toEqual([true, false]);
		time.ms += MATCH_LIMITS.leadMs;
		expect([await second.cycle(), await first.cycle()]).toEqual([true, false]);
		await second.close();
		expect(await first.cycle()).toBe(true);
	});
});
