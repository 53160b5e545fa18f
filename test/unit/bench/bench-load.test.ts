import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { between, latenessWithin } from "../../../bench/lateness.ts";
import { Child } from "../../../bench/load/child.ts";
import { rawNet, rawWs } from "../../../bench/load/contender.ts";
import { DIALECTS } from "../../../bench/load/dialects.ts";
import { clientFrame, FrameReader } from "../../../bench/load/frame-reader.ts";
import { ServerProcess } from "../../../bench/load/server-process.ts";
import { Sink } from "../../../bench/load/sink.ts";
import { SinkTally } from "../../../bench/load/sink-tally.ts";
import { slope } from "../../../bench/soak/memory.ts";
import { decodeClientMessage } from "../../../protocol/messages/client-message.ts";
import { putSnapshotPrefix } from "../../../protocol/messages/snapshot-parts.ts";
import { type OpenServer, openServer } from "../../../server/open-server.ts";
import { putFrameHeader } from "../../../server/socket/frame-header.ts";
import { loadFixture } from "../../support/load-fixture.ts";

function frame(payload: Uint8Array, opcode = 2): Uint8Array {
	const bytes = new Uint8Array(10 + payload.length);
	const start = putFrameHeader(bytes, 10, payload.length);
	bytes[start] = 0x80 | opcode;
	bytes.set(payload, 10);
	return bytes.subarray(start);
}

describe("the reader of frame headers", () => {
	const sizes = [0, 1, 7, 8, 125, 126, 3_000, 65_536];
	const stream = Buffer.concat([
		...sizes.map((size) => frame(new Uint8Array(size).map((_, i) => i + size))),
		frame(new Uint8Array(0), 9),
		frame(new Uint8Array(2), 8),
	]);

	it.each([1, 2, 3, 11, 4_096, stream.length])(
		"finds every message in pieces of %i bytes",
		(step) => {
			const found: [number, number[]][] = [];
			const other: string[] = [];
			const reader = new FrameReader({
				message: (bytes, head) => found.push([bytes, [...head]]),
				ping: () => other.push("ping"),
				close: () => other.push("close"),
			});
			for (let at = 0; at < stream.length; at += step) {
				reader.read(stream, at, Math.min(stream.length, at + step));
			}
			expect(found.map(([bytes]) => bytes)).toEqual(sizes);
			for (const [size, head] of found) {
				const expected = Array.from({ length: 8 }, (_, i) => (i < size ? (i + size) & 0xff : 0));
				expect(head).toEqual(expected);
			}
			expect(other).toEqual(["ping", "close"]);
		},
	);

	it("refuses to frame what is not short", () => {
		expect(() => clientFrame(new Uint8Array(126))).toThrow(/126 bytes/);
	});
});

describe("what a sink says to Hotstep", () => {
	it.each([5, 200, 70_000])("acknowledges the snapshot of tick %i", (tick) => {
		const head = new Uint8Array(16);
		putSnapshotPrefix(head, 0, tick, 0, 0, 1);
		expect(DIALECTS.hotstep.isUpdate(head)).toBe(true);
		const said = decodeClientMessage(DIALECTS.hotstep.say(head, Uint8Array.of(1)));
		expect(said).toMatchObject({ type: "input", ackTick: tick, tick: tick + 1 });
	});
});

describe("a sink on a live server", () => {
	let server: OpenServer;
	let port = 0;
	beforeAll(async () => {
		server = await openServer({ games: [await loadFixture("dots")] });
		({ port } = await server.listen(0));
	});
	afterAll(() => server.close());

	it("gets in, counts snapshots and bytes, and is not taken for one that lags", async () => {
		const tally = new SinkTally();
		const target = { port, dialect: "hotstep", game: "dots", inputBytes: 2 } as const;
		const sinks = [new Sink(target, 0, tally), new Sink(target, 1, tally)];
		for (const sink of sinks) await sink.open(port);
		for (let i = 0; i < 200 && tally.updates < 40; i++) {
			await new Promise((resolve) => setTimeout(resolve, 50));
			for (const sink of sinks) sink.say();
		}
		expect(tally.updates).toBeGreaterThanOrEqual(40);
		expect(tally.updateBytes).toBeGreaterThan(40 * 10);
		expect(tally.wireBytes).toBeGreaterThan(tally.updateBytes);
		const [room] = server.core.directory.rooms.values();
		expect(room?.population).toBe(2);
		for (const player of room?.players.values() ?? []) {
			expect(player.viewer?.skippedSnapshots).toBe(0);
			expect(player.viewer?.ackTick).toBeGreaterThan(0);
		}
		for (const sink of sinks) sink.leave();
		expect(tally.lost).toBe(0);
	});
});

describe("a server that is compared with", () => {
	it.each([rawWs(300), rawNet(300)])(
		"$name sends messages of the bytes asked for",
		async (peer) => {
			const server = new ServerProcess(peer, { rooms: 2, clients: 2, rateHz: 20 });
			const tally = new SinkTally();
			try {
				const port = await server.start();
				const target = { port, dialect: peer.dialect, game: "", inputBytes: 0 };
				const sinks = [0, 1, 2, 3].map((i) => new Sink(target, i, tally));
				for (const sink of sinks) await sink.open(port);
				for (let i = 0; i < 100 && tally.updates < 40; i++) {
					await new Promise((resolve) => setTimeout(resolve, 50));
				}
				expect(tally.updates).toBeGreaterThanOrEqual(40);
				expect(tally.updateBytes).toBe(tally.updates * 300);
				expect((await server.usage()).cpuMs).toBeGreaterThan(0);
				for (const sink of sinks) sink.leave();
			} finally {
				await server.stop();
			}
		},
	);

	it("is told by name when it does not start", async () => {
		const child = new Child("the server of nobody", "/nowhere/nobody.mjs", {});
		await expect(child.next("ready", 10_000)).rejects.toThrow(
			/the server of nobody ended before its ready: Error: Cannot find module/,
		);
	});
});

describe("figures of a load", () => {
	it("bounds lateness by the bucket that a share of the ticks falls into", () => {
		const counts = [90, 0, 8, 1, 1, 0, 0, 0, 0, 0, 0];
		expect(latenessWithin(counts, 0.9, 900)).toBe(0.25);
		expect(latenessWithin(counts, 0.98, 900)).toBe(1);
		expect(latenessWithin(counts, 0.99, 900)).toBe(2);
		expect(latenessWithin(counts, 1, 900)).toBe(4);
		const slow = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
		expect(latenessWithin(slow, 0.99, 900)).toBe(256);
		expect(latenessWithin([0, 0, 0, 0, ...slow], 0.99, 900)).toBe(900);
		expect(latenessWithin([], 0.99, 900)).toBe(0);
		expect(between([1, 2], [4, 2])).toEqual([3, 0]);
	});

	it("fits a line through what is left after each cycle", () => {
		expect(slope([5, 7, 9, 11])).toBeCloseTo(2);
		expect(slope([4, 4, 4])).toBe(0);
		expect(slope([1])).toBe(0);
	});
});
