import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";
import { History } from "../history/history.ts";
import { runTick } from "../history/stretch.ts";
import { JOURNAL_LIMITS } from "../journal/journal-limits.ts";
import { type GameModule, instantiate } from "../module/game-module.ts";
import { describeFault, type TickFault } from "./tick-fault.ts";

export interface FuelUse {
	/** Units used by the most expensive tick, and its number. */
	readonly max: number;
	readonly maxTick: number;
	readonly mean: number;
	/** What a tick may use. */
	readonly budget: number;
}

/** A build that gets recorded inboxes as from a room: a tick that fails changes nothing. */
export class CandidateRun {
	readonly simulation: Simulation;
	readonly faults: TickFault[] = [];
	ticks = 0;
	private readonly game: GameModule;
	/** Restores the state before a failed tick. */
	private readonly history = new History({ imageEvery: 60, imageWithin: 60, keep: 60 });
	private nextTick = 0;
	private hasNotStarted = false;
	private fuelSum = 0;
	private fuelMax = 0;
	private fuelMaxTick = -1;

	constructor(game: GameModule) {
		this.game = game;
		this.simulation = instantiate(game, () => {});
	}

	/** True if it did not start, or has failed so often that more would tell nothing. */
	get isHopeless(): boolean {
		return this.hasNotStarted || this.faults.length >= JOURNAL_LIMITS.faults;
	}

	/** Runs a tick; returns its fault, after which the state is what it was before. */
	step(tick: number, inbox: Uint8Array): TickFault | null {
		const { simulation, history } = this;
		// a history counts its ticks: after a gap it starts over
		if (tick !== this.nextTick) history.clear();
		this.nextTick = tick + 1;
		history.beforeTick(simulation, tick);
		history.record(inbox);
		const fault = runTick(simulation, tick, inbox);
		const { fuelSpent } = simulation;
		this.ticks++;
		this.fuelSum += fuelSpent;
		if (fuelSpent > this.fuelMax) {
			this.fuelMax = fuelSpent;
			this.fuelMaxTick = tick;
		}
		if (fault === null) return null;
		history.abortLast();
		history.rewind(simulation, tick + 1);
		return this.keep(tick, fault);
	}

	/** It failed before its first tick, in `hs_init` or `hs_migrated`. */
	failToStart(firstTick: number, fault: Fault): void {
		this.hasNotStarted = true;
		this.keep(firstTick - 1, fault);
	}

	private keep(tick: number, fault: Fault): TickFault {
		const described = describeFault(this.game, tick, fault);
		this.faults.push(described);
		return described;
	}

	/** Null for a module that counts none, because it is not sealed. */
	get fuel(): FuelUse | null {
		if (this.fuelMax === 0) return null;
		const { fuelPerTick: budget } = this.simulation;
		return {
			max: this.fuelMax,
			maxTick: this.fuelMaxTick,
			mean: this.fuelSum / this.ticks,
			budget,
		};
	}
}
