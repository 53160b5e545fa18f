import { LinkDelay, NO_DELAY } from "../../protocol/link-delay.ts";
import type { SeededRandom } from "../../protocol/seeded-random.ts";
import { MOST_HEAD_BYTES } from "./frame-writer.ts";
import { LightSocket, type SocketEvents, type SocketPool } from "./light-socket.ts";
import type { TimeWheel } from "./time-wheel.ts";

export interface LinkOptions {
	/** One way, ms: each client draws its own from this range. */
	readonly delayMs: readonly [least: number, most: number];
	/** Each message waits up to so much longer, ms. */
	readonly jitterMs: number;
}

/** Calls `deliver` when a message that is sent at `nowMs` has come over. */
type Link = (nowMs: number, deliver: (dueMs: number) => void) => void;

/** A client's simulated link, both ways; it outlives the client's connections. */
export interface LinkPair {
	readonly in: Link;
	readonly out: Link;
}

export function createLinkPair(
	wheel: TimeWheel,
	options: LinkOptions,
	random: SeededRandom,
): LinkPair {
	const [least, most] = options.delayMs;
	const delayMs = random.between(least, most);
	const conditions = { ...NO_DELAY, delayMs, jitterMs: options.jitterMs };
	const createLink = (): Link => {
		const delay = new LinkDelay(random, conditions, performance.now());
		return (nowMs, deliver) => wheel.add(delay.arrivalMs(nowMs), deliver);
	};
	return { in: createLink(), out: createLink() };
}

/** A socket whose messages take a simulated link, if there is one. */
export class LinkedSocket {
	private readonly socket: LightSocket;
	private readonly links: LinkPair | null;
	private isOver = false;

	constructor(url: URL, pool: SocketPool, links: LinkPair | null, events: SocketEvents) {
		this.links = links;
		const closed: SocketEvents["closed"] = (code, reason) => {
			if (this.isOver) return;
			this.isOver = true;
			events.closed(code, reason);
		};
		const message: SocketEvents["message"] = (bytes, nowMs) => {
			if (links === null) return events.message(bytes, nowMs);
			const copy = bytes.slice();
			links.in(nowMs, (dueMs) => {
				if (!this.isOver) events.message(copy, dueMs);
			});
		};
		this.socket = new LightSocket(url, pool, { open: events.open, message, closed });
	}

	/** Where the next message is put together, from `MOST_HEAD_BYTES` on; then comes `sendOut`. */
	get out(): Uint8Array {
		return this.socket.out;
	}

	/** Sends the `length` bytes put into `out`. */
	sendOut(length: number): void {
		if (this.links === null) this.socket.sendOut(length);
		else this.send(this.out.slice(MOST_HEAD_BYTES, MOST_HEAD_BYTES + length));
	}

	send(message: Uint8Array): void {
		if (this.links === null) this.socket.send(message);
		else this.links.out(performance.now(), () => this.socket.send(message));
	}

	pause(): void {
		this.socket.pause();
	}

	resume(): void {
		this.socket.resume();
	}

	/** Says `last` and goodbye, now; `closed` is not called. */
	close(last: Uint8Array | null): void {
		this.isOver = true;
		if (last !== null) this.socket.send(last);
		this.socket.close();
	}

	/** Breaks the connection as a dying network does; `closed` is called with 1006. */
	cut(): void {
		this.socket.cut();
	}
}
