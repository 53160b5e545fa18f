// For Node, where older versions get their WebSocket from `ws`; browsers use `browser.ts` itself.
import { provideWebSocket } from "./connection/transport.ts";

export * from "./browser.ts";

provideWebSocket(async () => {
	const { WebSocket } = await import("ws");
	return WebSocket as unknown as typeof globalThis.WebSocket;
});
