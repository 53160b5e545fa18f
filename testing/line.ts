import type { Transport, TransportEvents } from "../client/connection/transport.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { SeededRandom } from "../protocol/seeded-random.ts";
import type { PeerHandler } from "../server/socket/peer.ts";
import { Lane, type Packet } from "./lane.ts";
import { type Link, laneOptions } from "./link.ts";
import type { SentHash } from "./sent-hash.ts";
import { SimulatedPeer } from "./simulated-peer.ts";
import type { Timeline } from "./timeline.ts";

/** Close code of a connection that broke. */
const BROKEN = 1006;
const NORMAL = 1000;

/** What every line of a world shares. */
export interface LineSurroundings {
	readonly timeline: Timeline;
	/** The server's present process. */
	handler: PeerHandler;
	readonly sent: SentHash;
	readonly heartbeatMs: number;
	readonly silenceMs: number;
}

/**
 * One connection from its first packet to its end: TCP's and WebSocket's handshakes, messages, pings and
 * the closing handshake, over two lanes.
 */
export class Line {
	readonly up: Lane;
	readonly down: Lane;
	/** The server's end, once the connection stands. */
	peer: SimulatedPeer | null = null;
	/** For the client: still going on. */
	isOpen = true;
	private readonly surroundings: LineSurroundings;
	private readonly events: TransportEvents;
	private readonly number: number;
	private isUpgraded = false;
	private saidClose = false;

	constructor(
		surroundings: LineSurroundings,
		number: number,
		link: Link,
		random: SeededRandom,
		events: TransportEvents,
	) {
		this.surroundings = surroundings;
		this.number = number;
		this.events = events;
		const { timeline } = surroundings;
		const lane = (way: "up" | "down", deliver: (packet: Packet) => void): Lane =>
			new Lane(timeline, random, laneOptions(link, way), deliver);
		this.up = lane("up", (packet) => this.atServer(packet));
		this.down = lane("down", (packet) => this.atClient(packet));
		this.up.send({ kind: "syn" });
	}

	/** The client's end, as the client SDK wants it. */
	readonly transport: Transport = {
		send: (message) => {
			if (!this.isOpen || !this.isUpgraded || this.saidClose) return;
			const bytes = message.slice();
			this.surroundings.sent.add(this.surroundings.timeline.now(), this.number * 2, bytes);
			this.up.send({ kind: "data", bytes });
		},
		close: (code = NORMAL) => {
			if (!this.isOpen || this.saidClose) return;
			if (!this.isUpgraded) return this.cut();
			this.saidClose = true;
			this.up.send({ kind: "close", code, reason: "" });
		},
	};

	/**
	 * The connection breaks: what is under way is lost. Each end is told after so many ms; one that is
	 * told never (Infinity) has to find out by itself.
	 */
	cut(clientMs = 0, serverMs = 0): void {
		this.up.kill();
		this.down.kill();
		const { timeline } = this.surroundings;
		if (clientMs !== Number.POSITIVE_INFINITY) {
			timeline.after(clientMs, () => this.endForClient(BROKEN, ""));
		}
		const { peer } = this;
		if (peer && serverMs !== Number.POSITIVE_INFINITY) {
			timeline.after(serverMs, () => peer.lineEnded(BROKEN));
		}
	}

	/** Sends on behalf of the server's end. */
	sendDown(packet: Packet): void {
		if (packet.kind === "data") {
			const { sent, timeline } = this.surroundings;
			sent.add(timeline.now(), this.number * 2 + 1, packet.bytes);
		}
		this.down.send(packet);
	}

	private atServer(packet: Packet): void {
		const { peer } = this;
		if (packet.kind === "syn") this.down.send({ kind: "synAck" });
		else if (packet.kind === "upgrade") {
			this.peer = new SimulatedPeer(this, `client ${this.number}`, this.surroundings);
			this.down.send({ kind: "upgraded" });
		} else if (!peer) return;
		else if (packet.kind === "data") peer.dataArrived(packet.bytes);
		else if (packet.kind === "pong") peer.pongArrived();
		else if (packet.kind === "close") peer.closeArrived(packet.code);
	}

	private atClient(packet: Packet): void {
		if (!this.isOpen) return;
		if (packet.kind === "synAck") this.up.send({ kind: "upgrade" });
		else if (packet.kind === "upgraded") {
			this.isUpgraded = true;
			if (!this.saidClose) this.events.open();
		} else if (packet.kind === "ping") this.up.send({ kind: "pong" });
		else if (packet.kind === "data") {
			if (!this.saidClose) this.events.message(packet.bytes);
		} else if (packet.kind === "close") {
			if (!this.saidClose) this.up.send({ kind: "close", code: packet.code, reason: "" });
			this.saidClose = true;
			this.endForClient(packet.code, packet.reason);
		}
	}

	private endForClient(code: number, reason: string): void {
		if (!this.isOpen) return;
		this.isOpen = false;
		this.events.closed(code, reason);
	}
}

/** A server that is not there: told as a network tells it, after `waitMs`. */
export function refuseLine(timeline: Timeline, waitMs: number, events: TransportEvents): Transport {
	const stop = timeline.after(Math.min(waitMs, LIMITS.connectMs), () => events.closed(BROKEN, ""));
	return { send() {}, close: stop };
}
