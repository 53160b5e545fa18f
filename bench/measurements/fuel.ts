import { createImage } from "../../protocol/abi/image.ts";
import { Simulation } from "../../protocol/abi/simulation.ts";
import type { GameModule } from "../../server/module/game-module.ts";
import { ArenaFight, PILOTS } from "../arena-fight.ts";
import { loadBuiltIn, runTick, start } from "../games.ts";
import { interleave, median, ratios, spreadOf, timePieces } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";

interface Workload {
	readonly leadIn: number;
	readonly measured: number;
	/** Fills the inbox of a tick. */
	fill(simulation: Simulation, tick: number): void;
}

function startRaw(game: GameModule): Simulation {
	const made = Simulation.create(new WebAssembly.Module(game.raw));
	if ("error" in made) throw new Error(made.detail);
	const fault = made.simulation.init(1);
	if (fault) throw new Error(fault.detail);
	return made.simulation;
}

/** The same ticks on the module as it was built and as it was sealed, in turn. */
async function compare(id: string, game: GameModule, { leadIn, measured, fill }: Workload) {
	const sealed = start(game, 1);
	const raw = startRaw(game);
	const image = createImage();
	const inboxes: Uint8Array[] = [];
	for (let tick = 0; tick < leadIn + measured; tick++) {
		if (tick === leadIn) sealed.save(image);
		fill(sealed, tick);
		inboxes.push(sealed.inbox.written().slice());
		runTick(sealed, tick);
	}
	const run = (simulation: Simulation) => () => {
		simulation.restore(image);
		return timePieces(measured, (i) => {
			simulation.inbox.load(inboxes[leadIn + i]);
			runTick(simulation, leadIn + i);
		});
	};
	const samples = interleave({ sealed: run(sealed), raw: run(raw) });
	const shares = ratios(samples.sealed, samples.raw);
	return judge({
		id,
		value: median(shares),
		unit: "sealed / raw",
		spread: spreadOf(shares),
		goal: 1.15,
		peers: [
			{ name: "sealed", value: median(samples.sealed) * 1000, unit: "µs" },
			{ name: "raw", value: median(samples.raw) * 1000, unit: "µs" },
		],
	});
}

export const fuelArena: Measurement = {
	id: "fuel-arena",
	about: "cost of fuel metering in a tick of arena with 64 ships",
	async run() {
		const game = await loadBuiltIn("arena");
		let fight: ArenaFight | null = null;
		return compare(this.id, game, {
			leadIn: 300,
			measured: 600,
			fill(simulation, tick) {
				fight ??= new ArenaFight(simulation);
				simulation.inbox.clear();
				for (let p = 0; tick === 0 && p < PILOTS; p++) simulation.inbox.join(p, "pilot");
				fight.inputsFor(tick).forEach((bytes, player) => {
					simulation.inbox.input(player, bytes, 0, 0);
				});
			},
		});
	},
};

export const fuelSwarm: Measurement = {
	id: "fuel-swarm",
	about: "cost of fuel metering in a tick of 10,000 agents",
	async run() {
		return compare(this.id, await loadBuiltIn("swarm"), {
			leadIn: 60,
			measured: 60,
			fill: ({ inbox }) => inbox.clear(),
		});
	},
};
