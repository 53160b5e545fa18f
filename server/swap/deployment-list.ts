import { SERVER_LIMITS } from "../limits.ts";
import type { GameModule } from "../module/game-module.ts";
import type { Deployment } from "./deployment.ts";

/** The last deployments of a server, newest last. */
export class DeploymentList {
	readonly all: Deployment[] = [];
	private readonly wallClock: () => number;
	private readonly changed: (game: string) => void;

	/** `wallClock`: ms since 1970. */
	constructor(wallClock: () => number, changed: (game: string) => void) {
		this.wallClock = wallClock;
		this.changed = changed;
	}

	get lastId(): number {
		return this.all.at(-1)?.id ?? 0;
	}

	/** A deployment that has changed nothing yet. */
	describe(
		before: GameModule,
		{ name, version, hash }: GameModule,
		policy: Deployment["policy"],
		{ by = "", origin }: { by?: string; origin: string },
	): Deployment {
		return {
			id: this.lastId + 1,
			game: name,
			policy,
			at: new Date(this.wallClock()).toISOString(),
			by,
			origin,
			before: { version: before.version, hash: before.hash },
			version,
			hash,
			migration: [],
			trials: [],
			swapped: [],
			refused: [],
			maxPauseMs: 0,
			outcome: "standing",
		};
	}

	add(deployment: Deployment): void {
		this.all.push(deployment);
		if (this.all.length > SERVER_LIMITS.deployments) this.all.shift();
		this.changed(deployment.game);
	}
}
