import { createImage, type Image } from "../../protocol/abi/image.ts";
import { INPUT_REPEATED } from "../../protocol/abi/layout.ts";
import { type Fault, type LiveTable, Simulation } from "../../protocol/abi/simulation.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { BoundTable } from "./bound-table.ts";
import type { OwnRows } from "./own-rows.ts";

/** The source of a player's inputs: those that were sent. */
export interface SentInputs {
	/**
	 * Fills `into` with the input that the server uses for `tick` if all arrive in time; false if there
	 * is none and the last one repeats.
	 */
	take(tick: number, into: Uint8Array): boolean;
}

/** A running copy of the rules that knows only what the server has sent, and one player's inputs. */
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

	/** Starts the rules with empty tables, or returns why they cannot start. */
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
		// its random numbers differ from the server's
		for (let word = 0; word < 4; word++) simulation.setRandomState(word, 0);
		const world = new PredictedWorld(simulation, schema);
		if (!world.bind()) return { why: "the module has other tables than the server sends" };
		for (const table of world.tables) table.clear();
		return { world };
	}

	/**
	 * Renews the views if linear memory has grown. False if the tables differ from those that are sent.
	 */
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

	/** Sets every row to what the server has sent. Returns whether anything changed. */
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
