import type { Fault } from "../../protocol/abi/simulation.ts";
import type { ChainTable } from "../../protocol/codec/chain-state.ts";
import type { WireSchema } from "../../protocol/wire-schema.ts";
import { type CorrectionFigures, CorrectionStats } from "./correction-stats.ts";
import type { LoadModule } from "./load-module.ts";
import type { OwnRows } from "./own-rows.ts";
import type { ShownRows } from "./own-view.ts";
import { PredictedWorld, type SentInputs } from "./predicted-world.ts";
import { Predictor } from "./predictor.ts";

/**
 * Input delay that is no longer needed fades by this share of the elapsed time, and of itself per tick.
 */
const DELAY_SHRINKS = 0.03;
const DELAY_FADES = 0.01;
/** A clock that is set back further than that is followed, ticks. */
const SET_BACK_TICKS = 16;

/** What a net graph shows about prediction. */
export interface PredictionFigures extends CorrectionFigures {
	readonly isOn: boolean;
	/** Why it is off; null while it is on. */
	readonly why: string | null;
	/** Ticks from the last snapshot to what is shown of the own rows. */
	readonly aheadTicks: number;
	/** Ticks by which own rows lag behind their inputs, because the round trip is too long. */
	readonly delayTicks: number;
}

/** The context of a seat: a new one after each welcome and each swap. */
interface PredictedSeat {
	readonly schema: WireSchema;
	readonly moduleHash: string;
	/** Null for a spectator. */
	readonly player: number | null;
	readonly inputs: SentInputs;
}

async function compiled(given: BufferSource | WebAssembly.Module): Promise<WebAssembly.Module> {
	return given instanceof WebAssembly.Module ? given : WebAssembly.compile(given);
}

/**
 * Prediction of the own rows, for a room's whole life: loads the rules, runs them ahead while that
 * works, and otherwise turns off with a reason. Nothing here can end the room.
 */
export class Prediction {
	private readonly url: string;
	private readonly loadModule: LoadModule;
	private readonly stats = new CorrectionStats();
	private wanted: boolean;
	private seat: PredictedSeat | null = null;
	private predictor: Predictor | null = null;
	private why = "not connected";
	private compiled: { hash: string; module: WebAssembly.Module } | null = null;
	/** Counts starts, so that a module that arrives too late is recognised. */
	private beginnings = 0;
	private owners: readonly (string | null)[] = [];
	private delayTicks = 0;
	private shownTime = -1;
	private lastTime = -1;
	private lastMs = 0;

	constructor(url: string, wanted: boolean, loadModule: LoadModule) {
		this.url = url;
		this.wanted = wanted;
		this.loadModule = loadModule;
	}

	get isOn(): boolean {
		return this.predictor !== null;
	}

	get isWanted(): boolean {
		return this.wanted;
	}

	/** Turns it on or off; when turned on again, it starts with the next snapshot. */
	set isWanted(wanted: boolean) {
		if (wanted === this.wanted) return;
		this.wanted = wanted;
		if (this.seat) this.begin(this.seat);
	}

	/** Starts over for a seat; earlier predictions are dropped. */
	begin(seat: PredictedSeat): void {
		this.seat = seat;
		const beginning = ++this.beginnings;
		this.stop("the rules are on their way");
		this.owners = seat.schema.tables.map(
			({ columns }) => columns.find(({ owner }) => owner)?.name ?? null,
		);
		if (!this.wanted) this.why = "turned off";
		else if (seat.player === null) this.why = "a spectator has nothing to predict";
		else if (!seat.schema.tables.some(({ predicted }) => predicted)) {
			this.why = "the game predicts no table";
		} else if (typeof WebAssembly === "undefined") this.why = "no WebAssembly here";
		else void this.fetch(seat, seat.player, beginning);
	}

	private async fetch(seat: PredictedSeat, player: number, beginning: number): Promise<void> {
		const { moduleHash: hash } = seat;
		try {
			let module = this.compiled?.hash === hash ? this.compiled.module : null;
			module ??= await compiled(await this.loadModule(this.url, hash));
			this.compiled = { hash, module };
			if (beginning !== this.beginnings) return;
			const confirmed = PredictedWorld.create(module, seat.schema);
			const ahead = PredictedWorld.create(module, seat.schema);
			if ("why" in confirmed) this.why = confirmed.why;
			else if ("why" in ahead) this.why = ahead.why;
			else {
				const worlds = { confirmed: confirmed.world, ahead: ahead.world };
				this.predictor = new Predictor(worlds, player, seat.inputs, this.stats);
			}
		} catch (thrown) {
			if (beginning === this.beginnings) this.why = String((thrown as Error).message);
		}
	}

	private stop(why: string): void {
		this.predictor = null;
		this.why = why;
		this.delayTicks = 0;
		this.shownTime = -1;
	}

	private stopOn(fault: Fault | null): void {
		if (fault) this.stop(`${fault.kind}: ${fault.detail}`);
	}

	/** Takes in a snapshot: the tables as shown after `tick`, the own rows exactly. */
	confirm(tick: number, chain: readonly ChainTable[], own: OwnRows, nowMs: number): void {
		const { predictor } = this;
		if (!predictor) return;
		this.guard(() => this.stopOn(predictor.confirm(tick, chain, own, nowMs)));
	}

	/** Brings the own rows to `time`, in ticks with a fraction: as far as there are inputs. */
	advance(time: number, nowMs: number, tickMs: number): void {
		const { predictor } = this;
		const elapsed = Math.max(0, (nowMs - this.lastMs) / tickMs);
		this.lastMs = nowMs;
		if (!predictor || predictor.confirmedTick < 0) return;
		const over = time - predictor.confirmedTick - predictor.reachTicks;
		const shrinks = Math.min(1, elapsed * DELAY_FADES) * this.delayTicks + elapsed * DELAY_SHRINKS;
		this.delayTicks = Math.max(0, over, this.delayTicks - shrinks);
		// nothing from before the last snapshot is shown, so no more than that remains after a stall
		this.delayTicks = Math.min(this.delayTicks, Math.max(0, time - predictor.confirmedTick));
		if (time < this.lastTime - SET_BACK_TICKS) {
			this.delayTicks = Math.max(0, over);
			this.shownTime = -1;
			predictor.startOver();
		}
		this.lastTime = time;
		// a clock that was set back a little waits for itself
		this.shownTime = Math.max(this.shownTime, time - this.delayTicks);
		const target = Math.floor(this.shownTime);
		this.guard(() => this.stopOn(predictor.advance(target, this.shownTime, nowMs)));
	}

	/** Draws the own rows over the others, which are shown in the past. */
	show(state: Readonly<Record<string, ShownRows>>): void {
		const { predictor } = this;
		// before its first snapshot it has no row to put over what is shown
		if (!predictor || predictor.confirmedTick < 0) return;
		this.guard(() => predictor.view.show(state, this.owners));
	}

	/** The module is not the client's own code: whatever it does, the room continues without it. */
	private guard(run: () => void): void {
		try {
			run();
		} catch (thrown) {
			this.stop(String((thrown as Error).message));
		}
	}

	figures(nowMs: number): PredictionFigures {
		const { predictor } = this;
		return {
			...this.stats.figures(nowMs),
			isOn: predictor !== null,
			why: predictor ? null : this.why,
			aheadTicks: predictor ? Math.max(0, predictor.tick - predictor.confirmedTick) : 0,
			delayTicks: this.delayTicks,
		};
	}
}
