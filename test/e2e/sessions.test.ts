import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, openWebSocket, type Transport } from "../../client/index.ts";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import { decodeServerMessage, type Welcome } from "../../protocol/messages/server-message.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { type LiveServer, listen, openSocket } from "../support/live-server.ts";
import { loadFixture } from "../support/load-fixture.ts";

let dots: GameModule;
let live: LiveServer;
beforeAll(async () => {
	dots = await loadFixture("dots");
});
afterEach(() => live.server.close());

/** Says hello and waits for the welcome. */
async function enter(hello: Partial<Parameters<typeof encodeClientMessage>[0]> = {}) {
	const { ws, closed } = await openSocket(live.url);
	const welcome = new Promise<Welcome>((resolve) => {
		ws.on("message", (data: Buffer) => {
			const message = decodeServerMessage(data);
			if (message?.type === "welcome") resolve(message);
		});
	});
	ws.send(
		encodeClientMessage({
			type: "hello",
			game: "dots",
			room: null,
			name: "Ann",
			...hello,
		} as never),
	);
	return { ws, closed, welcome: await welcome };
}

function onlyRoom() {
	const [room] = live.server.core.directory.rooms.values();
	if (!room) throw new Error("no room");
	return room;
}

describe("a seat", () => {
	it("is held while its connection is lost, and comes back by its token", async () => {
		live = await listen({ games: [dots], rooms: { seatGraceMs: 60_000 } });
		const { ws, welcome } = await enter();
		await expect.poll(() => onlyRoom().players.get(0)?.isJoined).toBe(true);
		ws.terminate();
		await expect.poll(() => onlyRoom().players.get(0)?.viewer).toBeNull();
		const again = await enter({ token: welcome.token });
		expect(again.welcome).toMatchObject({ player: 0, token: welcome.token, room: welcome.room });
		expect(onlyRoom().population).toBe(1);
		// the module heard of one join and no leave
		expect(onlyRoom().simulation.tables[0]?.gen[0]).toBeGreaterThan(0);
		again.ws.close(1000);
	});

	it("is given up after the grace time, at a goodbye, and at a normal close", async () => {
		live = await listen({ games: [dots], rooms: { seatGraceMs: 100 } });
		const lost = await enter();
		const left = await enter();
		const closed = await enter();
		expect(onlyRoom().population).toBe(3);
		left.ws.send(encodeClientMessage({ type: "leave" }));
		closed.ws.close(1000);
		await expect.poll(() => onlyRoom().population).toBe(1);
		lost.ws.terminate();
		await expect.poll(() => onlyRoom().population).toBe(0);
		const late = await enter({ token: lost.welcome.token });
		expect(late.welcome.token).not.toBe(lost.welcome.token);
		late.ws.close(1000);
	});

	it("goes to the newer of two connections; the older is told why", async () => {
		live = await listen({ games: [dots] });
		const first = await enter();
		const second = await enter({ token: first.welcome.token });
		expect(await first.closed).toEqual({ code: 4018, reason: "ERR_SEAT_TAKEN" });
		expect(second.welcome.player).toBe(first.welcome.player);
		expect(onlyRoom().population).toBe(1);
		expect(onlyRoom().seats.viewers.size).toBe(1);
		second.ws.close(1000);
	});

	it("does not go to whoever guesses", async () => {
		live = await listen({ games: [dots] });
		const first = await enter();
		for (const token of ["", ".", first.welcome.room, `${first.welcome.room}.x`, "x".repeat(128)]) {
			const other = await enter({ token });
			expect(other.welcome.player).not.toBe(0);
			other.ws.close(1000);
		}
		first.ws.close(1000);
	});
});

describe("a spectator", () => {
	it("sees the room, takes no seat, and cannot steer", async () => {
		live = await listen({ games: [dots] });
		const player = await enter();
		const watcher = await enter({ spectate: true });
		expect(watcher.welcome).toMatchObject({ player: null, token: null, room: player.welcome.room });
		expect(watcher.welcome.roster).toHaveLength(1);
		expect(onlyRoom().population).toBe(1);
		watcher.ws.send(
			encodeClientMessage({ type: "input", ackTick: 0, tick: 1e6, inputs: Uint8Array.of(1, 1) }),
		);
		const snapshot = new Promise((resolve) => watcher.ws.on("message", resolve));
		await snapshot;
		expect(onlyRoom().seats.viewers.size).toBe(2);
		watcher.ws.close(1000);
		player.ws.close(1000);
	});
});

describe("a client", () => {
	it("comes back to its seat by itself, and shows the last state meanwhile", async () => {
		live = await listen({ games: [dots], rooms: { seatGraceMs: 60_000 } });
		const transports: Transport[] = [];
		const room = await connect(live.url, {
			game: "dots",
			open: async (url, events) => {
				const transport = await openWebSocket(url, events);
				transports.push(transport);
				return transport;
			},
			interpolate: false,
		});
		const shown = () => (room.state as unknown as { dot?: { gen: Uint16Array } }).dot?.gen[0] ?? 0;
		await expect
			.poll(() => {
				room.update();
				return shown();
			})
			.toBeGreaterThan(0);
		const { state, input, player } = room;
		for (const viewer of onlyRoom().seats.viewers) {
			(viewer.sink as unknown as { ws: { terminate(): void } }).ws.terminate();
		}
		await expect.poll(() => room.status).toBe("reconnecting");
		expect(shown()).toBeGreaterThan(0);
		await expect.poll(() => room.status, { timeout: 5000 }).toBe("playing");
		expect(room.player).toBe(player);
		expect(room.state).toBe(state);
		expect(room.input).toBe(input);
		expect(onlyRoom().population).toBe(1);
		expect(transports).toHaveLength(2);
		room.leave();
	});
});
