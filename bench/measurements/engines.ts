import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openJournal } from "../../server/journal/journal-reader.ts";
import { fileSource } from "../../server/journal/journal-source.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import type { Engine } from "../../server/verify/engine.ts";
import { ENGINES } from "../../server/verify/engines.ts";
import { exportMatch, type Stretch } from "../../server/verify/export-match.ts";
import { type MatchRun, verifyMatch } from "../../server/verify/verify-match.ts";
import { buildCarball, buildParticles } from "../build-source.ts";
import { loadBuiltIn } from "../games.ts";
import { median, spreadOf } from "../measure.ts";
import { withRecording } from "../record-room.ts";
import { type Check, check, judge, type Measurement, type Peer } from "../result.ts";

interface Match {
	/** As the tables call it. */
	readonly name: string;
	readonly ticks: number;
	/** The game, or why it cannot be built here. */
	load(folder: string): Promise<GameModule | string>;
}

/** An interpreter takes 50 ms and more for one of swarm's ticks. */
const MATCHES: readonly Match[] = [
	{ name: "arena", ticks: 30_000, load: () => loadBuiltIn("arena") },
	{ name: "swarm", ticks: 200, load: () => loadBuiltIn("swarm") },
	{ name: "carball (Rust, rapier2d)", ticks: 2_000, load: buildCarball },
	{ name: "particles (C, vectors)", ticks: 300, load: (to) => buildParticles("c", to) },
	{ name: "particles (Rust, vectors)", ticks: 300, load: (to) => buildParticles("rust", to) },
	{
		name: "particles (AssemblyScript)",
		ticks: 300,
		load: (to) => buildParticles("assemblyscript", to),
	},
];
const MOST_PLAYERS = 16;
const SEED = 3;
const REPEATS = 3;

interface Figures {
	readonly peers: Peer[];
	readonly ticks: Check;
	readonly perSecond: readonly number[];
}

function figuresOf(
	engine: string,
	game: string,
	stretch: Stretch,
	runs: readonly MatchRun[],
): Figures {
	const of = (pick: (run: MatchRun) => number): number => median(runs.map(pick));
	// other work only ever slows a run down
	const perSecond = runs.map(({ ticks, runNs }) => (ticks * 1e9) / Math.max(runNs, 1));
	const peakBytes = of((run) => run.peakBytes);
	const ticks = Math.min(...runs.map((run) => run.ticks));
	return {
		perSecond,
		ticks: check(`${engine} agrees on ${game}`, ticks, "ticks", stretch.ticks, true),
		peers: [
			{ name: `${engine}: ${game}`, value: Math.max(...perSecond), unit: "ticks/s" },
			{ name: `${engine}: ${game}, start`, value: of((run) => run.startNs) / 1e6, unit: "ms" },
			...(peakBytes > 0
				? [{ name: `${engine}: ${game}, memory`, value: peakBytes / 2 ** 20, unit: "MiB" }]
				: []),
		],
	};
}

/** Each engine once a round, in turn; why one could not run, in its place. */
async function runAll(
	engines: readonly Engine[],
	stretch: Stretch,
	folder: string,
): Promise<Map<string, MatchRun[] | string>> {
	const found = new Map<string, MatchRun[] | string>();
	for (let round = 0; round < REPEATS; round++) {
		for (const { name, host } of engines) {
			const runs = found.get(name) ?? [];
			if (typeof runs === "string") continue;
			const command = await host(stretch.game.bytes, folder);
			if ("error" in command) found.set(name, command.detail);
			else found.set(name, [...runs, await verifyMatch(command, stretch, folder)]);
		}
	}
	return found;
}

/** The one match file of a journal. */
function exportOne(file: string, folder: string): Stretch {
	const source = fileSource(file);
	if ("error" in source) throw new Error(source.detail);
	try {
		const journal = openJournal(source);
		const stretches = "error" in journal ? journal : exportMatch(journal, { folder });
		if ("error" in stretches) throw new Error(stretches.detail);
		const [stretch] = stretches;
		if (!stretch) throw new Error("the match has no tick");
		return stretch;
	} finally {
		source.close();
	}
}

export const engines: Measurement = {
	id: "engines",
	about:
		"recorded matches in other WebAssembly engines: the same hash and fuel in every tick, and how fast",
	async run() {
		const here = ENGINES.filter((engine) => engine.missing().length === 0);
		const notMeasured = ENGINES.filter((engine) => !here.includes(engine)).map(
			({ name, get }) => `${name}: it is not here (${get})`,
		);
		const peers: Peer[] = [];
		const checks: Check[] = [];
		let spread = 0;
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-bench-engines-"));
		try {
			for (const match of MATCHES) {
				const game = await match.load(folder);
				if (typeof game === "string") {
					notMeasured.push(`${match.name}: ${game}`);
					continue;
				}
				const players = Math.min(MOST_PLAYERS, game.descriptor.maxPlayers);
				const recorded = { ticks: match.ticks, players, seed: SEED };
				await withRecording(game, recorded, async (file) => {
					const stretch = exportOne(file, folder);
					for (const [engine, runs] of await runAll(here, stretch, folder)) {
						if (typeof runs === "string") {
							notMeasured.push(`${engine} on ${match.name}: ${runs}`);
							continue;
						}
						const figures = figuresOf(engine, match.name, stretch, runs);
						peers.push(...figures.peers);
						checks.push(figures.ticks);
						if (engine === "v8") spread = Math.max(spread, spreadOf(figures.perSecond));
					}
				});
			}
		} finally {
			await rm(folder, { recursive: true });
		}
		const value = checks.filter(({ met }) => met).length;
		const goal = here.length * MATCHES.length;
		const unit = "matches that agree";
		return judge({
			id: this.id,
			value,
			unit,
			spread,
			goal,
			atLeast: true,
			peers,
			checks,
			notMeasured,
		});
	},
};
