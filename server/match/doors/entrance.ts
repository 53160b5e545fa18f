import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CLOSE_CODES, type CloseName } from "../../../protocol/errors.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import { type Refusal, refusal } from "../../../protocol/refusal.ts";
import { ConfigError } from "../../config-error.ts";
import { closeFrame } from "../../socket/close-frame.ts";
import { MATCH_LIMITS } from "../match-limits.ts";
import { clientAddress, isLoopbackAddress, Networks } from "./address.ts";
import { DOOR_LIMITS, Doors } from "./doors.ts";
import { mayConnect, readOrigins } from "./origins.ts";

/** Who may open a WebSocket. */
export interface EntranceOptions {
	/** Origins of pages beside the server's own, such as `https://play.example`; `*` for any. None by default. */
	origins?: readonly string[];
	/** Proxies whose `X-Forwarded-For` counts: addresses, networks, or loopback, private, link. None by default. */
	trustProxy?: readonly string[];
	/** Connections that one address (of IPv6 a /64) has open at most: 128. So many may also come at once. */
	connectionsPerAddress?: number;
	/** Whether what comes from this machine is held to the same; by default it may do as it likes. */
	limitLocal?: boolean;
}

/** What RFC 6455 appends to the key of a handshake. */
const HANDSHAKE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * The door of a machine, asked by the process that listens: for each WebSocket, before anything is spent on it,
 * which page and which address it comes from.
 */
export class Entrance {
	private readonly doors: Doors;
	private readonly trusted: Networks;
	private readonly origins: ReturnType<typeof readOrigins>;
	private readonly limitLocal: boolean;
	/** Sockets that were refused and have not ended. */
	private refused = 0;

	/** @throws ConfigError for what is no origin, or no address */
	constructor(options: EntranceOptions, now: () => number) {
		const { origins = [], trustProxy = [], connectionsPerAddress, limitLocal = false } = options;
		const trusted = Networks.read(trustProxy);
		if ("wrong" in trusted) {
			throw new ConfigError(`a proxy is an address or a network, not "${trusted.wrong}"`);
		}
		const connections = connectionsPerAddress ?? DOOR_LIMITS.connections;
		const connects = { ...DOOR_LIMITS.connects, burst: connections };
		this.doors = new Doors({ limits: { connections, connects }, now, limitLocal });
		this.trusted = trusted;
		this.origins = readOrigins(origins);
		this.limitLocal = limitLocal;
	}

	/** The address of a client who may come in, whose end is told to `left` once; or why not. */
	admit({ headers, socket }: IncomingMessage): string | Refusal<CloseName> {
		const forwarded = headers["x-forwarded-for"];
		// node joins repeated headers of this name, in their order
		const address = clientAddress(socket.remoteAddress, String(forwarded ?? ""), this.trusted);
		const isFree = !this.limitLocal && isLoopbackAddress(address);
		if (!isFree && !mayConnect(headers.origin, headers.host, this.origins)) {
			return refusal("ERR_ORIGIN_REFUSED", `pages of ${headers.origin} may not connect`);
		}
		return this.doors.connect(address) ?? address;
	}

	/** A client who was let in by the process that listened before. */
	inherit(address: string): void {
		this.doors.inherit(address);
	}

	left(address: string): void {
		this.doors.closed(address);
	}

	/**
	 * Answers a handshake with a close frame that names the reason, as nothing else reaches a page. It costs no
	 * WebSocket, so a flood of them costs little; but for the first few at a time, nobody waits for their end.
	 */
	refuse({ headers }: IncomingMessage, socket: Duplex, { error }: Refusal<CloseName>): void {
		socket.on("error", () => socket.destroy());
		const key = headers["sec-websocket-key"];
		if (key === undefined) {
			socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n", () => socket.destroy());
			return;
		}
		const accept = createHash("sha1").update(`${key}${HANDSHAKE}`).digest("base64");
		socket.write(
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
				`Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
		);
		const isPatient = this.refused < MATCH_LIMITS.refusedSockets;
		socket.end(
			closeFrame(CLOSE_CODES[error], error),
			isPatient ? undefined : () => socket.destroy(),
		);
		if (!isPatient) return;
		// what arrives after a socket is destroyed would take the reason away from the client
		this.refused++;
		socket.resume();
		const cut = setTimeout(() => socket.destroy(), LIMITS.closeMs);
		socket.once("close", () => {
			this.refused--;
			clearTimeout(cut);
		});
	}
}
