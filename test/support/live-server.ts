import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { encodeClientMessage } from "../../protocol/messages/client-message.ts";
import { decodeServerMessage, type Welcome } from "../../protocol/messages/server-message.ts";
import { type OpenServer, openServer } from "../../server/open-server.ts";
import type { ServerOptions } from "../../server/server-options.ts";
import { steadyClock } from "./steady-clock.ts";

export interface LiveServer {
	server: OpenServer;
	url: string;
	port: number;
	health(): Promise<Health>;
}

export interface Health {
	connections: number;
	rooms: number;
	drops: Record<string, number>;
}

/** Asks over a connection of its own, so that none is left over from what a test did before. */
async function readHealth(url: string): Promise<Health> {
	const request = get(`${url}/healthz`, { agent: false });
	const [response] = (await once(request, "response")) as [IncomingMessage];
	let text = "";
	for await (const part of response) text += part;
	return JSON.parse(text) as Health;
}

/** A server of this process on a free port of 127.0.0.1. */
export async function listen(options: ServerOptions): Promise<LiveServer> {
	// whoever is gone is gone: only tests of sessions want seats held
	const server = await openServer({
		clock: steadyClock(),
		...options,
		rooms: { seatGraceMs: 0, ...options.rooms },
	});
	const { url, port } = await server.listen(0);
	return {
		server,
		url,
		port,
		health: () => readHealth(url),
	};
}

export interface CloseFrame {
	code: number;
	reason: string;
}

/** A WebSocket of a client that does as it likes. */
export async function openSocket(
	url: string,
): Promise<{ ws: WebSocket; closed: Promise<CloseFrame> }> {
	const ws = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: false });
	const closed = new Promise<CloseFrame>((resolve) => {
		ws.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
	});
	ws.on("error", () => {});
	await once(ws, "open");
	return { ws, closed };
}

export function hello(game: string, room: string | null = null, name = "Mallory"): Uint8Array {
	return encodeClientMessage({ type: "hello", game, room, name });
}

/** A well-behaved player who notes every snapshot's tick: what others do must not show in them. */
export class Neighbour {
	readonly ticks: number[] = [];
	/** Ends of the connection; none are wanted. */
	readonly endings: CloseFrame[] = [];
	welcome: Welcome | null = null;
	private readonly ws: WebSocket;

	private constructor(ws: WebSocket) {
		this.ws = ws;
		ws.on("close", (code, reason) => this.endings.push({ code, reason: String(reason) }));
		ws.on("message", (data: Buffer) => {
			const message = decodeServerMessage(data);
			if (message?.type === "welcome") this.welcome = message;
			if (message?.type !== "snapshot") return;
			this.ticks.push(message.tick);
			const inputs = new Uint8Array(0);
			ws.send(encodeClientMessage({ type: "input", ackTick: message.tick, tick: 0, inputs }));
		});
	}

	/** Joins and waits for the first snapshots. */
	static async join(url: string, game: string): Promise<Neighbour> {
		const { ws } = await openSocket(url);
		const neighbour = new Neighbour(ws);
		ws.send(hello(game, null, "Neighbour"));
		await neighbour.moreSnapshots(2);
		return neighbour;
	}

	get room(): string {
		return this.welcome?.room ?? "";
	}

	/** Waits until so many more snapshots have come, or the connection has ended. */
	async moreSnapshots(count: number): Promise<void> {
		const wanted = this.ticks.length + count;
		while (this.ticks.length < wanted && this.endings.length === 0) {
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	/** Distances between the snapshots' ticks: one number if there is no gap. */
	get gaps(): number[] {
		return [...new Set(this.ticks.slice(1).map((tick, i) => tick - this.ticks[i]))];
	}

	async leave(): Promise<void> {
		this.ws.close(1000);
		await once(this.ws, "close");
	}
}
