/** A connection that keeps order and loses nothing while it lives. */
export interface Transport {
	send(message: Uint8Array<ArrayBuffer>): void;
	/** Closes; 1000, the default, says that the client is done. */
	close(code?: number): void;
}

export interface TransportEvents {
	open(): void;
	message(bytes: Uint8Array): void;
	/** Called once; `reason` is the server's error name, or empty when the network failed. */
	closed(code: number, reason: string): void;
}

/** Opens a connection; whatever fails is told through `events.closed`. */
export type OpenTransport = (url: string, events: TransportEvents) => Promise<Transport>;

/** Browsers and Node from 22 have WebSocket; Node 20 gets it from `ws`. */
async function webSocketClass(): Promise<typeof WebSocket> {
	if (typeof globalThis.WebSocket === "function") return globalThis.WebSocket;
	const { WebSocket: fromLibrary } = await import("ws");
	return fromLibrary as unknown as typeof WebSocket;
}

export const openWebSocket: OpenTransport = async (url, events) => {
	const WebSocketClass = await webSocketClass();
	const socket = new WebSocketClass(url);
	socket.binaryType = "arraybuffer";
	socket.onopen = () => events.open();
	socket.onmessage = ({ data }) => {
		if (data instanceof ArrayBuffer) events.message(new Uint8Array(data));
	};
	// an error is always followed by a close, which says more
	socket.onerror = () => {};
	socket.onclose = ({ code, reason }) => events.closed(code, reason);
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
