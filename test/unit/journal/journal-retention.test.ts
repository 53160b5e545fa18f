import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readStartConfig } from "../../../server/cli/start-config.ts";
import { recordTo } from "../../../server/journal/journal-folder.ts";
import { chooseExpired, type KeptJournal } from "../../../server/journal/retention.ts";
import { silentLog } from "../../../server/log.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { Room } from "../../../server/room/room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { VirtualClock } from "../../support/recording-sink.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2030, 0, 31);

function journal(
	name: string,
	days: number,
	bytes: number,
	writer: KeptJournal["writer"] = "done",
): KeptJournal {
	return { name, bytes, writtenMs: NOW - days * DAY, writer };
}

describe("which journals are deleted", () => {
	const names = (
		journals: readonly KeptJournal[],
		keepDays: number | null,
		maxBytes: number | null,
	) =>
		chooseExpired(
			journals,
			{ keepMs: keepDays === null ? null : keepDays * DAY, maxBytes },
			NOW,
		).map(({ name }) => name);

	it("those that are older than is kept, and no others", () => {
		const journals = [journal("new", 0, 1), journal("edge", 7, 1), journal("old", 7.01, 1)];
		expect(names(journals, 7, null)).toEqual(["old"]);
		expect(names(journals, null, null)).toEqual([]);
		expect(names(journals, 0, null)).toEqual(["old", "edge"]);
	});

	it("the oldest ones, as many as it takes to come below the bound", () => {
		const journals = [journal("b", 2, 40), journal("c", 1, 30), journal("a", 3, 50)];
		expect(names(journals, null, 120)).toEqual([]);
		expect(names(journals, null, 119)).toEqual(["a"]);
		expect(names(journals, null, 69)).toEqual(["a", "b"]);
		expect(names(journals, null, 1)).toEqual(["a", "b", "c"]);
	});

	it("what went for its age counts no more towards the bound", () => {
		const journals = [journal("a", 9, 50), journal("b", 2, 40), journal("c", 1, 30)];
		expect(names(journals, 7, 70)).toEqual(["a"]);
	});

	it("never one that is being written, here or perhaps elsewhere, whatever its size and age", () => {
		const journals = [
			journal("ours", 30, 1000, "ours"),
			{ ...journal("theirs", 0, 1000, "foreign"), writtenMs: NOW - HOUR + 1 },
			journal("done", 0, 10),
			{ ...journal("left", 0, 10, "foreign"), writtenMs: NOW - HOUR },
		];
		expect(names(journals, 1, 100)).toEqual(["left", "done"]);
	});
});

describe("a folder of journals", () => {
	let dots: GameModule;
	beforeAll(async () => {
		dots = await loadFixture("dots");
	});

	it("keeps what it should, and is for the server's user only", async () => {
		const folder = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-kept-")), "journals");
		const unbounded = recordTo(folder, silentLog);
		for (const [name, days] of [
			["old.hsj", 10],
			["young.hsj", 2],
			["old.txt", 10],
		] as const) {
			await writeFile(path.join(folder, name), "x");
			const time = new Date(Date.now() - days * DAY);
			await utimes(path.join(folder, name), time, time);
		}
		await unbounded.finished();
		expect((await readdir(folder)).sort()).toEqual(["old.hsj", "old.txt", "young.hsj"]);

		let deleted = 0;
		const journals = recordTo(
			folder,
			(_, line, fields) => {
				if (line === "journals deleted") deleted += Number(fields?.files);
			},
			{
				retention: { keepMs: 7 * DAY, maxBytes: 10 },
			},
		);
		const rooms = ["first", "second"].map(
			(id) =>
				new Room({
					id,
					game: dots,
					clock: new VirtualClock(),
					seed: 1,
					recorder: journals(dots),
				}),
		);
		const [first, second] = rooms as [Room, Room];
		first.recorder?.close(first, "shutdown");
		// the finished one is above the bound by itself; the other is still being written
		await expect
			.poll(async () => (await readdir(folder)).map((name) => name.replace(/-\d{8}T\d{6}Z-/, "-")))
			.toEqual(["dots-second.hsj", "old.txt"]);
		const file = second.recorder?.file as string;
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		second.recorder?.close(second, "shutdown");
		await journals.finished();
		expect(await readdir(folder)).toEqual(["old.txt"]);
		expect(deleted).toBe(4);
		await rm(path.dirname(folder), { recursive: true });
	});
});

describe("hotstep start", () => {
	const read = (...flags: string[]) => readStartConfig(["game.wasm", ...flags], {}).recordRetention;

	it("takes days and sizes", () => {
		expect(read("--record", "j")).toBeNull();
		expect(read("--record", "j", "--record-keep", "0.5", "--record-max", "20g")).toEqual({
			keepMs: DAY / 2,
			maxBytes: 20 * 1024 ** 3,
		});
		expect(read("--record", "j", "--record-max", "500M")).toEqual({
			keepMs: null,
			maxBytes: 500 * 1024 ** 2,
		});
	});

	it.each([
		[["--record-keep", "7"], "are for --record DIR"],
		[["--record", "j", "--record-keep", "week"], "--record-keep is a number"],
		[["--record", "j", "--record-max", "0"], "--record-max is a size"],
		[["--record", "j", "--record-max", "5T"], "--record-max is a size"],
	])("refuses %j", (flags, message) => {
		expect(() => read(...flags)).toThrow(message);
	});
});
