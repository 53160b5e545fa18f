import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderDisk } from "../../server/journal/room-log/log-disk.ts";
import { RoomLogWriter } from "../../server/journal/room-log/room-log-writer.ts";
import { runToEnd } from "../support/start-server.ts";
import { FakeRoom } from "../unit/journal/room-log/fake-room.ts";

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-log-"));
	const writer = new RoomLogWriter({
		...{ worker: 3, incarnation: "abc", disk: folderDisk(folder), durability: "process" as const },
		onTrouble: (name) => expect(name).toBeNull(),
		policy: { isDue: ({ ticks }) => ticks >= 20 },
	});
	const [a, b] = ["lobby", "gone"].map((id) => new FakeRoom(writer, { id, epoch: 2 }));
	a?.takeSeat(1, "ann");
	a?.takeSeat(4, "b\u001b[31mob", 1_800_000_000_000);
	for (let tick = 0; tick < 30; tick++) {
		for (const room of [a, b]) room?.play(Uint8Array.of(tick, 1, 2));
		writer.flush();
	}
	b?.close("empty");
	await writer.finish();
});
afterAll(() => rm(folder, { recursive: true }));

describe("hotstep log", () => {
	it("says what is in a log, for people and for machines, and that it is whole", async () => {
		const { code, stdout, stderr } = await runToEnd(["log", folder]);
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^w3-abc-1\.hsl {2}\d+ bytes, \d+ blocks, 2 rooms\n/);
		expect(stdout).toContain("room lobby, epoch 2, fake ");
		expect(stdout).toContain("tick 30: the image of tick 20 (65536 bytes) and 10 ticks (30 bytes)");
		expect(stdout).toContain("ann, b?[31mob (seat held until 2027-01-15T08:00:00.000Z)");
		expect(stdout).toContain("room gone, epoch 2: over at tick 30 (empty)");
		expect(stdout).toMatch(/1 rooms can be had again, 0 cannot, 1 are over; \d+ bytes: whole\n$/);
		const json = await runToEnd(["log", folder, "--json"]);
		expect(JSON.parse(json.stdout)).toMatchObject({
			rooms: [{ id: "lobby", epoch: 2, tick: 30, imageTick: 20, seats: [{ name: "ann" }, {}] }],
			closed: [{ id: "gone", why: "empty" }],
			refused: [],
			problems: [],
		});
		expect(json.stdout).not.toContain("tokenHash");
	});

	it("names damage with its file and byte, and what it costs", async () => {
		const file = path.join(folder, "w3-abc-1.hsl");
		const bytes = readFileSync(file);
		const damaged = Buffer.from(bytes);
		damaged[damaged.length - 1] = (damaged[damaged.length - 1] as number) ^ 1;
		writeFileSync(file, damaged);
		const { code, stdout } = await runToEnd(["log", folder]);
		expect(code).toBe(2);
		expect(stdout).toMatch(/DAMAGE: ERR_LOG_DAMAGED: .* \(w3-abc-1\.hsl, byte \d+\)/);
		expect(stdout).toMatch(/REFUSED: room lobby, epoch 2: ERR_LOG_DAMAGED/);
		writeFileSync(file, bytes.subarray(0, -1));
		const cut = await runToEnd(["log", folder]);
		expect([cut.code, cut.stdout]).toEqual([0, expect.stringMatching(/cut off at byte \d+/)]);
	});

	it("refuses a folder that is not there", async () => {
		const { code, stdout, stderr } = await runToEnd(["log", path.join(folder, "nowhere")]);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/^hotstep: ERR_LOG_MISSING: /);
	});
});
