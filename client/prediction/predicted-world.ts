import { createImage, type Image } from "../../protocol/abi/image.ts";
import { INPUT_REPEATED } from "../../protocol/abi/layout.ts";
import { type Fault, type LiveTable, Simulation } from "../../protocol/abi/simulation.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { BoundTable } from "./bound-table.ts";
import type { OwnRows } from "./own-rows.ts";

/** Where the inputs of a player come from: those that were sent. */
export interface SentInputs {
	/**
	 * Fills `into` with the input that the server takes for `tick` if all arrive in time; false when
	 * there is none for it and the last one before stands again.
	 */
	take(tick: number, into: Uint8Array): boolean;
}

/** A running copy of the rules that knows only what the server has shown, and one player's inputs. */
export class PredictedWorld {
	readonly simulation: Simulation;
	tables: readonly BoundTable[] = [];
	private live: readonly LiveTable[] = [];
	private readonly schema: WireSchema;
	private readonly input: Uint8Array;

	private constructor(simulation: Simulation, schema: WireSchema) {
		this.simulation = simulation;
		this.schema = schema;
		this.input = new Uint8Array(simulation.descriptor.input.size);
	}

	/** Starts the rules with no row in any table, or says why they cannot be. */
	static create(
		module: WebAssembly.Module,
		schema: WireSchema,
	): { world: PredictedWorld } | { why: string } {
		const made = Simulation.create(module);
		if ("error" in made) return { why: `${made.error}: ${made.detail}` };
		const { simulation } = made;
		if (simulation.descriptor.input.size !== schema.input.size) return { why: "other inputs" };
		simulation.isPredicting = true;
		const fault = simulation.init(0);
		if (fault) return { why: `hs_init: ${fault.detail}` };
		// what it drew is not what the server drew
		for (let word = 0; word < 4; word++) simulation.setRandomState(word, 0);
		const world = new PredictedWorld(simulation, schema);
		if (!world.bind()) return { why: "the module has other tables than the server sends" };
		for (const table of world.tables) table.clear();
		return { world };
	}

	/** Views of linear memory are new when it grew. False if the tables are not those that are sent. */
	private bind(): boolean {
		const { tables } = this.simulation;
		if (tables === this.live) return true;
		if (tables.length !== this.schema.tables.length) return false;
		const bound = this.schema.tables.map((wire, t) => BoundTable.bind(tables[t], wire));
		if (bound.some((table) => table === null)) return false;
		this.live = tables;
		this.tables = bound as BoundTable[];
		return true;
	}

	/** Computes one tick in which only `player` steers. */
	run(tick: number, player: number, inputs: SentInputs): Fault | null {
		const { simulation, input } = this;
		const isNew = inputs.take(tick, input);
		simulation.inbox.clear();
		simulation.inbox.input(player, input, 0, isNew ? 0 : INPUT_REPEATED);
		const fault = simulation.tick(tick);
		this.bind();
		return fault;
	}

	/** The own rows of predicted tables against the server's: see {@link BoundTable.distanceTo}. */
	distanceTo(own: OwnRows, player: number): number {
		let distance = -1;
		for (const table of own.tables) {
			const bound = this.tables[table.table];
			if (bound.predicted) distance = Math.max(distance, bound.distanceTo(table, player));
		}
		return distance;
	}

	/** Makes every row what the server has shown. Returns whether anything had to change. */
	take(chain: readonly ChainTable[], own: OwnRows): boolean {
		let differs = false;
		for (let t = 0; t < this.tables.length; t++) {
			if (this.tables[t].take(chain[t])) differs = true;
		}
		for (const table of own.tables) this.tables[table.table].takeOwn(table);
		return differs;
	}

	private readonly image: Image = createImage();

	/** Becomes a copy of another world of the same module, bit for bit. */
	become(other: PredictedWorld): void {
		other.simulation.save(this.image);
		this.simulation.restore(this.image);
		this.bind();
	}
}
