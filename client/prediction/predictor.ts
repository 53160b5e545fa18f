import type { Fault } from "../../protocol/abi/simulation.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { CorrectionStats } from "./correction-stats.ts";
import type { OwnRows } from "./own-rows.ts";
import { OwnView } from "./own-view.ts";
import type { PredictedWorld, SentInputs } from "./predicted-world.ts";

/** Share of the fuel's average that one tick counts for. */
const FUEL_SHARE = 1 / 32;

/**
 * Runs the rules ahead of the server for one player, on what the server has sent.
 *
 *     confirmed   the world at the last snapshot's tick, as far as this client knows it
 *     ahead       the same some ticks later, by the player's own inputs: what is drawn of the own rows
 *
 * A snapshot moves `confirmed` to its tick with the same inputs. If the result matches the snapshot,
 * `ahead` stays as it is, since it was computed the same way. Otherwise the snapshot is written in, and
 * the ticks since then run again from there.
 */
export class Predictor {
	readonly view: OwnView;
	/** Tick of the last snapshot taken in, -1 before the first. */
	confirmedTick = -1;
	/** Newest tick computed ahead. */
	tick = -1;
	private readonly confirmed: PredictedWorld;
	private readonly ahead: PredictedWorld;
	private readonly player: number;
	private readonly inputs: SentInputs;
	private readonly stats: CorrectionStats;
	private readonly mostTicks: number;
	/** `ahead` no longer follows from `confirmed`. */
	private isStale = true;
	/** The player has rows of predicted tables. */
	private isAwake = false;
	private fuelPerTick = 0;

	constructor(
		worlds: { confirmed: PredictedWorld; ahead: PredictedWorld },
		player: number,
		inputs: SentInputs,
		stats: CorrectionStats,
	) {
		this.confirmed = worlds.confirmed;
		this.ahead = worlds.ahead;
		this.player = player;
		this.inputs = inputs;
		this.stats = stats;
		this.view = new OwnView(worlds.ahead, player);
		const { tickRate } = worlds.ahead.simulation.descriptor;
		this.mostTicks = Math.ceil((LIMITS.predictMs * tickRate) / 1000);
	}

	/** Maximum ticks to run ahead, so that running them again takes no noticeable time. */
	get reachTicks(): number {
		if (this.fuelPerTick <= 0) return this.mostTicks;
		const affordable = Math.floor(LIMITS.predictFuel / this.fuelPerTick);
		return Math.max(1, Math.min(this.mostTicks, affordable));
	}

	/** Drops what was computed ahead: it was too far. */
	startOver(): void {
		this.isStale = true;
		this.tick = this.confirmedTick;
	}

	/** Takes in the snapshot of `tick`: what is shown after it, and the exact own rows. */
	confirm(tick: number, chain: readonly ChainTable[], own: OwnRows, nowMs: number): Fault | null {
		const { confirmed, player } = this;
		const behind = tick - this.confirmedTick;
		const isFollowing = this.isAwake && this.confirmedTick >= 0 && behind <= 2 * this.mostTicks;
		if (isFollowing) {
			for (let t = this.confirmedTick + 1; t <= tick; t++) {
				const fault = confirmed.run(t, player, this.inputs);
				if (fault) return fault;
				this.noteFuel(confirmed.simulation.fuelSpent);
			}
			const distance = confirmed.distanceTo(own, player);
			if (distance >= 0) this.stats.addCorrection(distance, nowMs);
			if (distance >= 0) this.isStale = true;
		}
		if (confirmed.take(chain, own) || !isFollowing || this.tick < tick) this.isStale = true;
		this.confirmedTick = tick;
		this.isAwake = own.tables.some(
			({ table, count }) => count > 0 && confirmed.tables[table]?.predicted,
		);
		return null;
	}

	/**
	 * Brings `ahead` to tick `target`, or as far as it may go, and its view to the moment `time`, in ticks
	 * with a fraction: what is shown lies one tick before it, so that there are two ticks around.
	 */
	advance(target: number, time: number, nowMs: number): Fault | null {
		if (this.confirmedTick < 0) return null;
		if (this.isStale) {
			const fault = this.runAgain(nowMs);
			if (fault) return fault;
		}
		const most = this.isAwake ? this.confirmedTick + this.reachTicks : this.tick;
		while (this.tick < Math.min(target, most)) {
			const fault = this.step(this.tick + 1);
			if (fault) return fault;
		}
		this.view.moveTo(Math.max(0, Math.min(1, time - this.tick)), nowMs);
		return null;
	}

	private runAgain(nowMs: number): Fault | null {
		const { ahead, confirmed, view } = this;
		const to = Math.max(this.tick, this.confirmedTick);
		view.hold();
		ahead.become(confirmed);
		this.isStale = false;
		this.tick = this.confirmedTick;
		view.restart();
		if (this.isAwake) {
			for (let t = this.confirmedTick + 1; t <= to; t++) {
				const fault = this.step(t);
				if (fault) return fault;
			}
			this.stats.addRerun(to - this.confirmedTick, nowMs);
		}
		view.release();
		return null;
	}

	private step(tick: number): Fault | null {
		this.view.beforeTick();
		const fault = this.ahead.run(tick, this.player, this.inputs);
		if (fault) return fault;
		this.view.afterTick();
		this.tick = tick;
		return null;
	}

	private noteFuel(spent: number): void {
		if (this.fuelPerTick === 0) this.fuelPerTick = spent;
		else this.fuelPerTick += (spent - this.fuelPerTick) * FUEL_SHARE;
	}
}
