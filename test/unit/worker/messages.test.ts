import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../protocol/limits.ts";
import { SERVER_LIMITS } from "../../../server/limits.ts";
import { readOrder } from "../../../server/worker/messages/order.ts";
import { readReport } from "../../../server/worker/messages/report.ts";
import { WORKER_LIMITS } from "../../../server/worker/worker-limits.ts";

const carried = { unread: new Uint8Array(3), unsent: new Uint8Array(0) };
const seat = { room: "ABCDEFGH", player: 3, capabilities: ["plain"] };
const room = { id: "ABCDEFGH", game: "arena", maxPlayers: 64, players: 0, epoch: 3 };

const orders = [
	{
		type: "open",
		socket: 1,
		url: "/arena",
		headers: { host: "localhost", "set-cookie": ["a", "b"] },
		behind: new Uint8Array(0),
		isTooMany: false,
	},
	{ type: "adopt", socket: 1, carried, seat: null },
	{ type: "adopt", socket: 1, carried, seat },
	{ type: "adopt", socket: 1, carried, seat: { ...seat, player: null } },
	{ type: "stay", socket: 1 },
	{ type: "release", sockets: [1, 2] },
	{ type: "parcel", room: "a", from: "register", bytes: new Uint8Array(4) },
	{ type: "died", worker: "w1-0a" },
	{ type: "stop" },
];

const reports = [
	{
		type: "ready",
		games: [{ name: "arena", version: 1, hash: "a".repeat(64), maxPlayers: 64 }],
		control: "1.sock",
	},
	{ type: "cannotStart", name: "ERR_MODULE_MISSING", detail: "arena.wasm" },
	{ type: "asked", socket: 1, hello: new Uint8Array(40) },
	{ type: "released", socket: 1, carried },
	{ type: "released", socket: 1, carried: null },
	{ type: "seated", socket: 1, seat },
	{ type: "gone", socket: 1 },
	{
		type: "rooms",
		opened: [room],
		changed: [{ id: "a", players: 1 }],
		closed: [{ id: "b", epoch: 2 }],
	},
	{ type: "parcel", room: "a", to: "w1-0a", bytes: new Uint8Array(4) },
	{ type: "gives", room: "a", to: "w1-0a", sockets: [{ socket: 1, seat }] },
	{ type: "moved", room: "a", frozenMs: 12.5 },
	{
		type: "load",
		cpu: 0.5,
		latenessP99Ms: 0.25,
		seats: 1,
		rooms: 1,
		connections: 1,
		rssBytes: 1,
		isFull: false,
	},
];

/** A message with each of its fields left out, or put in wrongly, in turn. */
function* spoilt(message: Record<string, unknown>): Generator<Record<string, unknown>> {
	for (const name of Object.keys(message)) {
		const { [name]: _, ...rest } = message;
		yield rest;
		for (const wrong of [
			Number.NaN,
			Infinity,
			-1,
			"x".repeat(100_000),
			[message],
			Symbol,
			undefined,
		]) {
			yield { ...message, [name]: wrong };
		}
	}
}

describe("messages between supervisor and worker", () => {
	it("are read when they are as they must be", () => {
		for (const order of orders) expect(readOrder(order)).toBe(order);
		for (const report of reports) expect(readReport(report)).toBe(report);
	});

	it("are nothing when a field is missing or is something else", () => {
		for (const order of orders) {
			for (const wrong of spoilt(order)) expect([wrong, readOrder(wrong)]).toEqual([wrong, null]);
		}
		for (const report of reports) {
			for (const wrong of spoilt(report)) expect([wrong, readReport(wrong)]).toEqual([wrong, null]);
		}
	});

	it("are nothing when they are no message of their kind", () => {
		for (const wrong of [null, undefined, 1, "stop", [], {}, { type: "toString" }, { type: 1 }]) {
			expect([readOrder(wrong), readReport(wrong)]).toEqual([null, null]);
		}
		expect(readOrder(reports[0])).toBe(null);
		expect(readReport(orders[0])).toBe(null);
	});

	it("are nothing above their limits", () => {
		const large = { ...carried, unread: new Uint8Array(WORKER_LIMITS.carriedBytes + 1) };
		expect(readOrder({ type: "adopt", socket: 1, carried: large, seat })).toBe(null);
		const hello = new Uint8Array(LIMITS.clientMessageBytes + 1);
		expect(readReport({ type: "asked", socket: 1, hello })).toBe(null);
		const sockets = Array<number>(SERVER_LIMITS.connections + 1).fill(1);
		expect(readOrder({ type: "release", sockets })).toBe(null);
		expect(readOrder({ ...orders[0], headers: { a: 1 } })).toBe(null);
		expect(readOrder({ ...orders[2], seat: { ...seat, capabilities: ["root"] } })).toBe(null);
	});
});
