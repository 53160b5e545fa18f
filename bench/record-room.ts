import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SeededRandom } from "../protocol/seeded-random.ts";
import { recordTo } from "../server/journal/journal-folder.ts";
import type { GameModule } from "../server/module/game-module.ts";
import { Room } from "../server/room/room.ts";

/** Ticks between two inputs of a player. */
const INPUT_EVERY = 12;
/** Ticks after which what was recorded may go to the disk. */
const BREATH = 100;

/** Plays a match of players who press at random, as fast as it will go, and hands over its journal's file. */
export async function withRecording<T>(
	game: GameModule,
	{ ticks, players, seed }: { ticks: number; players: number; seed: number },
	use: (file: string) => Promise<T>,
): Promise<T> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-bench-"));
	try {
		const journals = recordTo(folder, () => {});
		const random = new SeededRandom(seed);
		const room = new Room({
			id: "bench",
			game,
			clock: { now: () => 0 },
			seed,
			recorder: journals(game),
		});
		const sink = { isBusy: false, send() {}, sendShared() {}, drop() {} };
		const seats = Array.from({ length: players }, (_, i) => {
			const player = room.join(sink, `p${i}`);
			if ("error" in player) throw new Error(player.error);
			return player;
		});
		for (let tick = 0; tick < ticks; tick++) {
			for (const [i, player] of seats.entries()) {
				if ((tick + i) % INPUT_EVERY !== 0) continue;
				const inputs = new Uint8Array(game.descriptor.input.size).map(() => random.next() * 256);
				const ackTick = Math.max(0, player.viewer?.sentTick ?? 0);
				room.receiveInput(player, { type: "input", ackTick, tick: room.tick, inputs });
			}
			room.runTick();
			if (tick % BREATH === 0) await nextTurn();
		}
		room.recorder?.close(room, "shutdown");
		await journals.finished();
		const [file = ""] = await readdir(folder);
		return await use(path.join(folder, file));
	} finally {
		await rm(folder, { recursive: true });
	}
}
