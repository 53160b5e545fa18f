import { afterEach, describe, expect, it } from "vitest";
import { openWebSocket, socketAddress } from "../../../client/connection/transport.ts";
import { connect } from "../../../client/index.ts";
import { withDefaults } from "../../../client/with-defaults.ts";

const realWebSocket = globalThis.WebSocket;
afterEach(() => {
	globalThis.WebSocket = realWebSocket;
});

/** A runtime's WebSocket that fails in a way of its own. */
function stub(fail: (socket: Record<string, (event?: unknown) => void>) => void): void {
	globalThis.WebSocket = class {
		constructor() {
			setTimeout(() => fail(this as never));
		}
		close() {}
	} as never;
}

function opened(): Promise<[number, string]> {
	return new Promise((resolve) => {
		void openWebSocket("ws://nowhere", {
			open() {},
			message() {},
			closed: (code, reason) => resolve([code, reason]),
		});
	});
}

describe("the end of a WebSocket", () => {
	it("is heard where a runtime says error and never close", async () => {
		stub((socket) => socket.onerror?.());
		expect(await opened()).toEqual([1006, ""]);
	});

	it("is told once, by its close where there is one", async () => {
		stub((socket) => {
			socket.onerror?.();
			socket.onclose?.({ code: 4008, reason: "ERR_GAME_UNKNOWN" });
			socket.onclose?.({ code: 1006, reason: "" });
		});
		expect(await opened()).toEqual([4008, "ERR_GAME_UNKNOWN"]);
	});
});

describe("an address", () => {
	const page = "https://play.example/games/one/index.html?room=7#top";
	it.each([
		["wss://a.example:8443/x", "wss://a.example:8443/x"],
		["https://a.example/x?y=1#z", "wss://a.example/x?y=1"],
		["http://127.0.0.1:8080", "ws://127.0.0.1:8080/"],
		["", "wss://play.example/games/one/index.html?room=7"],
		[".", "wss://play.example/games/one/"],
		["/", "wss://play.example/"],
		["../two/", "wss://play.example/games/two/"],
		["//b.example/x", "wss://b.example/x"],
	])("that a page can have works: %j", (given, address) => {
		expect(socketAddress(given, page)).toBe(address);
	});

	it.each(["no address", "ws:", "ftp://a.example", "javascript:alert(1)", "ws://"])(
		"that is none is called so: %j",
		async (given) => {
			expect(() => socketAddress(given, undefined)).toThrow("no address");
			await expect(connect(given, { game: "dots" })).rejects.toMatchObject({
				name: "ERR_ADDRESS_INVALID",
			});
		},
	);

	it("that a page may not open is called so", async () => {
		globalThis.WebSocket = class {
			constructor() {
				throw Object.assign(new Error("mixed content"), { name: "SecurityError" });
			}
		} as never;
		await expect(connect("ws://a.example", { game: "dots" })).rejects.toMatchObject({
			name: "ERR_ADDRESS_INSECURE",
		});
	});
});

describe("options", () => {
	it("that are undefined count as left out, others as given", () => {
		const defaults = { a: 1, b: "x" as string | null, c: true };
		expect(withDefaults(defaults, { a: undefined, b: null })).toEqual({ a: 1, b: null, c: true });
		expect(withDefaults(defaults, { c: false, a: 0 })).toEqual({ a: 0, b: "x", c: false });
		expect(defaults).toEqual({ a: 1, b: "x", c: true });
	});
});
