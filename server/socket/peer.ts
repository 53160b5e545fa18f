import { CLOSE_CODES, type CloseName } from "../../protocol/errors.ts";
import { LIMITS } from "../../protocol/limits.ts";
import {
	type Capability,
	type ClientMessage,
	decodeClientMessage,
	type Hello,
} from "../../protocol/messages/client-message.ts";
import { TokenBucket } from "../../protocol/token-bucket.ts";

/** What a peer needs of shared bytes: see `snapshot/shared-bytes.ts`. */
export interface Shared {
	buffer: Buffer;
	end: number;
	readonly sharedBytes: number;
	/** The bytes from `start` to the end. */
	from(start: number): Buffer;
	rotate(): void;
}

/** Handles what peers send. */
export interface PeerHandler {
	hello(peer: Peer, hello: Hello): void;
	message(peer: Peer, message: Exclude<ClientMessage, Hello>): void;
	/** The connection is gone; `isGoodbye` if the client closed it properly. */
	closed(peer: Peer, isGoodbye: boolean): void;
	dropped(peer: Peer, name: CloseName, detail: string): void;
}

/** Close code of a client that has finished. */
const NORMAL_CLOSURE = 1000;

/**
 * One client at the other end of a connection: bounded, rate-limited and decoded. Anything a client
 * does wrong ends its own connection with a named reason, and nothing else. Subclasses provide the
 * transport: a WebSocket, or a simulated link.
 */
export abstract class Peer {
	abstract readonly address: string;
	/** True while bytes of an earlier send are waiting for the network. */
	abstract readonly isBusy: boolean;
	/** What it asked for in its hello. */
	capabilities: readonly Capability[] = [];
	protected isOver = false;
	protected saidHello = false;
	private readonly handler: PeerHandler;
	protected readonly now: () => number;
	private readonly bucket: TokenBucket;

	constructor(handler: PeerHandler, now: () => number) {
		this.handler = handler;
		this.now = now;
		this.bucket = new TokenBucket(LIMITS.messagesPerSecond, LIMITS.messageBurst, now());
	}

	abstract send(message: Uint8Array): void;
	/** Sends the shared bytes and the `prefixBytes` bytes directly before them. */
	abstract sendShared(shared: Shared, prefixBytes: number): void;
	/** Tells the other end why, and closes. */
	protected abstract closeLine(code: number, reason: string): void;

	/**
	 * Ends the connection with a documented name and its close code; a game may add a number of its own.
	 */
	drop(name: CloseName, detail: string, reason?: number): void {
		if (this.isOver) return;
		this.closeLine(CLOSE_CODES[name], reason === undefined ? name : `${name} ${reason}`);
		this.end(name, detail);
	}

	/** Closes normally: the client asked for it. */
	goodbye(): void {
		if (this.isOver) return;
		this.isOver = true;
		this.closeLine(NORMAL_CLOSURE, "");
	}

	/** Goes on with a client that said hello in another process. */
	continueWith(capabilities: readonly Capability[]): void {
		this.saidHello = true;
		this.capabilities = capabilities;
	}

	/** Takes a token for a client's action; without one, drops the client. */
	protected spend(): boolean {
		if (this.isOver) return false;
		if (this.bucket.take(this.now())) return true;
		this.drop("ERR_RATE_LIMITED", `over ${LIMITS.messagesPerSecond} messages a second`);
		return false;
	}

	protected receive(data: Uint8Array): void {
		if (!this.spend()) return;
		const message = decodeClientMessage(data);
		if ("error" in message) {
			this.drop(message.error, message.detail);
		} else if (message.type === "hello") {
			if (this.saidHello) {
				this.drop("ERR_HELLO_REPEATED", "a second hello");
				return;
			}
			this.saidHello = true;
			this.capabilities = message.capabilities ?? [];
			this.handler.hello(this, message);
		} else if (this.saidHello) {
			this.handler.message(this, message);
		} else {
			this.drop("ERR_HELLO_EXPECTED", `${message.type} before hello`);
		}
	}

	/** Marks the end: nothing more is read or sent. */
	protected end(name: CloseName, detail: string): void {
		if (this.isOver) return;
		this.isOver = true;
		this.handler.dropped(this, name, detail);
	}

	/** The connection is closed, by either end. */
	protected finish(code: number): void {
		this.isOver = true;
		this.handler.closed(this, code === NORMAL_CLOSURE);
	}
}
