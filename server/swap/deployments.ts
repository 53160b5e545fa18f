import { setImmediate as nextTurn } from "node:timers/promises";
import { type GameModule, ModuleError } from "../module/game-module.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import { compareSchemas, type SwapRefusal } from "./compare-schemas.ts";
import { swapRoom } from "./swap-room.ts";
import type { TrialResult } from "./trial.ts";
import { type Candidate, Verifier } from "./verifier.ts";

/**
 * `pin`: new rooms get the new rules, running ones finish on theirs. `canary`: a few running rooms
 * change, nothing else. `live`: every running room changes, and new rooms get the new rules. `try`: the
 * trials of `live`, and nothing changes.
 */
export type SwapPolicy = "try" | "pin" | "canary" | "live";

export interface Deployment {
	readonly game: string;
	readonly policy: SwapPolicy | "rollback";
	readonly version: number;
	readonly hash: string;
	/** Renames, defaults, conversions and losses of the state carried over. */
	readonly migration: readonly string[];
	readonly trials: readonly TrialResult[];
	readonly swapped: readonly string[];
	/** Rooms that could not change, by reason. */
	readonly refused: readonly (SwapRefusal & { room: string })[];
	/** Longest time that one room's change took, ms. */
	readonly maxPauseMs: number;
}

/** Deploys new rules into a running process, and takes them back. */
export class Deployments {
	private readonly directory: RoomDirectory;
	/** The rules that new rooms had before, by game. */
	private readonly previous = new Map<string, GameModule>();
	/** One deployment of a game at a time. */
	private readonly busy = new Set<string>();

	/** Hears of each deployment and rollback that took effect. */
	private readonly onDeployed: (deployment: Deployment) => void;

	constructor(directory: RoomDirectory, onDeployed: (deployment: Deployment) => void = () => {}) {
		this.directory = directory;
		this.onDeployed = onDeployed;
	}

	/** Verifies a candidate and, when it passes, puts it to use. A refusal changes nothing. */
	async deploy(
		name: string,
		candidate: Candidate,
		policy: SwapPolicy,
		canaries = 1,
	): Promise<Deployment | SwapRefusal> {
		const current = this.directory.games.get(name);
		if (!current) return { error: "ERR_GAME_UNKNOWN", detail: `no game "${name}"` };
		if (this.busy.has(name)) {
			return { error: "ERR_SWAP_BUSY", detail: `another swap of ${name} is under way` };
		}
		this.busy.add(name);
		const verifier = new Verifier();
		try {
			const game = await verifier.compile(candidate);
			if ("error" in game) return game;
			if (game.name !== name) {
				return { error: "ERR_SWAP_GAME", detail: `the module is ${game.name}, not ${name}` };
			}
			if (game.hash === current.hash && policy === "pin") {
				return { error: "ERR_SWAP_SAME", detail: `these rules are already in use (${game.hash})` };
			}
			const rooms = this.roomsToChange(name, game, policy, canaries);
			const trials: TrialResult[] = [];
			for (const room of rooms) {
				const result = await verifier.tryOn(room, game);
				if (result && "error" in result) return result;
				if (result) trials.push(result);
			}
			if (policy === "try") {
				const compared = compareSchemas(current.descriptor, game.descriptor);
				if ("error" in compared) return compared;
				const nothing = await this.change([], game, policy, trials);
				return { ...nothing, migration: compared.plan.report };
			}
			if (policy !== "canary") this.setCurrent(game);
			return await this.deployed(rooms, game, policy, trials);
		} finally {
			this.busy.delete(name);
			await verifier.end();
		}
	}

	/** New rooms get the rules from before, and rooms that run the present ones go back to them. */
	async rollBack(name: string): Promise<Deployment | SwapRefusal> {
		const current = this.directory.games.get(name);
		const before = this.previous.get(name);
		if (!current || !before) {
			return { error: "ERR_SWAP_NOTHING", detail: `there is nothing to go back to for "${name}"` };
		}
		this.setCurrent(before);
		const rooms = [...this.directory.rooms.values()].filter(
			(room) => room.game.hash === current.hash,
		);
		return this.deployed(rooms, before, "rollback", []);
	}

	private async deployed(...change: Parameters<Deployments["change"]>): Promise<Deployment> {
		const deployment = await this.change(...change);
		this.onDeployed(deployment);
		return deployment;
	}

	/** The rules that a rollback would bring back. */
	previousOf(name: string): GameModule | null {
		return this.previous.get(name) ?? null;
	}

	private setCurrent(game: GameModule): void {
		const current = this.directory.games.get(game.name);
		if (!current || current.hash === game.hash) return;
		this.previous.set(game.name, current);
		this.directory.games.set(game.name, game);
	}

	/** The fullest rooms first: a canary should see what there is to see. */
	private roomsToChange(
		name: string,
		game: GameModule,
		policy: SwapPolicy,
		canaries: number,
	): Room[] {
		if (policy === "pin") return [];
		const rooms = [...this.directory.rooms.values()].filter(
			(room) => room.game.name === name && room.game.hash !== game.hash,
		);
		rooms.sort((a, b) => b.population - a.population);
		return policy === "canary" ? rooms.slice(0, canaries) : rooms;
	}

	private async change(
		rooms: readonly Room[],
		game: GameModule,
		policy: Deployment["policy"],
		trials: readonly TrialResult[],
	): Promise<Deployment> {
		const swapped: string[] = [];
		const refused: (SwapRefusal & { room: string })[] = [];
		let migration: readonly string[] = [];
		let maxPauseMs = 0;
		for (const room of rooms) {
			// each room in a turn of its own, so that the ticks of others come in between
			await nextTurn();
			if (!this.directory.rooms.has(room.id)) continue;
			const startMs = performance.now();
			const result = changeRoom(room, game, policy);
			maxPauseMs = Math.max(maxPauseMs, performance.now() - startMs);
			if ("error" in result) refused.push({ ...result, room: room.id });
			else {
				swapped.push(room.id);
				migration = result.report;
			}
		}
		const { name, version, hash } = game;
		return { game: name, policy, version, hash, migration, trials, swapped, refused, maxPauseMs };
	}
}

function changeRoom(
	room: Room,
	game: GameModule,
	policy: Deployment["policy"],
): SwapRefusal | { report: readonly string[] } {
	if (policy === "rollback" && room.probation?.previousHash === game.hash) {
		room.probation.rollBack();
		return { report: [] };
	}
	try {
		return swapRoom(room, game, policy === "rollback" ? "rollbacks" : "swaps");
	} catch (thrown) {
		if (!(thrown instanceof ModuleError)) throw thrown;
		return { error: thrown.name, detail: thrown.message };
	}
}
