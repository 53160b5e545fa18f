/** A connection that keeps order and loses nothing while it lives. */
export interface Transport {
	send(message: Uint8Array<ArrayBuffer>): void;
	/** Closes; 1000, the default, means that the client has finished. */
	close(code?: number): void;
}

export interface TransportEvents {
	open(): void;
	message(bytes: Uint8Array): void;
	/** Called once; `reason` is the server's error name, or empty when the network failed. */
	closed(code: number, reason: string): void;
}

/**
 * Opens a connection; failures are reported through `events.closed` or thrown as {@link AddressError}.
 */
export type OpenTransport = (url: string, events: TransportEvents) => Promise<Transport>;

/** An address that this machine can never connect to, whatever the network does. */
export class AddressError extends Error {
	override readonly name: "ERR_ADDRESS_INVALID" | "ERR_ADDRESS_INSECURE" | "ERR_NO_WEBSOCKET";

	constructor(name: AddressError["name"], detail: string) {
		super(detail);
		this.name = name;
	}
}

type LoadWebSocket = () => Promise<typeof WebSocket>;

let loadWebSocket: LoadWebSocket | null = null;

/** Where a runtime without a WebSocket gets one. */
export function provideWebSocket(load: LoadWebSocket): void {
	loadWebSocket = load;
}

/** Browsers, and Node from version 22, have a WebSocket. */
async function webSocketClass(): Promise<typeof WebSocket> {
	if (typeof globalThis.WebSocket === "function") return globalThis.WebSocket;
	try {
		if (!loadWebSocket) throw new Error("nobody has one");
		return await loadWebSocket();
	} catch {
		throw new AddressError("ERR_NO_WEBSOCKET", "there is no WebSocket here, and no package ws");
	}
}

/** Address of the page, where there is one. */
function pageAddress(): string | undefined {
	const { document, location } = globalThis as {
		document?: { baseURI?: string };
		location?: { href?: string };
	};
	return document?.baseURI ?? location?.href;
}

/**
 * The address of a server's WebSocket: `http:` and `https:` become `ws:` and `wss:`, relative addresses
 * are relative to the page, and the part after # is dropped.
 *
 * @throws AddressError when it is no such address
 */
export function socketAddress(url: string, base = pageAddress()): string {
	let address: URL;
	try {
		address = new URL(url, base);
	} catch {
		throw new AddressError("ERR_ADDRESS_INVALID", `"${url}" is no address`);
	}
	const protocol = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" }[
		address.protocol
	];
	if (protocol === undefined || address.hostname === "") {
		throw new AddressError("ERR_ADDRESS_INVALID", `"${url}" is no address of a server`);
	}
	address.protocol = protocol;
	address.hash = "";
	return address.href;
}

function openSocket(WebSocketClass: typeof WebSocket, url: string): WebSocket {
	const address = socketAddress(url);
	try {
		return new WebSocketClass(address);
	} catch (thrown) {
		const { name, message } = thrown as Error;
		const isInsecure = name === "SecurityError";
		throw new AddressError(isInsecure ? "ERR_ADDRESS_INSECURE" : "ERR_ADDRESS_INVALID", message);
	}
}

export const openWebSocket: OpenTransport = async (url, events) => {
	const WebSocketClass = await webSocketClass();
	const socket = openSocket(WebSocketClass, url);
	let isOver = false;
	const end = (code: number, reason: string): void => {
		if (isOver) return;
		isOver = true;
		events.closed(code, reason);
	};
	socket.binaryType = "arraybuffer";
	socket.onopen = () => events.open();
	socket.onmessage = ({ data }) => {
		if (data instanceof ArrayBuffer) events.message(new Uint8Array(data));
	};
	// most runtimes follow up with `close`, which says more; some never do
	socket.onerror = () => void setTimeout(() => end(1006, ""), 0);
	socket.onclose = ({ code, reason }) => end(code, reason);
	return {
		send(message) {
			if (socket.readyState === WebSocketClass.OPEN) socket.send(message);
		},
		close(code = 1000) {
			socket.onmessage = null;
			socket.close(code);
		},
	};
};
