import type { WebSocket } from "ws";
import { LIMITS } from "../../protocol/limits.ts";
import { decodeClientMessage, type Hello } from "../../protocol/messages/client-message.ts";
import { TokenBucket } from "../../protocol/token-bucket.ts";
import { clientFrame } from "./socket-passing/client-frame.ts";
import type { Carried, PassableSocket } from "./socket-passing/passable-socket.ts";
import { WORKER_LIMITS } from "./worker-limits.ts";

/** What a gate needs of whoever it lets clients in to. */
interface Inside {
	/** What a hello asks for is here. */
	isHere(hello: Hello): boolean;
	/** Asks the supervisor where a client belongs, with its hello as it came. */
	ask(hello: Uint8Array): void;
	/** Lets the client in, whatever it has said: what it said is heard right after. */
	enter(): { drop(name: "ERR_HELLO_TIMEOUT" | "ERR_RATE_LIMITED", detail: string): void };
	helloTimeoutMs: number;
	now: () => number;
}

interface Message {
	data: Buffer;
	isBinary: boolean;
}

/**
 * Where a client waits until its hello has told which worker it belongs to. Only a hello that asks for what is not here
 * leads to a question; everything else, and whatever is wrong, is for the connection that it becomes.
 */
export class Gate {
	private readonly ws: WebSocket;
	private readonly socket: PassableSocket;
	private readonly inside: Inside;
	private readonly bucket: TokenBucket;
	private timer: NodeJS.Timeout;
	/** What came since the question, the hello first. Reading stops then: no more than one read brought. */
	private held: Message[] = [];

	constructor(ws: WebSocket, socket: PassableSocket, inside: Inside) {
		this.ws = ws;
		this.socket = socket;
		this.inside = inside;
		this.bucket = new TokenBucket(LIMITS.messagesPerSecond, LIMITS.messageBurst, inside.now());
		const late = (): void => {
			if (this.isAsking) return this.stay();
			const { helloTimeoutMs } = inside;
			this.enter().drop("ERR_HELLO_TIMEOUT", `no hello in ${helloTimeoutMs} ms`);
		};
		// a process that stood still reads first what came meanwhile
		this.timer = setTimeout(() => setImmediate(late), inside.helloTimeoutMs);
		ws.binaryType = "nodebuffer";
		ws.on("message", this.onMessage);
		ws.on("ping", this.onPing);
		ws.on("error", this.onError);
		ws.on("close", this.onClose);
	}

	private get isAsking(): boolean {
		return this.held.length > 0;
	}

	private readonly onMessage = (data: Buffer, isBinary: boolean): void => {
		const isFirst = !this.isAsking;
		this.held.push({ data, isBinary });
		if (!isFirst) return;
		const message = isBinary ? decodeClientMessage(data) : null;
		const isHello = message !== null && !("error" in message) && message.type === "hello";
		if (!isHello || this.inside.isHere(message)) return this.stay();
		this.ws.pause();
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.stay(), WORKER_LIMITS.askMs);
		this.inside.ask(data);
	};

	private readonly onPing = (data: Buffer): void => {
		if (this.bucket.take(this.inside.now())) return this.ws.pong(data);
		this.enter().drop("ERR_RATE_LIMITED", `over ${LIMITS.messagesPerSecond} messages a second`);
	};

	private readonly onError = (error: Error): void => {
		this.enter();
		this.ws.emit("error", error);
	};

	private readonly onClose = (): void => this.leave();

	/** The client stays here. */
	stay(): void {
		const { held } = this;
		this.enter();
		for (const { data, isBinary } of held) this.ws.emit("message", data, isBinary);
		this.ws.resume();
	}

	/** The client goes to another worker, and says hello there; null when it cannot. */
	release(): Carried | null {
		const carried = this.socket.release();
		if (carried === null) return null;
		this.leave();
		const said = this.held.map(({ data, isBinary }) => clientFrame(data, isBinary));
		return { ...carried, unread: Buffer.concat([...said, carried.unread]) };
	}

	private enter(): ReturnType<Inside["enter"]> {
		this.leave();
		return this.inside.enter();
	}

	private leave(): void {
		clearTimeout(this.timer);
		this.ws.off("message", this.onMessage);
		this.ws.off("ping", this.onPing);
		this.ws.off("error", this.onError);
		this.ws.off("close", this.onClose);
	}
}
