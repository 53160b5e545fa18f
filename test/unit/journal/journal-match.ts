import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { buildGame } from "../../../game-logic/sdk/build-game.ts";
import { SeededRandom } from "../../../protocol/seeded-random.ts";
import { FileRecorder } from "../../../server/journal/file-recorder.ts";
import { type Journal, openJournal } from "../../../server/journal/journal-reader.ts";
import { memorySource } from "../../../server/journal/journal-source.ts";
import { compileGame, type GameModule } from "../../../server/module/game-module.ts";
import { type Replay, replay } from "../../../server/replay/replay.ts";
import { type Comparison, replayOn } from "../../../server/replay/replay-on.ts";
import type { Player } from "../../../server/room/player.ts";
import type { Recorder } from "../../../server/room/recorder.ts";
import { Room } from "../../../server/room/room.ts";
import { swapRoom } from "../../../server/swap/swap-room.ts";
import { VirtualClock } from "../../support/recording-sink.ts";

/** A player who looks at nothing. */
const blind = { isBusy: false, send() {}, sendShared() {}, drop() {} };

/** Keeps what is written to it. */
export class MemorySink extends Writable {
	private readonly chunks: Buffer[] = [];

	override _write(chunk: Buffer, _encoding: string, done: () => void): void {
		this.chunks.push(Buffer.from(chunk));
		done();
	}

	get bytes(): Uint8Array<ArrayBuffer> {
		return new Uint8Array(Buffer.concat(this.chunks));
	}
}

export interface MatchOptions {
	game: GameModule;
	ticks: number;
	seed: number;
	players?: number;
	/** Wraps the recorder that the room sees. */
	wrap?: (recorder: FileRecorder) => Recorder;
	/** Called before each tick. */
	before?: (room: Room, tick: number) => void;
	/** Called after each tick. */
	after?: (room: Room, tick: number) => void;
}

export interface Match {
	bytes: Uint8Array<ArrayBuffer>;
	room: Room;
	/** Why recording stopped too early, if it did. */
	stopped: string | null;
}

/** The time of day at tick 0 of every match. */
export const MATCH_STARTS_MS = Date.UTC(2030, 0, 1);

/** Plays a match of players who come, go and press at random, and records it. */
export async function recordMatch(options: MatchOptions): Promise<Match> {
	const { game, ticks, seed, players = 4, before, after } = options;
	const random = new SeededRandom(seed).next;
	const sink = new MemorySink();
	let stopped: string | null = null;
	let tick = 0;
	const recorder = new FileRecorder(
		() => sink,
		(error, detail) => {
			stopped = `${error}: ${detail}`;
		},
		() => MATCH_STARTS_MS + tick * (1000 / game.descriptor.tickRate),
	);
	const room = new Room({
		id: "match",
		game,
		clock: new VirtualClock(),
		seed,
		recorder: options.wrap?.(recorder) ?? recorder,
	});
	const seats: (Player | null)[] = Array.from({ length: players }, () => null);
	const input = new Uint8Array(game.descriptor.input.size);
	for (let i = 0; i < ticks; i++) {
		seats.forEach((seat, n) => {
			if (seat === null && random() < 0.1) {
				const player = room.join(blind, `player ${n}`);
				if (!("error" in player)) seats[n] = player;
			} else if (seat !== null && random() < 0.002) {
				room.leave(seat);
				seats[n] = null;
			} else if (seat !== null && random() < 0.2) {
				// -100 to 99: the rest is left to tests that want something special to happen
				for (let b = 0; b < input.length; b++) input[b] = Math.floor(random() * 200) - 100;
				room.receiveInput(seat, {
					type: "input",
					ackTick: seat.viewer?.sentTick ?? 0,
					tick: room.tick,
					inputs: input,
				});
			}
		});
		before?.(room, room.tick);
		tick = room.tick;
		room.runTick();
		if (room.fault) break;
		after?.(room, room.tick - 1);
		// what was recorded goes out between frames, as in a server
		if (i % 50 === 0) await nextTurn();
	}
	tick = room.tick;
	recorder.close(room);
	await recorder.finished;
	return { bytes: sink.bytes, room, stopped };
}

const dotsFolder = path.resolve(import.meta.dirname, "../../fixtures/dots");

/** Builds dots with other rules: each pair replaces a piece of its source. */
export async function buildDots(
	changes: readonly (readonly [from: string, to: string])[],
): Promise<{ game: GameModule; bytes: Uint8Array<ArrayBuffer> }> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-dots-"));
	try {
		await cp(dotsFolder, folder, { recursive: true });
		for (const name of ["main.ts", "schema.ts"]) {
			let source = await readFile(path.join(folder, name), "utf8");
			for (const [from, to] of changes) source = source.replace(from, to);
			await writeFile(path.join(folder, name), source);
		}
		const built = await buildGame(folder, path.join(folder, "dots.wasm"));
		if ("error" in built) throw new Error(`${built.error}: ${built.detail}`);
		const bytes = new Uint8Array(await readFile(built.file));
		const sourceMap = await readFile(`${built.file}.map`, "utf8");
		return { game: compileGame(bytes, "dots", sourceMap), bytes };
	} finally {
		await rm(folder, { recursive: true });
	}
}

export function openBytes(bytes: Uint8Array): Journal {
	const journal = openJournal(memorySource(bytes));
	if ("error" in journal) throw new Error(journal.detail);
	return journal;
}

/** The outcome of a replay that must be possible. */
export function replayed(bytes: Uint8Array, toTick?: number): Replay {
	const outcome = replay(openBytes(bytes), toTick === undefined ? {} : { toTick });
	if ("error" in outcome) throw new Error(`${outcome.error}: ${outcome.detail}`);
	return outcome;
}

/** The outcome of a comparison that must be possible. */
export function compared(bytes: Uint8Array, game: GameModule): Comparison {
	const outcome = replayOn(openBytes(bytes), game);
	if ("error" in outcome) throw new Error(`${outcome.error}: ${outcome.detail}`);
	return outcome;
}

/** A swap that must be possible. */
export function swap(room: Room, game: GameModule): void {
	const outcome = swapRoom(room, game);
	if ("error" in outcome) throw new Error(`${outcome.error}: ${outcome.detail}`);
}
