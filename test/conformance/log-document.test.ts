import { describe, expect, it } from "vitest";
import { LOG_TAG } from "../../server/journal/room-log/log-format.ts";
import { readRoomLog } from "../../server/journal/room-log/read-room-log.ts";
import { playWorld } from "../unit/journal/room-log/log-world.ts";
import { readDocument, tableRows } from "./document.ts";
import { readLogFiles } from "./log-reader.ts";

describe("docs/journal.md on the room log", () => {
	it("is enough to find every room again, with its image, inboxes and seats", async () => {
		let rooms = 0;
		let images = 0;
		for (let seed = 1; seed <= 25; seed++) {
			const { disk } = await playWorld(seed);
			const byDocument = readLogFiles(disk.files);
			const found = readRoomLog(disk.folder).rooms;
			expect([...byDocument.keys()].sort()).toEqual(found.map(({ id }) => id).sort());
			for (const { id, epoch, seed: given, rawHash, seats, stretch } of found) {
				const read = byDocument.get(id);
				expect(read).toMatchObject({ epoch, seed: given, rawHash, imageTick: stretch.firstTick });
				const { image, inboxes } = stretch;
				const bytes = (all: readonly (Uint8Array | null)[] = []) =>
					all.map((inbox) => inbox && Buffer.from(inbox).toString("hex"));
				expect(bytes(read?.inboxes)).toEqual(bytes(inboxes));
				expect(read?.memory === null).toBe(image === null);
				if (image !== null) {
					expect(read?.memory?.equals(image.bytes)).toBe(true);
					expect(read?.globals).toEqual(image.globals);
					images++;
				}
				const told = seats.map(({ number, name, user, tokenHash, heldUntilMs }) => [
					number,
					{ name, user, token: tokenHash, heldUntil: heldUntilMs },
				]);
				expect([...(read?.seats ?? [])].sort(([a], [b]) => a - b)).toEqual(told);
				rooms++;
			}
		}
		expect([rooms > 40, images > 30]).toEqual([true, true]);
	});

	it("lists the records that there are", () => {
		const document = readDocument("docs/journal.md");
		const log = document.slice(document.indexOf("# The room log"));
		const tags = tableRows(log, "Records").flatMap(([tag = ""]) => tag.split(", ").map(Number));
		expect(tags.sort((a, b) => a - b)).toEqual(Object.values(LOG_TAG).sort((a, b) => a - b));
	});
});
