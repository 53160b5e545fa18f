import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { deflateRawSync } from "node:zlib";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { folderDisk } from "../../server/journal/room-log/log-disk.ts";
import type { RoomLog } from "../../server/journal/room-log/room-log.ts";
import { RoomLogWriter } from "../../server/journal/room-log/room-log-writer.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { ArenaFight } from "../arena-fight.ts";
import { loadBuiltIn, runTick, start } from "../games.ts";
import { median, spreadOf } from "../measure.ts";
import { check, judge, type Measurement } from "../result.ts";

const ROOMS = 300;
const PLAYERS = 2;
/** The scheduler spreads a tick over eight wakes. */
const ROOMS_PER_WAKE = Math.ceil(ROOMS / 8);
/** Five images of each room, the first of which stands on its own: in a full segment one of a dozen does. */
const SECONDS = 20;
const REPEATS = 3;
const HASH = "0".repeat(64);

interface Playing {
	readonly simulation: Simulation;
	readonly fight: ArenaFight;
	readonly log: RoomLog;
}

function open(game: GameModule, writer: RoomLogWriter, id: number): Playing {
	const simulation = start(game, id);
	const log = writer.open({
		about: {
			...{ id: `room-${id}`, epoch: 1, game: game.name, seed: id, firstTick: 0 },
			...{ moduleHash: game.hash, rawHash: HASH, settings: new Uint8Array(0) },
		},
		tickRate: game.descriptor.tickRate,
		state: simulation,
	});
	return { simulation, log, fight: new ArenaFight(simulation, PLAYERS, id) };
}

/** Plays a tick of a room; gives what its log is to be told. */
function play({ simulation, fight, log }: Playing, tick: number): () => void {
	const { inbox } = simulation;
	inbox.clear();
	for (let player = 0; tick === 0 && player < PLAYERS; player++) inbox.join(player, "pilot");
	fight.inputsFor(tick).forEach((bytes, player) => {
		inbox.input(player, bytes, 0, 0);
	});
	const bytes = inbox.written().slice();
	runTick(simulation, tick);
	return () => log.tick(tick, bytes, simulation.fuelSpent);
}

function cpuUs(): number {
	const { user, system } = process.cpuUsage();
	return user + system;
}

interface Cost {
	/** CPU of the log alone, of a tick of a room, µs. */
	readonly us: number;
	readonly bytesPerRoomHour: number;
}

/** Images are packed on this thread here, so that their CPU is counted. */
async function measure(game: GameModule, folder: string): Promise<Cost> {
	let us = 0;
	const timed = <T>(work: () => T): T => {
		const before = cpuUs();
		const result = work();
		us += cpuUs() - before;
		return result;
	};
	const writer = new RoomLogWriter({
		...{
			worker: 0,
			incarnation: "bench",
			disk: folderDisk(folder),
			durability: "process" as const,
		},
		deflate: async (bytes) => timed(() => deflateRawSync(bytes, { level: 1 })),
		onTrouble: (name, detail) => {
			throw new Error(`${name}: ${detail}`);
		},
	});
	const rooms = Array.from({ length: ROOMS }, (_, id) => open(game, writer, id));
	const ticks = SECONDS * game.descriptor.tickRate;
	for (let tick = 0; tick < ticks; tick++) {
		const records = rooms.map((room) => play(room, tick));
		// asking for the CPU's time is dear: all wakes of the tick together
		timed(() => {
			for (let from = 0; from < ROOMS; from += ROOMS_PER_WAKE) {
				for (const record of records.slice(from, from + ROOMS_PER_WAKE)) record();
				writer.flush();
			}
		});
		await nextTurn();
	}
	const { writtenBytes } = writer.state;
	await writer.finish();
	return {
		us: us / (ROOMS * ticks),
		bytesPerRoomHour: (writtenBytes / ROOMS / SECONDS) * 3_600,
	};
}

async function measureOnce(game: GameModule): Promise<Cost> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-room-log-"));
	try {
		return await measure(game, folder);
	} finally {
		await rm(folder, { recursive: true });
	}
}

export const logCost: Measurement = {
	id: "log-cost",
	about: "CPU of the room log, a tick of a room: 300 rooms of arena × 2 players, images included",
	async run() {
		const game = await loadBuiltIn("arena");
		const samples: number[] = [];
		let { bytesPerRoomHour } = await measureOnce(game);
		for (let i = 0; i < REPEATS; i++) {
			const cost = await measureOnce(game);
			samples.push(cost.us);
			bytesPerRoomHour = cost.bytesPerRoomHour;
		}
		const { memoryBytes } = start(game, 1);
		const perTick = median(samples);
		const share = (perTick * ROOMS * 60) / 10_000;
		return judge({
			id: this.id,
			value: perTick,
			unit: "µs",
			spread: spreadOf(samples),
			peers: [
				{ name: "memory of a room", value: memoryBytes / 1024, unit: "KiB" },
				{ name: "log", value: bytesPerRoomHour / 2 ** 20, unit: "MiB a room and hour" },
			],
			checks: [check("of a core, 300 rooms at 60 Hz", share, "%", 4)],
		});
	},
};
