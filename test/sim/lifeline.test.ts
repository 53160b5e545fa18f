import { beforeAll, describe, expect, it } from "vitest";
import type { Room, RoomStatus } from "../../client/index.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { createWorld, type EnterOptions, type World } from "../../testing/index.ts";
import { loadFixture } from "../support/load-fixture.ts";

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

const NEVER = { clientMs: Number.POSITIVE_INFINITY, serverMs: Number.POSITIVE_INFINITY };

async function enter(options: Partial<EnterOptions> = {}): Promise<{ world: World; ann: Room }> {
	const world = await createWorld({ games: [dots], seed: 3, link: { delayMs: 30 } });
	const ann = await world.connect({ game: "dots", name: "Ann", ...options });
	await world.run(3_000);
	return { world, ann };
}

/** Ends the server's rooms as a restart does: who was there is told, and nothing is remembered. */
function restart({ directory }: World): void {
	for (const room of [...directory.rooms.values()]) {
		room.seats.clear("ERR_SERVER_SHUTDOWN", "restart");
		directory.close(room, "shutdown");
	}
}

describe("a line that dies without a word", () => {
	it("is found out in some seconds, and the seat is had again", async () => {
		const { world, ann } = await enter();
		const { player, id } = ann;
		const heard: [RoomStatus, number][] = [];
		const cutMs = world.nowMs;
		ann.onStatus((status) => heard.push([status, world.nowMs - cutMs]));
		world.linkOf(ann).cut(NEVER);
		await world.run(8_000);
		expect(heard.map(([status]) => status)).toEqual(["reconnecting", "playing"]);
		expect(heard[0]?.[1]).toBeGreaterThan(4_500);
		expect(heard[1]?.[1]).toBeLessThan(8_000);
		expect([ann.player, ann.id]).toEqual([player, id]);
	});

	it.each([
		["in a hidden tab, with timers once a second", 1_000],
		["in a page whose timers are slower still", 60_000],
	])("is not suspected where it lives, %s", async (_, everyMs) => {
		const { world, ann } = await enter({ autoPump: false });
		world.every(everyMs, () => ann.pump());
		await world.run(10 * 60_000);
		expect([ann.status, ann.reconnects]).toEqual(["playing", 0]);
	});

	it("is not suspected while the room stands still", async () => {
		const { world, ann } = await enter();
		world.serverRoomOf(ann)?.pause();
		await world.run(60_000);
		expect([ann.status, ann.reconnects]).toEqual(["playing", 0]);
	});

	it("is not suspected by a client that slept, when it lives", async () => {
		const { world, ann } = await enter({ autoPump: false });
		let isAwake = true;
		world.every(33, () => {
			if (isAwake) ann.pump();
		});
		await world.run(2_000);
		for (const sleepMs of [4_000, 30_000, 60_000]) {
			isAwake = false;
			world.linkOf(ann).stopReading();
			await world.run(sleepMs);
			isAwake = true;
			// a timer comes before what waits in the socket
			ann.pump();
			world.linkOf(ann).read();
			await world.run(10_000);
			expect([ann.status, ann.reconnects]).toEqual(["playing", 0]);
		}
	});

	it("is found out soon after a sleep in which it died", async () => {
		const { world, ann } = await enter({ autoPump: false });
		let isAwake = true;
		world.every(33, () => {
			if (isAwake) ann.pump();
		});
		await world.run(2_000);
		isAwake = false;
		world.linkOf(ann).cut(NEVER);
		await world.run(20_000);
		isAwake = true;
		await world.run(3_500);
		expect([ann.status, ann.reconnects]).toEqual(["playing", 1]);
	});

	it("is found out sooner when the page hears of another network", async () => {
		let changed = (): void => {};
		const { world, ann } = await enter({
			watchPage: (listener) => {
				changed = listener;
				return () => {};
			},
		});
		world.linkOf(ann).cut(NEVER);
		changed();
		await world.run(3_200);
		expect([ann.status, ann.reconnects]).toEqual(["playing", 1]);
		// and a living line is left alone
		changed();
		await world.run(10_000);
		expect(ann.reconnects).toBe(1);
	});

	it("does not wait for its turn when the network is back", async () => {
		let changed = (): void => {};
		const { world, ann } = await enter({
			watchPage: (listener) => {
				changed = listener;
				return () => {};
			},
		});
		world.linkOf(ann).outage(60_000);
		await world.run(60_010);
		expect(ann.status).toBe("reconnecting");
		changed();
		await world.run(300);
		expect(ann.status).toBe("playing");
	});
});

describe("a listener", () => {
	const MOMENTS: Readonly<Record<string, (room: Room, act: () => void) => void>> = {
		"of reconnecting": (room, act) => room.onStatus((s) => s === "reconnecting" && act()),
		"of playing again": (room, act) => room.onStatus((s) => s === "playing" && act()),
		"of the roster": (room, act) => room.onRoster(act),
		"of a snapshot": (room, act) => room.onSnapshot(act),
		"of a notice": (room, act) => room.onNotice(act),
	};

	it.each(Object.keys(MOMENTS))(
		"%s may leave: the room stays closed, and its seat gets free",
		async (moment) => {
			const { world, ann } = await enter();
			const bob = await world.connect({ game: "dots", name: "Bob" });
			const room = world.serverRoomOf(bob);
			const statuses: RoomStatus[] = [];
			ann.onStatus((status) => statuses.push(status));
			MOMENTS[moment]?.(ann, () => ann.leave());
			room?.notify("hello");
			const cleo = await world.connect({ game: "dots", name: "Cleo" });
			world.linkOf(ann).cut();
			await world.run(20_000);
			expect(ann.status).toBe("closed");
			expect(statuses.at(-1)).toBe("closed");
			expect(statuses.filter((status) => status === "closed")).toHaveLength(1);
			expect(room?.players.size).toBe(2);
			expect([bob.status, cleo.status]).toEqual(["playing", "playing"]);
			expect([...bob.roster.values()]).toEqual(["Bob", "Cleo"]);
		},
	);

	it("that throws keeps no other from hearing, and the room goes on", async () => {
		const { world, ann } = await enter();
		const heard: RoomStatus[] = [];
		ann.onStatus(() => {
			throw new Error("of a listener");
		});
		ann.onStatus((status) => heard.push(status));
		world.linkOf(ann).cut();
		await expect(world.run(1)).rejects.toThrow("of a listener");
		await world.run(3_000).catch(() => {});
		await world.run(1_000);
		expect(heard).toEqual(["reconnecting", "playing"]);
		expect(ann.status).toBe("playing");
	});

	it("that was removed by another is not called any more", async () => {
		const { world, ann } = await enter();
		let calls = 0;
		ann.onStatus(() => remove());
		const remove = ann.onStatus(() => calls++);
		world.linkOf(ann).cut();
		await world.run(3_000);
		expect(calls).toBe(0);
	});
});

describe("players whose room is gone", () => {
	it("come together again, those who came by its link too, and under its name", async () => {
		const { world, ann } = await enter();
		const bob = await world.connect({ game: "dots", name: "Bob", room: ann.id });
		const { id } = ann;
		await world.run(500);
		restart(world);
		await world.run(2_500);
		expect([ann.status, bob.status]).toEqual(["playing", "playing"]);
		expect([ann.id, bob.id]).toEqual([id, id]);
		expect(world.directory.rooms.size).toBe(1);
	});

	it("are told for good where they were never in", async () => {
		const { world } = await enter();
		await expect(world.connect({ game: "dots", name: "Eve", room: "AAAAAAAA" })).rejects.toThrow(
			"ERR_ROOM_UNKNOWN",
		);
		const token = "AAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA";
		expect(world.directory.find({ game: "dots", room: "BBBBBBBB", token })).toMatchObject({
			error: "ERR_ROOM_UNKNOWN",
		});
		const long = { game: "dots", room: "A".repeat(40), token: `${"A".repeat(40)}.x` };
		expect(world.directory.find(long)).toMatchObject({ error: "ERR_ROOM_UNKNOWN" });
	});

	it("are let in elsewhere at once when the server says that it is full", async () => {
		const { world, ann } = await enter();
		const { id } = ann;
		world.linkOf(ann).outage(5_000);
		restart(world);
		// others were faster
		const others = world.directory.open(dots, id);
		if ("error" in others) throw new Error(others.detail);
		for (let i = 0; i < 16; i++) await world.connect({ game: "dots", name: `n${i}`, room: id });
		await world.runUntil(() => ann.ending?.name === "ERR_ROOM_FULL");
		await world.run(250);
		expect(ann.status).toBe("playing");
		expect(ann.id).not.toBe(id);
	});

	it("stay away when they were sent away", async () => {
		const { world, ann } = await enter();
		world.viewerOf(ann)?.sink.drop("ERR_KICKED", "of a test");
		await world.run(10_000);
		expect([ann.status, ann.ending?.name]).toEqual(["closed", "ERR_KICKED"]);
	});
});

describe("what a client sends by itself", () => {
	it.each([
		["60 messages a second asked for", { sendRate: 60 }],
		["1,000 messages a second asked for", { sendRate: 1_000 }],
		["no rate that makes sense", { sendRate: Number.NaN }],
		["a rate of 0", { sendRate: 0 }],
	])("is never too much for its server: %s", async (_, options) => {
		const { world, ann } = await enter(options);
		await world.run(60_000);
		expect([ann.status, ann.reconnects]).toEqual(["playing", 0]);
		expect(ann.stats.slackTicks).toBeGreaterThan(-60);
	});

	it("is never too much when the page pumps in every frame of a fast display", async () => {
		const { world, ann } = await enter({ autoPump: false });
		world.every(1000 / 480, () => ann.pump());
		await world.run(60_000);
		expect([ann.status, ann.reconnects]).toEqual(["playing", 0]);
	});
});
