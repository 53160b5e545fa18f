import { AGENTS } from "../../game-logic/swarm/constants.ts";
import { createImage } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { columnOf, loadBuiltIn, runTick, start, tableOf } from "../games.ts";
import { interleave, median, ratios, spreadOf, timePieces } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";
import { type SwarmColumns, SwarmTypescript } from "../swarm-typescript.ts";

const AVATARS = 16;
/** Ticks until the agents have found to flocks, and ticks measured from there. */
const LEAD_IN = 150;
const MEASURED = 90;

/** What avatar `player` does all the time: all of them fly circles, some call. */
function inputOf(player: number): { turn: number; thrust: boolean; call: boolean } {
	return { turn: player * 8 - 60, thrust: true, call: player % 4 === 0 };
}

function fillInbox({ inbox }: Simulation): void {
	inbox.clear();
	for (let player = 0; player < AVATARS; player++) {
		const { turn, thrust, call } = inputOf(player);
		inbox.input(player, Uint8Array.of(turn, thrust ? 1 : 0, call ? 1 : 0), 0, 0);
	}
}

function copyAgents(simulation: Simulation): SwarmColumns {
	const table = tableOf(simulation, "agent");
	const copy = (name: string) => columnOf(table, name).slice(0, AGENTS);
	return { x: copy("x"), y: copy("y"), vx: copy("vx"), vy: copy("vy") };
}

/** The TypeScript rules in the state that the module is in. */
function copySwarm(simulation: Simulation, agents: SwarmColumns): SwarmTypescript {
	const swarm = new SwarmTypescript(agents);
	const table = tableOf(simulation, "avatar");
	const value = (name: string, row: number) => columnOf(table, name)[row];
	for (let row = 0; row < AVATARS; row++) {
		swarm.avatars.push({
			x: value("x", row),
			y: value("y", row),
			angle: value("angle", row),
			vx: value("vx", row),
			vy: value("vy", row),
			...inputOf(value("player", row)),
		});
	}
	return swarm;
}

export const tickSwarm: Measurement = {
	id: "tick-swarm",
	about: "one tick of 10,000 agents in wasm, as a share of the same rules in TypeScript",
	async run() {
		const simulation = start(await loadBuiltIn("swarm"), 1);
		for (let tick = 0; tick < LEAD_IN; tick++) {
			fillInbox(simulation);
			for (let p = 0; tick === 0 && p < AVATARS; p++) simulation.inbox.join(p, "avatar");
			runTick(simulation, tick);
		}
		const image = createImage();
		simulation.save(image);
		const agents = copyAgents(simulation);
		const samples = interleave({
			wasm() {
				simulation.restore(image);
				fillInbox(simulation);
				return timePieces(MEASURED, (i) => runTick(simulation, LEAD_IN + i));
			},
			typescript() {
				simulation.restore(image);
				const swarm = copySwarm(simulation, agents);
				return timePieces(MEASURED, (i) => swarm.step(LEAD_IN + i));
			},
		});
		const shares = ratios(samples.wasm, samples.typescript);
		return judge({
			id: this.id,
			value: median(shares),
			unit: "wasm / TypeScript",
			spread: spreadOf(shares),
			goal: 0.7,
			peers: [
				{ name: "wasm", value: median(samples.wasm) * 1000, unit: "µs" },
				{ name: "TypeScript", value: median(samples.typescript) * 1000, unit: "µs" },
			],
		});
	},
};
