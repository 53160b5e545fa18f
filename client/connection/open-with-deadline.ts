import type { StopTimer, Timers } from "../timers.ts";
import { AddressError, type OpenTransport, type Transport } from "./transport.ts";

/**
 * Opens like `open`, but always ends: if the server has sent nothing within `deadlineMs`, the transport
 * is reported closed with ERR_CONNECT_TIMEOUT; an address that cannot be opened is reported closed with
 * its error's name.
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
