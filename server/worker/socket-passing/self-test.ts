import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { WebSocketServer } from "ws";
import { entryFile } from "../entry-file.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";
import { KeptSockets } from "./kept-sockets.ts";
import { adoptWebSocket } from "./open-websocket.ts";
import type { Carried } from "./passable-socket.ts";
import { UNREAD_MARK } from "./self-test-wire.ts";
import { detachHandle } from "./tcp-handle.ts";

/** What this platform and this Node version can do with the sockets of clients. */
interface PassingAbility {
	/** Give a fresh socket to a worker: without it there are no workers. */
	canPass: boolean;
	/** Move one that is in use, and keep it through the death of its worker; otherwise its client comes back by its token. */
	canMove: boolean;
	/** What went wrong, or empty. */
	detail: string;
}

const HANDSHAKE =
	"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: aG90c3RlcC1hZG9wdHMtaQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/** A masked message "ping" of a client, its mask all zero. */
const PING = Buffer.from([0x82, 0x84, 0, 0, 0, 0, 0x70, 0x69, 0x6e, 0x67]);
const HALF = 7;
/** What it is answered with in the end. */
const PONG = Buffer.from([0x82, 0x04, 0x70, 0x6f, 0x6e, 0x67]);
const FRAME_BYTES = UNREAD_MARK.bytes + 10;

/** The byte that a client must read at `at`, when it was sent so many large messages and the answer. */
function expectedByte(at: number, sent: number): number | undefined {
	const index = Math.floor(at / FRAME_BYTES);
	if (index >= sent) return PONG[at - sent * FRAME_BYTES];
	const inFrame = at % FRAME_BYTES;
	if (inFrame >= 10) return index;
	return [0x82, 0x7f, 0, 0, 0, 0, 0, 0x01, 0, 0][inFrame];
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
	const [message] = await Promise.race([
		once(child, "message"),
		once(child, "exit").then(() => {
			throw new Error("the other process is gone");
		}),
	]);
	return message as T;
}

/** Reads the answer to the handshake, and no byte of what comes behind it. */
async function readHandshake(client: Socket): Promise<void> {
	let text = "";
	while (!text.endsWith("\r\n\r\n")) {
		const byte = client.read(1) as Buffer | null;
		if (byte === null) await once(client, "readable");
		else text += byte.toString("latin1");
	}
	if (!text.startsWith("HTTP/1.1 101")) throw new Error(`handshake answered: ${text.slice(0, 40)}`);
}

/** Reads everything to the end of the connection and compares it. */
async function readRest(client: Socket, sent: number): Promise<void> {
	let at = 0;
	for await (const chunk of client as AsyncIterable<Buffer>) {
		for (const byte of chunk) {
			if (byte !== expectedByte(at, sent)) throw new Error(`byte ${at} to the client is wrong`);
			at++;
		}
	}
	if (at !== sent * FRAME_BYTES + PONG.length)
		throw new Error(`${at} bytes came, of ${sent} frames`);
}

/** One connection: handed over, broken off in the midst of a frame both ways, its worker killed, adopted, ended. */
async function tryAll(
	child: ChildProcess,
	http: Server,
	client: Socket,
	found: PassingAbility,
): Promise<void> {
	const kept = new KeptSockets();
	client.write(HANDSHAKE);
	const [{ headers }, accepted, head] = (await once(http, "upgrade")) as [
		IncomingMessage,
		Socket,
		Buffer,
	];
	const taken = kept.keep(accepted);
	if (!taken) throw new Error("the socket has no descriptor");
	const behind = Buffer.concat([head, taken.unread]);
	kept.pass(taken.number, child, { request: { url: "/", headers, behind } });
	await readHandshake(client);
	found.canPass = true;

	client.write(Buffer.concat([PING, PING.subarray(0, HALF)]));
	const { sent } = await nextMessage<{ sent: number }>(child);
	child.send({ release: true });
	const { carried } = await nextMessage<{ carried: Carried | null }>(child);
	if (carried === null) throw new Error("the socket was not given back");
	if (carried.unread.length !== HALF) throw new Error(`${carried.unread.length} bytes were unread`);
	if (carried.unsent.length === 0) throw new Error("no bytes were unsent");
	const exited = once(child, "exit");
	child.kill("SIGKILL");
	await exited;

	client.write(PING.subarray(HALF));
	await adoptHere(kept, taken.number, carried);
	await readRest(client, sent);
	found.canMove = true;
}

/** Goes on with the connection in this process until the half message is whole, answers it, and ends. */
async function adoptHere(kept: KeptSockets, number: number, carried: Carried): Promise<void> {
	const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 4096 });
	const own = kept.resume(number);
	const handle = own && detachHandle(own)?.handle;
	if (!handle) throw new Error("the duplicate is closed");
	await new Promise<void>((resolve, reject) => {
		adoptWebSocket(handle, carried, (request, duplex, unread) => {
			sockets.handleUpgrade(request, duplex, unread, (ws) => {
				ws.on("error", reject);
				ws.on("close", () => reject(new Error("the connection was closed")));
				ws.on("message", (data) => {
					if (data.toString() !== "ping") reject(new Error("the half message became another"));
					ws.send(Buffer.from("pong"));
					duplex.end();
					resolve();
				});
			});
		});
	});
}

/**
 * Tries everything that workers need of the platform on one connection of this machine, with the code that does it
 * later: about a tenth of a second.
 */
export async function testSocketPassing(): Promise<PassingAbility> {
	const found: PassingAbility = { canPass: false, canMove: false, detail: "" };
	const child = fork(entryFile("socket-passing/self-test-child"), [], {
		serialization: "advanced",
		stdio: ["ignore", "ignore", "ignore", "ipc"],
	});
	const http = createServer();
	http.listen(0, "127.0.0.1");
	let timer: NodeJS.Timeout | undefined;
	let client: Socket | null = null;
	try {
		await Promise.all([once(http, "listening"), nextMessage(child)]);
		client = connect((http.address() as AddressInfo).port, "127.0.0.1");
		// what waits to be read stays in the system
		client.on("error", () => {});
		const late = new Promise<never>((_, reject) => {
			const ms = WORKER_LIMITS.selfTestMs;
			timer = setTimeout(() => reject(new Error(`nothing came of it in ${ms} ms`)), ms);
		});
		await Promise.race([tryAll(child, http, client, found), late]);
	} catch (thrown) {
		found.detail = (thrown as Error).message;
	} finally {
		clearTimeout(timer);
		client?.destroy();
		child.kill("SIGKILL");
		http.close();
	}
	return found;
}
