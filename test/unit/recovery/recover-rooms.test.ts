import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { Core } from "../../../server/core.ts";
import { deadSeries } from "../../../server/journal/room-log/log-folder.ts";
import { type Log, silentLog } from "../../../server/log.ts";
import type { GameModule } from "../../../server/module/game-module.ts";
import { rawHash } from "../../../server/module/module-files.ts";
import { newIncarnation, RoomLogs } from "../../../server/recovery/room-logs.ts";
import type { Room } from "../../../server/room/room.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { loadFixture } from "../../support/load-fixture.ts";
import { RecordingSink, VirtualClock } from "../../support/recording-sink.ts";
import { loadVariant, replace } from "../../support/variant.ts";

let dots: GameModule;
let next: GameModule;
let deadly: GameModule;
let folder: string;
beforeAll(async () => {
	dots = await loadFixture("dots");
	next = await loadVariant({ schema: replace("version: 1", "version: 2") });
	deadly = await loadVariant({ schema: replace("version: 1", "version: 3") });
});
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), "hotstep-recovery-"));
});

/** A server's core and its log, on a clock of its own; it dies when nobody calls it any more. */
class Life {
	readonly clock = new VirtualClock();
	readonly logs: RoomLogs;
	readonly core: Core;

	constructor(games: readonly GameModule[] = [dots], log: Log = silentLog) {
		this.logs = new RoomLogs({
			...{ folder, worker: 0, incarnation: newIncarnation(), durability: "process", log },
		});
		this.core = new Core({
			games,
			clock: this.clock,
			scheduler: { add: (room) => room.start(this.clock.ms), remove() {} },
			log,
			rooms: { seed: () => 7, seatGraceMs: 5_000, recorder: () => this.logs.recorder },
		});
	}

	recover(dead: readonly string[] = this.logs.others()) {
		return this.logs.recover({ directory: this.core.directory, isMine: () => true, dead });
	}

	/** Freezes the room and gives it away, as the owner's change makes its worker do. */
	give(room: Room): void {
		this.logs.flush();
		this.core.directory.freeze(room);
		this.core.directory.giveAway(room);
		room.recorder?.given?.(room);
	}

	open(game = dots): Room {
		const room = this.core.directory.open(game);
		if ("error" in room) throw new Error(room.detail);
		return room;
	}

	/** Plays ticks with what players do by chance; gives the hash after each tick that was logged. */
	play(room: Room, ticks: number, random: SeededRandom): Map<number, string> {
		const hashes = new Map<number, string>();
		for (let i = 0; i < ticks; i++) {
			if (random.chance(0.1)) room.join(new RecordingSink(), `p${i}`);
			for (const player of room.players.values()) {
				const inputs = new Uint8Array([random.below(100), random.below(100)]);
				const { tick } = room;
				if (player.viewer) room.receiveInput(player, { type: "input", ackTick: 0, tick, inputs });
			}
			const leaver = room.players.get(random.below(16));
			if (leaver?.viewer && random.chance(0.05)) room.leave(leaver);
			this.clock.ms += room.tickMs;
			room.runTick();
			this.logs.flush();
			hashes.set(room.tick, room.stateHash());
		}
		return hashes;
	}
}

function joined(room: Room): unknown {
	return [...room.players.values()]
		.filter(({ isJoined, isLeaving }) => isJoined && !isLeaving)
		.map(({ number, name, tokenHash }) => ({ number, name, tokenHash }))
		.sort((a, b) => a.number - b.number);
}

describe("rooms of a process that was killed", () => {
	it.each([1, 2, 3])(
		"are back at the last tick that was logged, bit for bit (seed %i)",
		async (seed) => {
			const first = new Life();
			const random = new SeededRandom(seed);
			const rooms = [first.open(), first.open(), first.open()];
			for (const room of rooms) first.play(room, 50 + random.below(700), random);
			const second = new Life();
			const { lost } = await second.recover();
			expect(lost).toEqual([]);
			expect(second.core.directory.rooms.size).toBe(3);
			for (const room of rooms) {
				const back = second.core.directory.rooms.get(room.id);
				expect([back?.tick, back?.stateHash(), back?.seed]).toEqual([
					room.tick,
					room.stateHash(),
					room.seed,
				]);
				expect(back && joined(back)).toEqual(joined(room));
				expect(back?.epoch).toBe(room.epoch + 1);
			}
		},
	);

	it("are back again after a second death, and old files go", async () => {
		const first = new Life();
		const room = first.open();
		first.play(room, 300, new SeededRandom(4));
		for (let life = 0; life < 3; life++) {
			const later = new Life();
			await later.recover();
			const back = later.core.directory.rooms.get(room.id);
			if (!back) throw new Error("it is lost");
			expect(back.epoch).toBe(life + 2);
			later.play(back, 200, new SeededRandom(life));
			const logs = async (): Promise<string[]> =>
				(await readdir(folder))
					.filter((name) => name.endsWith(".hsl"))
					.map((name) => name.split("-", 2).join("-"));
			await expect.poll(logs).toEqual([later.logs.series]);
		}
	});

	it("come from dead logs only: one that begins meanwhile keeps its file, though it has no room yet", async () => {
		const first = new Life();
		first.play(first.open(), 100, new SeededRandom(4));
		const second = new Life();
		const dead = second.logs.others();
		const beside = new Life();
		beside.logs.flush();
		const { directory } = second.core;
		await second.logs.recover({ directory, isMine: () => true, dead });
		expect(directory.rooms.size).toBe(1);
		await expect.poll(() => deadSeries(folder, [])).not.toContain(first.logs.series);
		expect(deadSeries(folder, []).sort()).toEqual([second.logs.series, beside.logs.series].sort());
	});

	it("are protected again, module and all, after somebody deleted the folder under them", async () => {
		const said: string[] = [];
		const first = new Life([next], (_, message) => said.push(message));
		const room = first.open(next);
		first.play(room, 10, new SeededRandom(4));
		const files = () => readdir(path.join(folder, "modules"));
		await expect.poll(files).toContain(`${rawHash(next)}.wasm`);
		await rm(folder, { recursive: true });
		const isAgain = () => {
			first.play(room, 10, new SeededRandom(5));
			return said.includes("rooms are protected again");
		};
		await expect.poll(isAgain, { timeout: 10_000 }).toBe(true);
		expect(said).toContain("rooms are not protected");
		await expect.poll(files).toContain(`${rawHash(next)}.wasm`);
		const second = new Life();
		await second.recover();
		expect(second.core.directory.rooms.get(room.id)?.stateHash()).toBe(room.stateHash());
	});

	it("are in the log of whoever gave them away, until another log has them", async () => {
		const giver = new Life();
		const room = giver.open();
		const other = giver.open();
		giver.play(room, 300, new SeededRandom(5));
		const hash = room.stateHash();
		giver.give(room);
		// the giver plays on, for longer than a log keeps what it needs no more; nothing is added about the room
		giver.play(other, 1_500, new SeededRandom(6));
		expect(giver.logs.state.roomsWithoutImage).toBe(0);
		const cautious = new Life();
		await cautious.recover([]);
		expect(cautious.core.directory.rooms.size).toBe(0);
		// the taker died before it wrote anything: who recovers is told that the room is nobody's
		const heir = new Life();
		const { directory } = heir.core;
		const isMine = ({ id }: { id: string }): boolean => id === room.id;
		await heir.logs.recover({ directory, isMine, dead: [], areNobodys: true });
		const back = directory.rooms.get(room.id);
		expect([back?.tick, back?.stateHash(), back?.epoch]).toEqual([room.tick, hash, 2]);
		// now the giver may say so, and the next life finds the heir's
		room.recorder?.close(room, "moved");
		giver.logs.flush();
		const last = new Life();
		await last.recover();
		const again = last.core.directory.rooms.get(room.id);
		expect([again?.tick, again?.stateHash(), again?.epoch]).toEqual([room.tick, hash, 3]);
	});

	it("give a player the seat back by its token, and let it go when nobody comes", async () => {
		const first = new Life();
		const room = first.open();
		const sink = new RecordingSink();
		room.join(sink, "Ann");
		room.join(new RecordingSink(), "Ben");
		first.play(room, 10, new SeededRandom(1));
		const [welcome] = sink.messages;
		const token = welcome?.type === "welcome" ? welcome.token : null;
		const second = new Life();
		await second.recover();
		const found = second.core.directory.findSeat(token ?? "");
		expect(found?.player.name).toBe("Ann");
		if (!found) return;
		found.room.seats.resume(found.player, new RecordingSink(), token ?? "");
		second.clock.ms += 6_000;
		found.room.runTick();
		found.room.runTick();
		expect([...found.room.players.values()].map(({ name }) => name)).toEqual(["Ann"]);
	});

	it("go on with rules that were put there while they ran, read from their own file", async () => {
		const first = new Life();
		const room = first.open();
		first.play(room, 100, new SeededRandom(2));
		swapRoom(room, next, { probationMs: 0 });
		first.play(room, 100, new SeededRandom(3));
		await expect
			.poll(() => readdir(path.join(folder, "modules")))
			.toContain(`${rawHash(next)}.wasm`);
		const second = new Life([dots]);
		const { lost } = await second.recover();
		expect(lost).toEqual([]);
		const back = second.core.directory.rooms.get(room.id);
		expect([back?.game.hash, back?.stateHash()]).toEqual([next.hash, room.stateHash()]);
	});

	it("are left out by name when their module is gone", async () => {
		const first = new Life([deadly]);
		first.play(first.open(deadly), 20, new SeededRandom(1));
		const file = `${rawHash(deadly)}.wasm`;
		await expect.poll(() => readdir(path.join(folder, "modules"))).toContain(file);
		await writeFile(path.join(folder, "modules", file), "no module");
		const second = new Life([dots]);
		const { lost } = await second.recover();
		expect(lost.map(({ error }) => error)).toEqual(["ERR_LOG_MODULE"]);
	});

	it("are tried with less each time that they kill the process, and closed at last", async () => {
		const first = new Life();
		const room = first.open();
		first.play(room, 400, new SeededRandom(5));
		const lines: string[] = [];
		const log: Log = (_, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`);
		const ticks: (number | undefined)[] = [];
		// each life notes its attempt and dies before it has written anything of the room
		for (let life = 0; life < 4; life++) {
			const before = new Map<string, Buffer>();
			for (const name of await readdir(folder)) {
				if (name.endsWith(".hsl")) before.set(name, await readFile(path.join(folder, name)));
			}
			const later = new Life([dots], log);
			await later.recover();
			ticks.push(later.core.directory.rooms.get(room.id)?.tick);
			// a room that is closed for good stays in its log
			const isOpen = ticks.at(-1) !== undefined;
			if (isOpen) await expect.poll(() => readdir(folder)).not.toContain([...before.keys()][0]);
			for (const [name, bytes] of before) await writeFile(path.join(folder, name), bytes);
			const { rm } = await import("node:fs/promises");
			for (const name of await readdir(folder)) {
				if (name.startsWith(later.logs.series)) await rm(path.join(folder, name));
			}
		}
		expect(ticks.slice(0, 2)).toEqual([400, 400]);
		expect(ticks[2]).toBeLessThan(400);
		expect(ticks[3]).toBeUndefined();
		expect(lines.filter((line) => line.includes("kills its process"))).toHaveLength(3);
		expect(lines.some((line) => line.includes("ERR_LOG_POISON"))).toBe(true);
	});

	it("are not brought back after they were over", async () => {
		const first = new Life();
		const room = first.open();
		first.play(room, 50, new SeededRandom(1));
		first.core.directory.close(room, "empty");
		first.logs.flush();
		const second = new Life();
		await second.recover();
		expect(second.core.directory.rooms.size).toBe(0);
	});

	it("wait in the log for the next server when this one stops in order", async () => {
		const first = new Life();
		const room = first.open();
		first.play(room, 50, new SeededRandom(1));
		first.core.close();
		await first.logs.finish();
		const second = new Life();
		await second.recover();
		expect(second.core.directory.rooms.get(room.id)?.tick).toBe(50);
	});
});
