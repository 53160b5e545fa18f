import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { encodeClientMessage } from "../../../protocol/messages/client-message.ts";
import { Gate } from "../../../server/worker/gate.ts";
import type { PassableSocket } from "../../../server/worker/socket-passing/passable-socket.ts";
import { WORKER_LIMITS } from "../../../server/worker/worker-limits.ts";

class FakeWs extends EventEmitter {
	binaryType = "";
	readonly pongs: Buffer[] = [];
	isPaused = false;
	pause(): void {
		this.isPaused = true;
	}
	resume(): void {
		this.isPaused = false;
	}
	pong(data: Buffer): void {
		this.pongs.push(data);
	}
}

const hello = Buffer.from(
	encodeClientMessage({ type: "hello", game: "dots", room: "r", name: "Ann" }),
);
const leave = Buffer.from(encodeClientMessage({ type: "leave" }));
/** What has happened, in order. */
let events: unknown[];
let ws: FakeWs;
let gate: Gate;

/** A gate before a worker that has the room, or has not. */
function open(isHere: boolean): void {
	events = [];
	ws = new FakeWs();
	const carried = { unread: Buffer.from("tail"), unsent: Buffer.from("out") };
	const socket = { release: () => carried } as unknown as PassableSocket;
	gate = new Gate(ws as unknown as WebSocket, socket, {
		isHere: () => isHere,
		ask: (asked) => events.push(["ask", asked]),
		enter() {
			events.push("enter");
			ws.on("message", (data: Buffer) => events.push(["message", data]));
			ws.on("error", (error: Error) => events.push(error));
			return { drop: (name) => events.push(name) };
		},
		helloTimeoutMs: 5_000,
		now: () => 0,
	});
}

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

describe("the gate of a worker", () => {
	it("lets in who asks for what is here, and hands on all they say", () => {
		open(true);
		ws.emit("message", hello, true);
		ws.emit("message", leave, true);
		expect(events).toEqual(["enter", ["message", hello], ["message", leave]]);
	});

	it("asks about those who want what is not here, and reads no further", () => {
		open(false);
		ws.emit("message", hello, true);
		ws.emit("message", leave, true);
		expect([events, ws.isPaused]).toEqual([[["ask", hello]], true]);
		gate.stay();
		expect(events.slice(1)).toEqual(["enter", ["message", hello], ["message", leave]]);
		expect(ws.isPaused).toBe(false);
	});

	it("gives a client up with everything that it has said, as it would say it again", () => {
		open(false);
		ws.emit("message", hello, true);
		ws.emit("message", leave, true);
		const head = (bytes: Buffer) => Buffer.from([0x82, 0x80 | bytes.length, 0, 0, 0, 0]);
		expect(gate.release()).toEqual({
			unread: Buffer.concat([head(hello), hello, head(leave), leave, Buffer.from("tail")]),
			unsent: Buffer.from("out"),
		});
		vi.advanceTimersByTime(60_000);
		ws.emit("message", leave, true);
		expect(events).toEqual([["ask", hello]]);
	});

	it("lets in whoever waits too long for an answer", () => {
		open(false);
		ws.emit("message", hello, true);
		vi.advanceTimersByTime(WORKER_LIMITS.askMs + 1);
		vi.runAllTicks();
		expect(events.slice(1)).toEqual(["enter", ["message", hello]]);
	});

	it.each([
		["a text", hello, false],
		["bytes that are no message", Buffer.from([0xc1]), true],
		["another message", leave, true],
	])("leaves %s before a hello to the connection", (_, data, isBinary) => {
		open(false);
		ws.emit("message", data, isBinary);
		expect(events).toEqual(["enter", ["message", data]]);
	});

	it("leaves an error of the socket to the connection", () => {
		open(false);
		const error = new Error("a frame without a mask");
		ws.emit("error", error);
		expect(events).toEqual(["enter", error]);
	});

	it("drops who says no hello in time, and who only pings", async () => {
		open(true);
		await vi.advanceTimersByTimeAsync(5_001);
		expect(events).toEqual(["enter", "ERR_HELLO_TIMEOUT"]);
		open(true);
		for (let i = 0; i < 300; i++) ws.emit("ping", Buffer.alloc(0));
		expect([events.length, ws.pongs.length]).toEqual([0, 300]);
		ws.emit("ping", Buffer.alloc(0));
		expect(events).toEqual(["enter", "ERR_RATE_LIMITED"]);
	});

	it("forgets a client that goes before its hello", async () => {
		open(true);
		ws.emit("close", 1006);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(events).toEqual([]);
	});
});
