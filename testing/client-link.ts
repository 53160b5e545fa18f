import type { OpenTransport } from "../client/connection/transport.ts";
import { SeededRandom } from "../protocol/seeded-random.ts";
import { Line, type LineSurroundings, refuseLine } from "./line.ts";
import { type Link, laneOptions } from "./link.ts";

/** A network that nobody answers from says so after this long. */
const REFUSED_MS = 50;

/** One client's way to the server, through all its connections. */
export class ClientLink {
	private readonly surroundings: LineSurroundings;
	private readonly number: number;
	private readonly seed: number;
	private current: Link;
	private line: Line | null = null;
	private opened = 0;
	private outageUntilMs = 0;
	private isReading = true;

	constructor(surroundings: LineSurroundings, number: number, link: Link, seed: number) {
		this.surroundings = surroundings;
		this.number = number;
		this.current = link;
		this.seed = seed;
	}

	/** Opens a connection: what the client SDK gets as its transport. */
	readonly open: OpenTransport = async (_, events) => {
		const { timeline } = this.surroundings;
		if (timeline.now() < this.outageUntilMs) return refuseLine(timeline, REFUSED_MS, events);
		const random = SeededRandom.fork(this.seed, this.opened++);
		this.line = new Line(this.surroundings, this.number, this.current, random, events);
		if (!this.isReading) this.line.down.stopReading();
		return this.line.transport;
	};

	/** What the line is like; a change counts from now on, for this connection and those after it. */
	get link(): Link {
		return this.current;
	}

	set link(link: Link) {
		this.current = link;
		this.line?.up.change(laneOptions(link, "up"));
		this.line?.down.change(laneOptions(link, "down"));
	}

	/** Longest way of a message there and back without stalls, ms. */
	get roundTripMs(): number {
		const up = laneOptions(this.current, "up");
		const down = laneOptions(this.current, "down");
		return up.delayMs + up.jitterMs + down.delayMs + down.jitterMs;
	}

	/** Both directions stand still for `ms`; then all that waits arrives at once. */
	stall(ms: number): void {
		this.line?.up.stall(ms);
		this.line?.down.stall(ms);
	}

	/** The server reads nothing for `ms`; then all that waits arrives at once. */
	holdUp(ms: number): void {
		this.line?.up.stall(ms);
	}

	/**
	 * Breaks the connection: what is under way is lost. Each end is told after so long (Infinity: never),
	 * at once unless given. The client comes back by itself, if it was made to.
	 */
	cut({ clientMs = 0, serverMs = 0 }: { clientMs?: number; serverMs?: number } = {}): void {
		this.line?.cut(clientMs, serverMs);
	}

	/** Breaks the connection, and lets no other come about for `ms`. */
	outage(ms: number): void {
		this.outageUntilMs = this.surroundings.timeline.now() + ms;
		this.cut();
	}

	/** The client takes nothing out of its socket any more: a tab that hangs, a phone asleep. */
	stopReading(): void {
		this.isReading = false;
		this.line?.down.stopReading();
	}

	/** It reads again, first all that has arrived meanwhile. */
	read(): void {
		this.isReading = true;
		this.line?.down.read();
	}

	/** Nothing is under way to the client. */
	get isQuiet(): boolean {
		return this.line?.down.isEmpty ?? true;
	}

	/** The server's end of the current connection; null before it stands. */
	get peer() {
		return this.line?.peer ?? null;
	}
}
