import type { BotView } from "../bots/behaviour.ts";
import { behaviour } from "../game-logic/arena/bots.ts";
import type arena from "../game-logic/arena/schema.ts";
import { type LiveTable, type Simulation, usedRows } from "../protocol/abi/simulation.ts";
import { writeScalar } from "../protocol/schema/scalar.ts";
import { SeededRandom } from "../protocol/seeded-random.ts";
import { publicColumns } from "./games.ts";

export const PILOTS = 64;
export const TICK_RATE = 60;
const SEED = 7;

type View = BotView<typeof arena>;

function viewOf(table: LiveTable): Record<string, unknown> {
	const columns = publicColumns(table).map(({ about, values }) => [about.name, values] as const);
	return {
		capacity: table.capacity,
		gen: table.gen,
		get used() {
			return usedRows(table);
		},
		...Object.fromEntries(columns),
	};
}

/** Pilots as the arena's bots, looking straight into a running module's memory. */
export class ArenaFight {
	private readonly behaviours: ((view: View) => void)[] = [];
	private readonly inputs: View["input"][] = [];
	private readonly bytes: Uint8Array[] = [];
	private readonly simulation: Simulation;

	constructor(simulation: Simulation, pilots = PILOTS, seed = SEED) {
		this.simulation = simulation;
		for (let player = 0; player < pilots; player++) {
			this.behaviours.push(behaviour.create(SeededRandom.fork(seed, player).next));
			this.inputs.push({ turn: 0, thrust: false, fire: false, laser: false });
			this.bytes.push(new Uint8Array(simulation.descriptor.input.size));
		}
	}

	/** Lets those think whose turn it is in this tick, and gives everybody's input as bytes. */
	inputsFor(tick: number): readonly Uint8Array[] {
		const every = TICK_RATE / behaviour.thinksPerSecond;
		const isThinking = this.inputs.some((_, player) => (tick + player) % every === 0);
		if (!isThinking) return this.bytes;
		const tables = this.simulation.tables.map((table) => [table.name, viewOf(table)] as const);
		const state = Object.fromEntries(tables) as unknown as View["state"];
		for (let player = 0; player < this.inputs.length; player++) {
			if ((tick + player) % every !== 0) continue;
			const input = this.inputs[player];
			this.behaviours[player]({ state, player, input, nowMs: (tick * 1000) / TICK_RATE });
			this.write(input, this.bytes[player]);
		}
		return this.bytes;
	}

	private write(input: View["input"], to: Uint8Array): void {
		const view = new DataView(to.buffer);
		for (const { name, type, offset } of this.simulation.descriptor.input.fields) {
			writeScalar(view, offset, type, Number(input[name as keyof View["input"]]));
		}
	}
}
