import type { Random } from "../../protocol/seeded-random.ts";
import { MOST_HEAD_BYTES } from "./frame-writer.ts";
import { LightSocket, type SocketEvents, type SocketPool } from "./light-socket.ts";
import { Link, type LinkOptions, type TimeWheel } from "./link.ts";

/** A client's simulated link, both ways; it outlives the client's connections. */
export interface LinkPair {
	readonly in: Link;
	readonly out: Link;
}

export function createLinkPair(wheel: TimeWheel, options: LinkOptions, random: Random): LinkPair {
	const [least, most] = options.delayMs;
	const delayMs = least + random() * (most - least);
	return {
		in: new Link(wheel, delayMs, options.jitterMs, random),
		out: new Link(wheel, delayMs, options.jitterMs, random),
	};
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
			links.in.pass(nowMs, (dueMs) => {
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
		else this.links.out.pass(performance.now(), () => this.socket.send(message));
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
