import type { StopTimer } from "../../../client/timers.ts";
import type { WorkerId } from "../../../server/worker/hand-over/messages.ts";
import type { MoveRefusal } from "../../../server/worker/hand-over/move-refusal.ts";
import { succeedRegister } from "../../../server/worker/hand-over/register.ts";
import {
	openRegister,
	type RegisterDecision,
	type RegisterEvent,
	type RegisterState,
} from "../../../server/worker/hand-over/register-state.ts";
import type { Cluster } from "./cluster.ts";
import type { Letter } from "./network.ts";

/** The supervisor's process, or a store's: the owner register, and who is alive. */
export class SimSupervisor {
	register: RegisterState;
	isAlive = true;
	/** Workers that are not known to be dead. */
	known: WorkerId[];
	/** Moves that were asked for and have not ended. */
	readonly asked = new Set<number>();
	readonly results: (readonly [move: number, result: "done" | MoveRefusal])[] = [];
	private readonly cluster: Cluster;
	private stopTimer: StopTimer = () => {};

	constructor(cluster: Cluster, workers: readonly WorkerId[]) {
		this.cluster = cluster;
		this.known = [...workers];
		this.register = openRegister(workers[0], 1);
	}

	receive({ from, message }: Letter): void {
		if (this.isAlive) this.tell({ ...message, worker: from } as unknown as RegisterEvent);
	}

	/** Asks for a move; its end will be among the results. */
	ask(to: WorkerId): void {
		this.tell({ type: "move", to, alive: this.known }, true);
	}

	workerDied(worker: WorkerId): void {
		const { log, network, random, cores } = this.cluster;
		if (!this.isAlive || !this.known.includes(worker)) return;
		this.known = this.known.filter((name) => name !== worker);
		if (!cores.neverSeals) log.seal(worker);
		const heirs = [...this.known].sort(() => random.next() - 0.5);
		this.tell({ type: "died", worker, heirs, logged: log.epoch });
		for (const to of this.known) {
			network.send({ from: "register", to, message: { type: "died", worker }, material: null });
		}
	}

	workerUp(worker: WorkerId): void {
		if (!this.isAlive || this.known.includes(worker)) return;
		this.known.push(worker);
		this.tell({ type: "up", worker });
	}

	/** Stands up again among `living`, with what it knew or with nothing. */
	restart(living: readonly WorkerId[], knows: boolean): void {
		const { cluster } = this;
		const term = this.register.term + 1;
		this.isAlive = true;
		if (knows) {
			this.carryOut(succeedRegister(this.register, term, cluster.limits));
			for (const worker of this.known) if (!living.includes(worker)) this.workerDied(worker);
			for (const worker of living) this.workerUp(worker);
			return;
		}
		this.asked.clear();
		for (const worker of this.known) if (!living.includes(worker)) cluster.log.seal(worker);
		this.known = [...living];
		this.carryOut(cluster.cores.rebuild(term, living, cluster.log.epoch, cluster.limits));
	}

	private tell(event: RegisterEvent, isAsking = false): void {
		const { cores, limits } = this.cluster;
		const decision = cores.register(this.register, event, limits);
		if (isAsking) this.asked.add(decision.state.lastMove);
		this.carryOut(decision);
	}

	private carryOut(decision: RegisterDecision): void {
		const { random, network, timeline, faults } = this.cluster;
		this.register = decision.state;
		// an orderly end lets what was decided happen
		let isEnding = false;
		for (const effect of decision.effects) {
			if (random.chance(faults.registerKilled)) {
				isEnding = random.chance(faults.succeeded);
				if (!isEnding) return this.cluster.killRegister(false);
			}
			if (effect.do === "send") {
				network.send({ from: "register", to: effect.to, message: effect.message, material: null });
			} else if (effect.do === "timer") {
				this.stopTimer();
				this.stopTimer = timeline.at(timeline.now() + effect.ms, () => {
					if (this.isAlive) this.tell({ type: "timer" });
				});
			} else if (this.asked.delete(effect.move)) {
				this.results.push([effect.move, effect.result]);
			}
		}
		if (isEnding) this.cluster.killRegister(true);
	}
}
