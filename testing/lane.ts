import type { StopTimer } from "../client/timers.ts";
import { LinkDelay } from "../protocol/link-delay.ts";
import { SERVER_MESSAGE } from "../protocol/messages/server-message.ts";
import type { SeededRandom } from "../protocol/seeded-random.ts";
import type { LaneOptions } from "./link.ts";
import type { Timeline } from "./timeline.ts";

/** What travels on a lane: a message, or what WebSocket and TCP say between messages. */
export type Packet =
	| { readonly kind: "data"; readonly bytes: Uint8Array<ArrayBuffer> }
	| { readonly kind: "close"; readonly code: number; readonly reason: string }
	| { readonly kind: "syn" | "synAck" | "upgrade" | "upgraded" | "ping" | "pong" };

/** Bytes on the wire beside a message's own: about one IP, TCP and WebSocket header. */
const HEADER_BYTES = 60;
/** HTTP headers of an upgrade. */
const UPGRADE_BYTES = 300;

function packetBytes(packet: Packet): number {
	if (packet.kind === "data") return packet.bytes.length + HEADER_BYTES;
	return packet.kind.startsWith("upgrade") ? UPGRADE_BYTES : HEADER_BYTES;
}

/** Whether its receiver may begin something that ends later: a promise, a module to load. */
function mayBegin(packet: Packet): boolean {
	// the type stands behind the array's head; a hello has the number of a welcome
	const type = packet.kind === "data" ? packet.bytes[1] : -1;
	return type === -1 || type === SERVER_MESSAGE.welcome || type === SERVER_MESSAGE.swap;
}

/** A packet under way; taken out of the queue when it has arrived. */
interface InFlight {
	readonly packet: Packet;
	readonly bytes: number;
	readonly atMs: number;
}

/** One direction of one connection. */
export class Lane {
	options: LaneOptions;
	private readonly timeline: Timeline;
	private readonly delay: LinkDelay;
	private readonly deliver: (packet: Packet) => void;
	private readonly inFlight: InFlight[] = [];
	/** Arrived, but nobody reads. */
	private readonly unread: InFlight[] = [];
	private inFlightBytes = 0;
	private unreadBytes = 0;
	private isReading = true;
	private isDead = false;
	/** Nothing arrives before. */
	private heldUntilMs = 0;
	private stop: StopTimer | null = null;

	constructor(
		timeline: Timeline,
		random: SeededRandom,
		options: LaneOptions,
		deliver: (packet: Packet) => void,
	) {
		this.timeline = timeline;
		this.options = options;
		this.deliver = deliver;
		this.delay = new LinkDelay(random, options, timeline.now());
	}

	/** True while the sender's kernel has no room for all that was sent. */
	get isFull(): boolean {
		const { sendBufferBytes, receiveBufferBytes } = this.options;
		const unacknowledged = this.inFlightBytes + Math.max(0, this.unreadBytes - receiveBufferBytes);
		return unacknowledged > sendBufferBytes;
	}

	/** Nothing is under way. */
	get isEmpty(): boolean {
		return this.inFlight.length === 0 && this.unread.length === 0;
	}

	send(packet: Packet): void {
		const bytes = packetBytes(packet);
		this.inFlightBytes += bytes;
		if (this.isDead) return;
		const atMs = this.delay.arrivalMs(this.timeline.now(), bytes);
		this.inFlight.push({ packet, bytes, atMs });
		if (!this.stop) this.arm();
	}

	/** Everything waits for so long, then arrives at once. */
	stall(ms: number): void {
		this.heldUntilMs = Math.max(this.heldUntilMs, this.timeline.now() + ms);
	}

	/** Changes what the line is like from now on; what waits in a stall goes on. */
	change(options: LaneOptions): void {
		this.options = options;
		this.heldUntilMs = 0;
		this.delay.change(options, this.timeline.now());
		this.stop?.();
		this.arm();
	}

	/** The receiver takes nothing more, until `read`. */
	stopReading(): void {
		this.isReading = false;
	}

	read(): void {
		this.isReading = true;
		while (this.isReading && this.unread.length > 0) this.hand(this.unread.shift() as InFlight);
	}

	/** Nothing that is under way arrives any more. */
	kill(): void {
		this.isDead = true;
		this.stop?.();
		this.inFlight.length = 0;
		this.unread.length = 0;
	}

	private arm(): void {
		const first = this.inFlight[0];
		this.stop = null;
		if (!first) return;
		this.stop = this.timeline.at(Math.max(first.atMs, this.heldUntilMs), this.arrive);
	}

	private readonly arrive = (): void => {
		const now = this.timeline.now();
		this.stop = null;
		while (!this.isDead && now >= this.heldUntilMs) {
			const first = this.inFlight[0];
			if (!first || first.atMs > now) break;
			this.inFlight.shift();
			this.inFlightBytes -= first.bytes;
			this.unreadBytes += first.bytes;
			if (this.isReading && this.unread.length === 0) this.hand(first);
			else this.unread.push(first);
		}
		if (!this.isDead && !this.stop) this.arm();
	};

	private hand({ packet, bytes }: InFlight): void {
		this.unreadBytes -= bytes;
		if (mayBegin(packet)) this.timeline.settleSoon();
		this.deliver(packet);
	}
}
