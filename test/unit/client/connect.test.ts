import { describe, expect, it, vi } from "vitest";
import { connect, type OpenTransport } from "../../../client/index.ts";
import { LIMITS } from "../../../protocol/limits.ts";

describe("connect", () => {
	it("gives up on a server that never says welcome, by name", async () => {
		let isClosed = false;
		const silent: OpenTransport = async (_, events) => {
			events.open();
			return {
				send() {},
				close() {
					isClosed = true;
				},
			};
		};
		vi.useFakeTimers();
		try {
			const failure = connect("ws://nowhere", { game: "dots", open: silent }).catch((e) => e);
			await vi.advanceTimersByTimeAsync(LIMITS.connectMs + 1);
			expect(await failure).toMatchObject({ name: "ERR_CONNECT_TIMEOUT" });
			expect(isClosed).toBe(true);
		} finally {
			vi.useRealTimers();
		}
	});

	it.each([
		["before it begins", 0],
		["while the line opens", 1],
		["while it waits for the welcome", 2],
	])("gives up when its signal says so, %s, and leaves no line open", async (_, stage) => {
		const lines = { opened: 0, closed: 0 };
		const stop = new AbortController();
		let isLineOpen = () => {};
		const slow: OpenTransport = async (_, events) => {
			if (stage === 1) setTimeout(() => stop.abort("no more"));
			await new Promise<void>((resolve) => {
				isLineOpen = resolve;
				if (stage === 2) resolve();
			});
			lines.opened++;
			events.open();
			return { send: () => setTimeout(() => stop.abort("no more")), close: () => lines.closed++ };
		};
		if (stage === 0) stop.abort("no more");
		const options = { game: "dots", open: slow, signal: stop.signal };
		expect(await connect("ws://nowhere", options).catch((thrown) => thrown)).toBe("no more");
		isLineOpen();
		await new Promise((resolve) => setTimeout(resolve));
		expect(lines.opened).toBe(stage === 0 ? 0 : 1);
		expect(lines.closed).toBeGreaterThanOrEqual(lines.opened);
	});
});
