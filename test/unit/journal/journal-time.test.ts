import { beforeAll, describe, expect, it } from "vitest";
import { ByteWriter } from "../../../protocol/codec/byte-writer.ts";
import { blockHead } from "../../../server/journal/block-file.ts";
import { putTime } from "../../../server/journal/encode-record.ts";
import { FileRecorder } from "../../../server/journal/file-recorder.ts";
import { JournalReader, openJournal } from "../../../server/journal/journal-reader.ts";
import { memorySource } from "../../../server/journal/journal-source.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { replay } from "../../../server/replay/replay.ts";
import { Room } from "../../../server/room/room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { VirtualClock } from "../../support/recording-sink.ts";
import { MemorySink } from "./journal-match.ts";

const START = Date.UTC(2030, 5, 1, 12);

let dots: GameModule;
beforeAll(async () => {
	dots = await loadFixture("dots");
});

function open(bytes: Uint8Array) {
	const journal = openJournal(memorySource(bytes));
	if ("error" in journal) throw new Error(journal.detail);
	return journal;
}

/** A room at 60 Hz whose time of day is `at` its tick. */
async function record(ticks: number, at: (tick: number) => number): Promise<Uint8Array> {
	let tick = 0;
	const sink = new MemorySink();
	const recorder = new FileRecorder(
		() => sink,
		() => {},
		() => at(tick),
	);
	const room = new Room({ id: "r", game: dots, clock: new VirtualClock(), seed: 1, recorder });
	for (; tick < ticks; tick++) room.runTick();
	recorder.close(room);
	await recorder.finished;
	return sink.bytes;
}

function timesOf(bytes: Uint8Array): [tick: number, sinceStartMs: number][] {
	const reader = new JournalReader(open(bytes));
	const times: [number, number][] = [];
	for (let record = reader.next(); record !== null; record = reader.next()) {
		if ("error" in record) throw new Error(record.detail);
		if (record.type === "time") times.push([record.tick, record.timeMs - START]);
	}
	return times;
}

describe("a journal's times of day", () => {
	it("are told at the start, about once a minute and at the end", async () => {
		const bytes = await record(9_000, (tick) => START + (tick * 1000) / 60);
		expect(timesOf(bytes)).toEqual([
			[0, 0],
			[3_600, 60_000],
			[7_200, 120_000],
			[9_000, 150_000],
		]);
	});

	it("are told after a pause, at the very tick", async () => {
		const pausedMs = 3_600_000;
		const bytes = await record(
			200,
			(tick) => START + (tick * 1000) / 60 + (tick >= 120 ? pausedMs : 0),
		);
		expect(timesOf(bytes)).toEqual([
			[0, 0],
			[120, 2_000 + pausedMs],
			[200, Math.round(20_000 / 6) + pausedMs],
		]);
	});

	it("say from when to when a replay goes, also one from the middle", async () => {
		const bytes = await record(
			4_000,
			(tick) => START + (tick * 1000) / 60 + (tick >= 1_000 ? 86_400_000 : 0),
		);
		expect(replay(open(bytes))).toMatchObject({
			departure: null,
			time: { from: "2030-06-01T12:00:00.000Z", to: "2030-06-02T12:01:06.667Z" },
		});
		const middle = replay(open(bytes), { toTick: 2_399 });
		expect(middle).toMatchObject({
			firstTick: 1_800,
			time: { from: "2030-06-02T12:00:30.000Z", to: "2030-06-02T12:00:40.000Z" },
		});
	});

	it("that make no sense are refused by name, and records from later versions are skipped", async () => {
		const bytes = await record(10, () => START);
		const withRecord = (payload: Uint8Array) => {
			const { source, start } = open(bytes);
			const whole = source.read(0, source.length);
			return Buffer.concat([
				whole.subarray(0, start.offset),
				blockHead(payload),
				payload,
				whole.subarray(start.offset),
			]);
		};
		const told = new ByteWriter(64);
		putTime(told, 0, 8_640_000_000_000_001);
		const reader = new JournalReader(open(withRecord(told.bytes.subarray(0, told.length))));
		expect(reader.next()).toMatchObject({ error: "ERR_JOURNAL_RECORD" });
		expect(replay(open(withRecord(Uint8Array.of(99, 2, 1, 1))))).toMatchObject({
			departure: null,
			ticks: 10,
		});
		expect(replay(open(withRecord(Uint8Array.of(63, 2, 1, 1))))).toMatchObject({
			error: "ERR_JOURNAL_RECORD",
		});
	});
});
