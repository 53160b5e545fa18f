import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { decodeServerMessage } from "../../protocol/messages/server-message.ts";
import type { ServerOptions } from "../../server/server-options.ts";
import { type CloseFrame, hello, type LiveServer, listen } from "../support/live-server.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { type StartedServer, startServer } from "../support/start-server.ts";

const ATTACKER = "203.0.113.5";
const HONEST = "203.0.113.6";

let live: LiveServer | null = null;
let started: StartedServer | null = null;
const clients: WebSocket[] = [];

afterEach(async () => {
	for (const client of clients.splice(0)) client.terminate();
	await live?.server.close();
	await started?.stop();
	live = null;
	started = null;
});

/** A server behind a proxy on this machine, so that tests may come from any address. */
async function behindProxy(options: Partial<ServerOptions>): Promise<LiveServer> {
	const doors = { trustProxy: ["loopback"], ...options.doors };
	live = await listen({ games: [await loadFixture("dots")], ...options, doors });
	return live;
}

/** How a socket ends, or "silence" while it is open and nothing has been said. */
interface Client {
	readonly ws: WebSocket;
	/** Resolves when the server has ended it. */
	readonly closed: Promise<CloseFrame>;
	end: CloseFrame | null;
}

async function come(url: string, address: string, origin?: string): Promise<Client> {
	const headers = { "x-forwarded-for": address, ...(origin === undefined ? {} : { origin }) };
	const ws = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: false, headers });
	clients.push(ws);
	const closed = new Promise<CloseFrame>((resolve) => {
		ws.once("close", (code, reason) => {
			client.end = { code, reason: String(reason) };
			resolve(client.end);
		});
	});
	const client: Client = { ws, closed, end: null };
	ws.on("error", () => {});
	await Promise.race([once(ws, "open"), closed]);
	return client;
}

/** What the server says to a hello: a welcome, or why not. */
async function answerTo({ ws, closed }: Client): Promise<string> {
	const first = once(ws, "message").then(([data]) => decodeServerMessage(data as Buffer)?.type);
	if (ws.readyState === WebSocket.OPEN) ws.send(hello("dots"));
	return (await Promise.race([first, closed.then(({ reason }) => reason)])) ?? "nothing";
}

const joinFrom = async (url: string, address: string, origin?: string): Promise<string> =>
	answerTo(await come(url, address, origin));

describe("a flood from one address", () => {
	it("of silent sockets takes no place of an honest player", async () => {
		const { url, server } = await behindProxy({ connections: { max: 200 } });
		const flood = await Promise.all(Array.from({ length: 1000 }, () => come(url, ATTACKER)));
		expect(server.listener.connections.size).toBeLessThanOrEqual(128);
		expect(await joinFrom(url, HONEST)).toBe("welcome");
		// the first that are refused hear why
		const reasons = new Set(flood.map(({ end }) => end?.reason));
		expect(reasons).toContain("ERR_TOO_MANY_CONNECTIONS");
		expect(reasons).not.toContain("ERR_SERVER_FULL");
	});

	it("that says hello and resets opens few rooms", async () => {
		const { url, server } = await behindProxy({
			rooms: { maxRooms: 1000, seatGraceMs: 60_000 },
		});
		const beganMs = performance.now();
		let welcomed = 0;
		const lane = async (): Promise<void> => {
			for (let round = 0; round < 20; round++) {
				const client = await come(url, ATTACKER);
				if ((await answerTo(client)) === "welcome") welcomed++;
				client.ws.terminate();
			}
		};
		await Promise.all(Array.from({ length: 64 }, lane));
		const most = 129 + (10 * (performance.now() - beganMs)) / 1000;
		expect(welcomed).toBeGreaterThan(0);
		expect(server.listener.accepted).toBeLessThanOrEqual(most);
		expect(await joinFrom(url, HONEST)).toBe("welcome");
	}, 30_000);

	it("gives places back when its sockets end", async () => {
		const { url } = await behindProxy({ doors: { connectionsPerAddress: 4 } });
		const four = await Promise.all(Array.from({ length: 4 }, () => come(url, ATTACKER)));
		expect(await joinFrom(url, ATTACKER)).toBe("ERR_TOO_MANY_CONNECTIONS");
		for (const { ws } of four) ws.close();
		await Promise.all(four.map(({ closed }) => closed));
		let answer = "";
		while (answer !== "welcome") answer = await joinFrom(url, ATTACKER);
	});

	it("is bounded for the machine where several workers have the rooms", async () => {
		const flags = ["--workers", "2", "--trust-proxy", "loopback", "--address-connections", "6"];
		started = await startServer(flags);
		const { url } = started;
		await Promise.all(Array.from({ length: 20 }, () => come(url, ATTACKER)));
		expect(await joinFrom(url, ATTACKER)).toBe("ERR_TOO_MANY_CONNECTIONS");
		const honest = await come(url, HONEST);
		honest.ws.send(hello("arena"));
		const [data] = await once(honest.ws, "message");
		expect(decodeServerMessage(data as Buffer)?.type).toBe("welcome");
	}, 30_000);
});

describe("a page", () => {
	it("of another origin is refused by name, and its own and those allowed are not", async () => {
		const { url } = await behindProxy({ doors: { origins: ["https://play.example"] } });
		const refused = await come(url, HONEST, "https://evil.example");
		expect(await refused.closed).toEqual({ code: 4024, reason: "ERR_ORIGIN_REFUSED" });
		expect(await joinFrom(url, HONEST, "null")).toBe("ERR_ORIGIN_REFUSED");
		expect(await joinFrom(url, HONEST, url)).toBe("welcome");
		expect(await joinFrom(url, HONEST, "https://play.example")).toBe("welcome");
		expect(await joinFrom(url, HONEST)).toBe("welcome");
	});

	it("on the server's own machine may be of any origin, unless that is limited too", async () => {
		const { url } = await behindProxy({});
		expect(await joinFrom(url, "127.0.0.1", "http://localhost:5173")).toBe("welcome");
		await live?.server.close();
		const strict = await behindProxy({ doors: { limitLocal: true } });
		const foreign = "http://localhost:5173";
		expect(await joinFrom(strict.url, "127.0.0.1", foreign)).toBe("ERR_ORIGIN_REFUSED");
	});
});
