import type { StopTimer, Timers } from "../timers.ts";
import { AddressError, type OpenTransport, type Transport } from "./transport.ts";

/**
 * Opens as `open` does, but always comes to an end: a server from which nothing has come after
 * `deadlineMs` is told as closed with ERR_CONNECT_TIMEOUT, and an address that cannot be opened at all
 * as closed by the name of what is wrong with it.
 */
export function openWithDeadline(
	open: OpenTransport,
	deadlineMs: number,
	timers: Timers,
): OpenTransport {
	return async (url, events) => {
		let transport: Transport | null = null;
		let isOver = false;
		const end = (code: number, reason: string): void => {
			stopTimer();
			if (isOver) return;
			isOver = true;
			events.closed(code, reason);
		};
		const stopTimer: StopTimer = timers.after(deadlineMs, () => {
			transport?.close();
			end(1006, "ERR_CONNECT_TIMEOUT");
		});
		try {
			transport = await open(url, {
				open: () => events.open(),
				message(bytes) {
					stopTimer();
					if (!isOver) events.message(bytes);
				},
				closed: end,
			});
		} catch (thrown) {
			end(1006, thrown instanceof AddressError ? thrown.name : "");
			return { send() {}, close() {} };
		}
		const opened = transport;
		if (isOver) opened.close();
		return {
			send: (message) => opened.send(message),
			close(code) {
				stopTimer();
				isOver = true;
				opened.close(code);
			},
		};
	};
}
