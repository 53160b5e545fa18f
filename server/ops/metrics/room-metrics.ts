import { SERVER_LIMITS } from "../../limits.ts";
import type { GameModule } from "../../module/game-module.ts";
import type { FaultReport } from "../../room/fault-report.ts";
import type { Room } from "../../room/room.ts";
import type { RoomState } from "../../room/room-state.ts";
import { frameChannel, rulesChannel } from "../../room/room-timing.ts";
import { addTo, GameMetrics } from "./game-metrics.ts";
import { RoomWatch } from "./room-watch.ts";

/** Label of the games and versions beyond those that get labels of their own. */
const OTHER = "other";

/**
 * Sums up what the rooms of one server count, by game and version. Rooms know nothing of it: it listens
 * on their channels, and reads their counters when asked.
 */
export class RoomMetrics {
	readonly games = new Map<string, GameMetrics>();
	private readonly watches = new Map<RoomState, RoomWatch>();
	private readonly ageing: NodeJS.Timeout;

	constructor() {
		frameChannel.subscribe(this.onFrame);
		rulesChannel.subscribe(this.onRules);
		this.ageing = setInterval(() => {
			const now = performance.now();
			for (const watch of this.watches.values()) watch.age(now);
		}, 500);
		this.ageing.unref();
	}

	/** Stops listening. */
	close(): void {
		frameChannel.unsubscribe(this.onFrame);
		rulesChannel.unsubscribe(this.onRules);
		clearInterval(this.ageing);
	}

	/**
	 * A game that may get rooms: its series start now, so that the first event of any kind shows as an
	 * increase.
	 */
	expect(game: GameModule): void {
		this.metricsOf(game);
	}

	opened(room: Room): void {
		this.watches.set(room, new RoomWatch(room, this.metricsOf(room.game)));
	}

	closed(room: Room): void {
		const watch = this.watches.get(room);
		if (!watch) return;
		this.follow(watch);
		watch.settle();
		this.watches.delete(room);
	}

	report(room: RoomState, { kind, outcome }: FaultReport): void {
		const metrics = this.watches.get(room)?.metrics ?? this.metricsOf(room.game);
		addTo(metrics.faults, `${kind} ${outcome.kind}`, 1);
	}

	watchOf(room: Room): RoomWatch | null {
		return this.watches.get(room) ?? null;
	}

	/** Brings every game's sums up to date. */
	settle(): void {
		for (const watch of this.watches.values()) {
			this.follow(watch);
			watch.settle();
		}
	}

	/** Every running room. Those whose rules have just changed are up to date after `settle`. */
	get running(): Iterable<RoomWatch> {
		return this.watches.values();
	}

	/** Makes a room count for its current rules. */
	private follow(watch: RoomWatch): void {
		const { game } = watch.room;
		if (watch.game === game) return;
		watch.game = game;
		watch.metrics = this.metricsOf(game);
	}

	private metricsOf({ name, version, hash }: GameModule): GameMetrics {
		const key = `${name} ${hash}`;
		let metrics = this.games.get(key);
		if (metrics) return metrics;
		// every pair is dozens of series, forever: a server with daily swaps must not grow
		const isOther = this.games.size >= SERVER_LIMITS.metricGames;
		metrics = isOther ? this.games.get(OTHER) : undefined;
		metrics ??= isOther
			? new GameMetrics(OTHER, OTHER, OTHER)
			: new GameMetrics(name, String(version), hash.slice(0, 8));
		this.games.set(isOther ? OTHER : key, metrics);
		return metrics;
	}

	private readonly onFrame = (room: unknown): void => {
		const watch = this.watches.get(room as RoomState);
		if (!watch) return; // of another server in this process
		this.follow(watch);
		watch.frame();
	};

	/** The room's rules are about to change: what it counted so far belongs to the present ones. */
	private readonly onRules = (room: unknown): void => {
		this.watches.get(room as RoomState)?.settle();
	};
}
