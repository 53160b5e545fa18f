import type { OpenTransport, Transport } from "./transport.ts";

interface LineEvents {
	/** What to say first, asked for at each opening. */
	hello(): Uint8Array<ArrayBuffer>;
	message(bytes: Uint8Array): void;
	/** The connection broke, or could not be opened. */
	lost(code: number, reason: string): void;
}

/**
 * The connection to one server, over one transport after the other. Only the newest is heard: late
 * events of a closed or replaced transport are ignored.
 */
export class Connection {
	private readonly url: string;
	private readonly openTransport: OpenTransport;
	private readonly events: LineEvents;
	private transport: Transport | null = null;
	/** Counts transports, to recognise those that are no longer heard. */
	private generation = 0;

	constructor(url: string, openTransport: OpenTransport, events: LineEvents) {
		this.url = url;
		this.openTransport = openTransport;
		this.events = events;
	}

	get isOpen(): boolean {
		return this.transport !== null;
	}

	/** Opens a transport and sends the hello. */
	async open(): Promise<void> {
		const generation = ++this.generation;
		const isCurrent = (): boolean => generation === this.generation;
		let isReady = false;
		const transport = await this.openTransport(this.url, {
			open: () => {
				isReady = true;
				// it may open before it is handed over
				if (isCurrent() && this.transport) this.sayHello();
			},
			message: (bytes) => {
				if (isCurrent()) this.events.message(bytes);
			},
			closed: (code, reason) => {
				if (!isCurrent()) return;
				this.forget();
				this.events.lost(code, reason);
			},
		});
		if (!isCurrent()) return transport.close();
		this.transport = transport;
		if (isReady) this.sayHello();
	}

	send(message: Uint8Array<ArrayBuffer>): void {
		this.transport?.send(message);
	}

	/** Closes the connection without telling the listeners. */
	close(code?: number): void {
		this.transport?.close(code);
		this.forget();
	}

	private forget(): void {
		this.transport = null;
		this.generation++;
	}

	private sayHello(): void {
		this.send(this.events.hello());
	}
}
