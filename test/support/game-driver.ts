import { expect } from "vitest";
import { Simulation } from "../../protocol/abi/simulation.ts";
import { stateHash } from "../../protocol/abi/state-hash.ts";

/** A running module and who holds which keys: joins, leaves and inputs go in, ticks pass. */
export class GameDriver {
	readonly simulation: Simulation;
	tick = 0;
	protected readonly held = new Map<number, Uint8Array>();
	private readonly viewAges = new Map<number, number>();
	private readonly joining: number[] = [];
	private readonly leaving: number[] = [];
	private readonly inputBytes: number;

	/** With `seed` null the module has not even been started: it gets a state from elsewhere. */
	constructor(module: WebAssembly.Module, seed: number | null) {
		const created = Simulation.create(module);
		if ("error" in created) throw new Error(created.detail);
		this.simulation = created.simulation;
		this.inputBytes = this.simulation.descriptor.input.size;
		if (seed !== null) expect(this.simulation.init(seed)).toBeNull();
	}

	join(player: number): void {
		this.joining.push(player);
		this.held.set(player, new Uint8Array(this.inputBytes));
	}

	leave(player: number): void {
		this.leaving.push(player);
		this.held.delete(player);
	}

	/** Says how old a player's view is in the ticks to come, 1/256 ticks. */
	protected setViewAge(player: number, age: number): void {
		this.viewAges.set(player, age);
	}

	run(ticks: number): void {
		const { inbox } = this.simulation;
		for (let n = 0; n < ticks; n++) {
			inbox.clear();
			for (const player of this.leaving.splice(0)) inbox.leave(player, 0);
			for (const player of this.joining.splice(0)) inbox.join(player, `player ${player}`);
			for (const [player, bytes] of this.held) {
				inbox.input(player, bytes, 0, 0, this.viewAges.get(player) ?? 0);
			}
			const fault = this.simulation.tick(this.tick++);
			if (fault) throw new Error(`tick ${this.tick - 1}: ${fault.detail}`);
			this.ticked();
		}
	}

	/** Called after each tick. */
	protected ticked(): void {}

	table(name: string) {
		const found = this.simulation.tables.find((table) => table.name === name);
		if (!found) throw new Error(`no table ${name}`);
		return found;
	}

	hash(): string {
		return stateHash(this.simulation, this.tick);
	}

	/** Takes over the declared state of another, and nothing else. */
	protected takeOver(from: GameDriver): void {
		this.tick = from.tick;
		for (const [player, bytes] of from.held) this.held.set(player, bytes);
		for (let word = 0; word < 4; word++) {
			this.simulation.setRandomState(word, from.simulation.randomState(word));
		}
		from.simulation.tables.forEach((table, t) => {
			const to = this.simulation.tables[t];
			to.gen.set(table.gen);
			to.usedCell.set(table.usedCell);
			to.columns.forEach((column, c) => {
				(column.values as Float32Array).set(table.columns[c].values as Float32Array);
			});
		});
	}
}
