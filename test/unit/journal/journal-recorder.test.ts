import { Writable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import type { BlockStream } from "../../../server/journal/block-stream.ts";
import { FileRecorder } from "../../../server/journal/file-recorder.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { Room } from "../../../server/room/room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { VirtualClock } from "../../support/recording-sink.ts";
import { MemorySink } from "./journal-match.ts";

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

/** A disk that takes nothing until told to. */
class StuckSink extends Writable {
	private waiting: (() => void)[] = [];

	override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
		this.waiting.push(done);
	}
}

function openRoom(game: GameModule, recorder: FileRecorder): Room {
	return new Room({ id: "r", game, clock: new VirtualClock(), seed: 1, recorder });
}

describe("FileRecorder", () => {
	it("stops with a name when the disk does not keep up, and the room goes on", async () => {
		const stops: string[] = [];
		const sink = new StuckSink();
		const recorder = new FileRecorder(
			() => sink,
			(error) => stops.push(error),
		);
		const room = openRoom(dots, recorder);
		const inbox = new Uint8Array(4096);
		for (let i = 0; i < 1500; i++) {
			inbox.fill(i);
			recorder.tick(room, inbox);
			room.tick++;
			if (i % 50 === 0) await nextTurn();
		}
		expect(stops).toEqual(["ERR_RECORD_SLOW"]);
		room.runTick();
		expect(room.fault).toBeNull();
		await recorder.finished;
	});

	it("stops with a name when the file cannot be written", async () => {
		const stops: string[] = [];
		const recorder = new FileRecorder(
			() =>
				new Writable({
					write: (_chunk, _encoding, done) => done(new Error("no space left on device")),
				}),
			(error, detail) => stops.push(`${error}: ${detail}`),
		);
		const room = openRoom(dots, recorder);
		for (let i = 0; i < 200; i++) {
			room.runTick();
			await nextTurn();
		}
		recorder.close(room);
		await recorder.finished;
		expect(stops).toEqual(["ERR_RECORD_WRITE: no space left on device"]);
		expect(room.tick).toBe(200);
	});

	it("rotates its buffers: a long match needs no more of them than a short one", async () => {
		const sink = new MemorySink();
		const recorder = new FileRecorder(
			() => sink,
			() => {},
		);
		const room = openRoom(dots, recorder);
		const inside = recorder as unknown as { records: ByteWriter; stream: BlockStream };
		const used = new Set<unknown>();
		const play = async (): Promise<void> => {
			for (let i = 0; i < 3000; i++) {
				room.runTick();
				used.add(inside.records);
				// a server takes a second for these ticks: time enough for an image
				if (i % 60 === 0)
					do await nextTurn();
					while (inside.stream.heldBytes > 0 || inside.stream.queuedBytes > 0);
			}
		};
		await play();
		const soFar = used.size;
		await play();
		expect(used.size).toBe(soFar);
	});
});
