import type { StopTimer } from "../client/timers.ts";
import type { CloseName } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/limits.ts";
import { Peer, type Shared } from "../server/socket/peer.ts";
import type { Line, LineSurroundings } from "./line.ts";

/** How long the WebSocket library waits for the answer to a close. */
const GOODBYE_MS = 30_000;

/**
 * The server's end of a simulated line: does to it what `server/socket/connection.ts` does to a
 * WebSocket, by the same rules and the same times.
 */
export class SimulatedPeer extends Peer {
	readonly address: string;
	private readonly line: Line;
	private readonly surroundings: LineSurroundings;
	private readonly timers: StopTimer[] = [];
	private lastSignMs: number;
	private saidClose = false;
	private isEnded = false;

	constructor(line: Line, address: string, surroundings: LineSurroundings) {
		const { timeline, handler, heartbeatMs } = surroundings;
		super(handler, timeline.now);
		this.line = line;
		this.address = address;
		this.surroundings = surroundings;
		this.lastSignMs = timeline.now();
		this.timers.push(
			timeline.after(LIMITS.helloTimeoutMs, () => {
				if (!this.saidHello) {
					this.drop("ERR_HELLO_TIMEOUT", `no hello in ${LIMITS.helloTimeoutMs} ms`);
				}
			}),
			timeline.every(heartbeatMs, () => this.heartbeat()),
		);
	}

	get isBusy(): boolean {
		return this.line.down.isFull;
	}

	send(message: Uint8Array): void {
		if (this.isOver || this.saidClose) return;
		this.line.sendDown({ kind: "data", bytes: new Uint8Array(message) });
	}

	sendShared(shared: Shared, prefixBytes: number): void {
		if (this.isOver || this.saidClose) return;
		const from = shared.end - shared.sharedBytes - prefixBytes;
		const bytes = new Uint8Array(shared.buffer.subarray(from, shared.end));
		this.line.sendDown({ kind: "data", bytes });
	}

	dataArrived(bytes: Uint8Array): void {
		this.lastSignMs = this.surroundings.timeline.now();
		this.receive(bytes);
	}

	pongArrived(): void {
		this.lastSignMs = this.surroundings.timeline.now();
		this.spend();
	}

	/** The client closes, or answers our close. */
	closeArrived(code: number): void {
		if (!this.saidClose) this.line.sendDown({ kind: "close", code, reason: "" });
		this.saidClose = true;
		this.lineEnded(code);
	}

	/** The connection is gone; told once, as a socket does. */
	lineEnded(code: number): void {
		if (this.isEnded) return;
		this.isEnded = true;
		for (const stop of this.timers) stop();
		this.finish(code);
	}

	protected closeLine(code: number, reason: string): void {
		if (this.saidClose) return;
		this.saidClose = true;
		this.line.sendDown({ kind: "close", code, reason });
		this.cutAfter(GOODBYE_MS);
	}

	/** A client that will not close its end is cut off. */
	protected override end(name: CloseName, detail: string): void {
		if (this.isOver) return;
		super.end(name, detail);
		this.cutAfter(LIMITS.closeMs);
	}

	private cutAfter(ms: number): void {
		this.timers.push(this.surroundings.timeline.after(ms, () => this.line.cut()));
	}

	private heartbeat(): void {
		if (this.isOver) return;
		const silentMs = this.surroundings.timeline.now() - this.lastSignMs;
		if (silentMs > this.surroundings.silenceMs) {
			this.drop("ERR_HEARTBEAT_TIMEOUT", `no sign of life for ${Math.round(silentMs)} ms`);
		} else this.line.sendDown({ kind: "ping" });
	}
}
