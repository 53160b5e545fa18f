import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { behaviour } from "../../game-logic/arena/bots.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import { recordTo } from "../../server/journal/journal-folder.ts";
import { Room } from "../../server/room/room.ts";
import { loadBuiltIn, publicColumns } from "../games.ts";
import { median, spreadOf } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";

const PLAYERS = 16;
const MINUTES = 10;
const REPEATS = 3;

/** Plays and records a match as fast as it will go; gives the journal's file. */
async function recordMatch(folder: string): Promise<string> {
	const game = await loadBuiltIn("arena");
	const { tickRate, input } = game.descriptor;
	const journals = recordTo(folder, () => {});
	const clock = { now: () => 0 };
	const room = new Room({ id: "bench", game, clock, seed: 3, recorder: journals(game) });
	const sink = { isBusy: false, send() {}, sendShared() {}, drop() {} };
	const seats = Array.from({ length: PLAYERS }, (_, i) => {
		const player = room.join(sink, `p${i}`);
		if ("error" in player) throw new Error(player.error);
		const fields = { turn: 0, thrust: false, fire: false };
		return { player, fields, think: behaviour.create(SeededRandom.fork(5, i).next) };
	});
	const every = tickRate / behaviour.thinksPerSecond;
	for (let tick = 0; tick < MINUTES * 60 * tickRate; tick++) {
		const state = Object.fromEntries(
			room.simulation.tables.map((table) => [
				table.name,
				{
					capacity: table.capacity,
					gen: table.gen,
					used: table.usedCell[0],
					...Object.fromEntries(publicColumns(table).map((c) => [c.about.name, c.values])),
				},
			]),
		);
		for (const [i, { player, fields, think }] of seats.entries()) {
			if ((tick + i) % every === 0) {
				think({ state: state as never, player: i, input: fields as never, nowMs: tick });
			}
			const inputs = new Uint8Array(input.size);
			inputs.set([fields.turn & 0xff, fields.thrust ? 1 : 0, fields.fire ? 1 : 0]);
			const ackTick = Math.max(0, player.viewer?.sentTick ?? 0);
			room.receiveInput(player, { type: "input", ackTick, tick: room.tick, inputs });
		}
		room.runTick();
		// the journal is written beside the match: let it
		if (tick % 600 === 0) await new Promise((resolve) => setImmediate(resolve));
	}
	room.recorder?.close(room, "shutdown");
	await journals.finished();
	const [file = ""] = await readdir(folder);
	return path.join(folder, file);
}

export const replaySpeed: Measurement = {
	id: "replay-speed",
	about: "a recorded match of 10 minutes and 16 bots, replayed in another process",
	async run() {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-bench-"));
		const file = await recordMatch(folder);
		const cli = path.resolve(import.meta.dirname, "../../server/cli.js");
		const factors: number[] = [];
		for (let i = 0; i < REPEATS; i++) {
			const startMs = performance.now();
			execFileSync(process.execPath, [cli, "replay", file, "--json"], { stdio: "pipe" });
			factors.push((MINUTES * 60_000) / (performance.now() - startMs));
		}
		await rm(folder, { recursive: true });
		return judge({
			id: this.id,
			value: median(factors),
			unit: "times real time",
			spread: spreadOf(factors),
			goal: 100,
			atLeast: true,
		});
	},
};
