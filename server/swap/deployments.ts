import { setImmediate as nextTurn } from "node:timers/promises";
import type { Refusal } from "../../protocol/refusal.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { GameModule } from "../module/game-module.ts";
import type { FaultReport } from "../room/fault-report.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { RoomState } from "../room/room-state.ts";
import { changeEach } from "./change-each.ts";
import { changeRoom, goBack } from "./change-room.ts";
import type { Deployment, DeployOptions, SwapPolicy } from "./deployment.ts";
import { DeploymentList } from "./deployment-list.ts";
import type { DeploymentsOptions, Standing } from "./deployments-options.ts";
import { FailureCount } from "./failure-count.ts";
import { MigrationPlans } from "./migration-plans.ts";
import { runTrials } from "./run-trials.ts";
import { Running } from "./running.ts";
import { type Candidate, ThreadVerifier, type Verifier } from "./verifier.ts";
import { roomsOn, waysBack } from "./ways-back.ts";

/** Deploys new rules to a running process, and rolls them back: the last deployment first. */
export class Deployments {
	private readonly directory: RoomDirectory;
	private readonly options: DeploymentsOptions;
	/** Deployments that can be rolled back, by game, newest last. */
	private readonly standing = new Map<string, Standing[]>();
	private readonly running = new Map<string, Running>();
	private readonly failures: FailureCount;
	private readonly records: DeploymentList;
	private readonly turn: () => Promise<unknown>;

	constructor(directory: RoomDirectory, options: DeploymentsOptions = {}) {
		this.directory = directory;
		this.options = options;
		this.records = new DeploymentList(options.wallClock ?? Date.now, (game) =>
			options.onChanged?.(game),
		);
		this.failures = new FailureCount(options.retireAfter, options.now);
		this.turn = options.turn ?? nextTurn;
	}

	/** The last deployments of all games, newest last. */
	get list(): readonly Deployment[] {
		return this.records.all;
	}

	/** Verifies a candidate and, when it passes, puts it to use. A refusal changes nothing. */
	deploy(
		name: string,
		candidate: Candidate,
		policy: SwapPolicy,
		options: DeployOptions = {},
	): Promise<Deployment | Refusal> {
		return this.exclusively(name, policy, options, (running, current) =>
			this.compiled(candidate, async (verifier, game) => {
				if (game.name !== name) {
					return { error: "ERR_SWAP_GAME", detail: `the module is ${game.name}, not ${name}` };
				}
				if (game.hash === current.hash && policy === "pin") {
					return {
						error: "ERR_SWAP_SAME",
						detail: `these rules are already in use (${game.hash})`,
					};
				}
				const { origin } = candidate;
				return this.verified(running, verifier, game, policy, { ...options, origin });
			}),
		);
	}

	/** Gives the rules of the last deployment, a canary, to every room, and to new ones. */
	promote(name: string, options: DeployOptions = {}): Promise<Deployment | Refusal> {
		return this.exclusively(name, "promote", options, async (running) => {
			const last = this.standing.get(name)?.at(-1);
			if (last?.deployment.policy !== "canary") {
				return {
					error: "ERR_SWAP_NOTHING",
					detail: `the last deployment of "${name}" is no canary`,
				};
			}
			const { raw: bytes, sourceMap } = last.after;
			const { origin } = last.deployment;
			// uses exactly the rules that the canaries run, so these do not change again
			return this.compiled({ bytes, origin, sourceMap }, (verifier) =>
				this.verified(running, verifier, last.after, "promote", { ...options, origin }),
			);
		});
	}

	/**
	 * Rolls back the last deployment, and nothing else: its rooms return to the rules each had before, as
	 * do new rooms and those that opened since. One still in progress is cancelled.
	 */
	async rollBack(name: string, { by = "" }: DeployOptions = {}): Promise<Deployment | Refusal> {
		const running = this.running.get(name);
		const { lastId } = this.records;
		if (running) {
			running.isCancelled = true;
			await running.ended;
		}
		// one that was finished already when it should have ended is rolled back like any other
		if (running && !running.stands) {
			// it has been undone, or had not changed anything yet
			const undone = this.list.find(({ id, policy }) => id > lastId && policy === "rollback");
			const current = this.directory.games.get(name) as GameModule;
			return undone ?? this.records.describe(current, current, "rollback", { by, origin: "" });
		}
		return this.exclusively(name, "rollback", { by }, async () => {
			const last = this.standing.get(name)?.pop();
			if (!last) {
				return {
					error: "ERR_SWAP_NOTHING",
					detail: `there is nothing to go back to for "${name}"`,
				};
			}
			last.deployment.outcome = "takenBack";
			return this.takeBack(last, by);
		});
	}

	/**
	 * Gives the game rules that its running rooms cannot take: those are closed, and their players return
	 * to a room with the same id. For development: nothing is tried, and nothing can be rolled back.
	 */
	replace(name: string, candidate: Candidate): Promise<Deployment | Refusal> {
		return this.exclusively(name, "live", {}, (_, current) =>
			this.compiled(candidate, async (_, game) => {
				const { games, rooms } = this.directory;
				games.delete(name);
				games.set(game.name, game);
				this.standing.delete(name);
				const closed = [...rooms.values()].filter((room) => room.game.name === name);
				for (const room of closed) {
					room.seats.clear("ERR_SERVER_SHUTDOWN", "the rules were replaced");
					this.directory.close(room, "replaced");
				}
				const { origin } = candidate;
				const swapped = closed.map(({ id }) => id);
				return { ...this.records.describe(current, game, "live", { origin }), swapped };
			}),
		);
	}

	/** The rules that new rooms would get after a rollback. */
	previousOf(name: string): GameModule | null {
		return this.standing.get(name)?.at(-1)?.before ?? null;
	}

	/** What was deployed before the process began. */
	remember(kept: readonly Deployment[]): void {
		this.records.all.unshift(...kept);
	}

	/** Continues with rules deployed before the process started: they can be rolled back. */
	goOn(before: GameModule, after: GameModule): void {
		const last = this.list.findLast(({ game, hash }) => game === after.name && hash === after.hash);
		const deployment =
			last ?? this.records.describe(before, after, "pin", { by: "", origin: "kept" });
		this.standing.set(after.name, [
			{ deployment, before, after, rooms: new Map(), others: new Set() },
		]);
		this.directory.games.set(after.name, after);
	}

	/** A tick of a room failed: new rooms do not get rules with which that happens too often. */
	heard(room: RoomState, { moduleHash, outcome }: FaultReport): void {
		const isTakenBack = outcome.kind === "rolledBack";
		if (!isTakenBack && outcome.kind !== "closed" && outcome.kind !== "paused") return;
		const isTooOften = this.failures.add(moduleHash);
		if (!isTakenBack && !isTooOften) return;
		const { name } = room.game;
		const why = isTakenBack ? `room ${room.id} took them back` : this.failures.about(moduleHash);
		const running = this.running.get(name);
		if (running?.hash === moduleHash) running.failure = why;
		this.retire(name, moduleHash, why);
	}

	private retire(name: string, hash: string, detail: string): void {
		const all = this.standing.get(name) ?? [];
		const entry = all.findLast(({ before, after }) => after.hash === hash && before.hash !== hash);
		if (!entry) return;
		const { deployment, before } = entry;
		const isCurrent = this.directory.games.get(name)?.hash === hash;
		const isInUse = isCurrent && deployment.policy !== "canary";
		// a rollback may have brought back what was retired already
		if (deployment.outcome === "retired" && !isInUse) return;
		deployment.outcome = "retired";
		if (isInUse) this.directory.games.set(name, before);
		this.options.onRetired?.(deployment, detail);
		this.options.onChanged?.(name);
	}

	/** One deployment or rollback of a game at a time. */
	private async exclusively(
		name: string,
		policy: Deployment["policy"],
		{ by = "" }: DeployOptions,
		run: (running: Running, current: GameModule) => Promise<Deployment | Refusal>,
	): Promise<Deployment | Refusal> {
		const current = this.directory.games.get(name);
		if (!current) return { error: "ERR_GAME_UNKNOWN", detail: `no game "${name}"` };
		if (this.running.has(name)) {
			return { error: "ERR_SWAP_BUSY", detail: `another swap of ${name} is under way` };
		}
		let end = (): void => {};
		const ended = new Promise<void>((resolve) => {
			end = resolve;
		});
		const running = new Running(ended);
		this.running.set(name, running);
		try {
			const result = await run(running, current);
			if ("error" in result) this.options.onRefused?.(name, policy, result, by);
			return result;
		} finally {
			this.running.delete(name);
			end();
		}
	}

	/** Tries compiled rules, and puts them to use. */
	private async verified(
		running: Running,
		verifier: Verifier,
		game: GameModule,
		policy: SwapPolicy | "promote",
		options: DeployOptions & { origin: string },
	): Promise<Deployment | Refusal> {
		const { name } = game;
		const plans = new MigrationPlans(game);
		const outcome = await runTrials(this.directory, verifier, game, policy, {
			...options,
			isCancelled: () => running.isCancelled,
		});
		if ("error" in outcome) return outcome;
		const current = this.directory.games.get(name) as GameModule;
		const others = roomsOn(this.directory, game);
		if (policy === "try") {
			const compared = plans.from(current);
			if ("error" in compared) return compared;
			const nothing = this.records.describe(current, game, policy, options);
			const { trials, refused } = outcome;
			const { report: migration } = compared.plan;
			return { ...nothing, migration, trials, refused, outcome: "nothing" };
		}
		// nothing awaits from here until new rooms have the new rules, so none opens with the old ones
		if (policy !== "canary") this.directory.games.set(name, game);
		running.hash = game.hash;
		const rooms = new Map<string, GameModule>();
		const changed = await changeEach(outcome.rooms, this.turn, (room) => {
			if (running.isCancelled || this.directory.rooms.get(room.id) !== room) return null;
			const old = room.game;
			const result = changeRoom(room, game, plans, this.options.probationMs);
			if (!("error" in result)) rooms.set(room.id, old);
			return { ...result, room };
		});
		const refused = [...outcome.refused, ...changed.refused];
		const deployment: Deployment = {
			...this.records.describe(current, game, policy, options),
			...changed,
			refused,
			trials: outcome.trials,
		};
		const entry: Standing = { deployment, before: current, after: game, rooms, others };
		if (running.isCancelled) {
			deployment.outcome = "takenBack";
			this.records.add(deployment);
			await this.takeBack(entry, "");
			return { error: "ERR_SWAP_CANCELLED", detail: "it was taken back while it was under way" };
		}
		this.stand(entry, policy === "promote");
		running.stands = true;
		this.records.add(deployment);
		this.options.onDeployed?.(deployment);
		// a room that changed early may have failed before the last one changed
		if (running.failure !== null) this.retire(name, game.hash, running.failure);
		return deployment;
	}

	/** Adds a deployment to those that can be rolled back; a promotion replaces its canary. */
	private stand(entry: Standing, isPromotion: boolean): void {
		const all = this.standing.get(entry.after.name) ?? [];
		const canary = isPromotion ? all.pop() : undefined;
		if (canary) {
			canary.deployment.outcome = "promoted";
			for (const [room, before] of canary.rooms) entry.rooms.set(room, before);
		}
		all.push(canary ? { ...entry, others: canary.others } : entry);
		if (all.length > SERVER_LIMITS.standingDeployments) all.shift();
		this.standing.set(entry.after.name, all);
	}

	private async takeBack(entry: Standing, by: string): Promise<Deployment> {
		const { before, after, deployment } = entry;
		if (deployment.policy !== "canary") this.directory.games.set(after.name, before);
		const ways = waysBack(this.directory, entry);
		const { migration: _, ...changed } = await changeEach(ways, this.turn, ([id, game]) => {
			const room = this.directory.rooms.get(id);
			// a room that rolled back by itself, or has other rules by now, stays as it is
			if (room?.game.hash !== after.hash) return null;
			return { ...goBack(room, game), room };
		});
		const done = this.records.describe(after, before, "rollback", {
			by,
			origin: deployment.origin,
		});
		const answer: Deployment = { ...done, ...changed };
		this.records.add(answer);
		this.options.onDeployed?.(answer);
		return answer;
	}

	/** Compiles a candidate away from the rooms; the verifier is there for its trials until `run` ends. */
	private async compiled(
		candidate: Candidate,
		run: (verifier: Verifier, game: GameModule) => Promise<Deployment | Refusal>,
	): Promise<Deployment | Refusal> {
		const verifier = this.options.openVerifier?.() ?? new ThreadVerifier();
		try {
			const game = await verifier.compile(candidate);
			return "error" in game ? game : await run(verifier, game);
		} finally {
			await verifier.end();
		}
	}
}
