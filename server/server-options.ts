import type { RoomsOptions } from "./core.ts";
import type { Hooks } from "./effects/hooks.ts";
import type { WebhookOptions } from "./effects/webhook.ts";
import type { Durability } from "./journal/room-log/room-log-writer.ts";
import type { Log } from "./log.ts";
import type { EntranceOptions } from "./match/doors/entrance.ts";
import type { GameModule } from "./module/game-module.ts";
import type { MetricsReaders } from "./ops/http.ts";
import type { Clock } from "./room/clock.ts";

/** The sockets of a server's clients. */
export interface ConnectionsOptions {
	/** Clients at most; fewer where the process may not open so many descriptors. */
	max?: number;
	/** How long a socket may stay without a hello, ms. */
	helloTimeoutMs?: number;
	/** Time between pings, ms. */
	heartbeatMs?: number;
	/** A socket without a sign of life for so long is dropped, ms. */
	silenceMs?: number;
}

/** Rules that are deployed while rooms run. */
export interface DeployingOptions {
	/** For how long after a swap a fault brings the rules from before back, ms: 2,000, and 30,000 at most. */
	probationMs?: number;
	/** Deployed rules with which so many rooms failed within that time are not for new rooms any more. */
	retireAfter?: { failures: number; withinMs: number };
	/** Folder in which deployments are kept, so that a restart goes on with them; none by default. */
	dataFolder?: string | null;
}

/** What survives the death of the process. */
export interface RecoveryOptions {
	/** Folder of the room log; the next server that is given it goes on with the rooms. */
	folder: string;
	/**
	 * What a tick that was shown survives: `process` (the default) the death of the process, `disk` also a power
	 * loss but for the last 100 ms, `confirmed` a power loss, `none` nothing.
	 */
	durability?: Durability;
}

/** The admin API, and the monitor that uses it. */
export interface AdminAccess {
	/** Whoever knows it may do anything; at least 8 characters. */
	token: string;
	/** Answer other machines too. */
	remote?: boolean;
	/** Folder of the monitor's page; none by default. */
	monitorFolder?: string | null;
}

/** What is served to browsers and scrapers. */
export interface HttpAccess {
	/** Folder of static files to serve, none by default. */
	pageFolder?: string | null;
	/** Who may read `/metrics`: "local" (the default), "all" or "off". */
	metrics?: MetricsReaders;
}

export interface ServerOptions {
	/** Module files or loaded games; each is offered under the name in its descriptor. */
	games: readonly (string | GameModule)[];
	rooms?: RoomsOptions;
	connections?: ConnectionsOptions;
	/** Which pages and addresses may come in; a page of this machine and its programs always may. */
	doors?: EntranceOptions;
	deployments?: DeployingOptions;
	/** Null, and by default: rooms die with the process. */
	recovery?: RecoveryOptions | null;
	/**
	 * Code of one's own around the rules: a file that exports `hooks`, which runs in a thread of its own, or the hooks
	 * themselves, which run in this process. Results wait on the disk where there is a `recovery` folder.
	 */
	hooks?: string | Hooks | null;
	/** Posts every result, signed. */
	webhook?: WebhookOptions | null;
	/** Null, and by default: there is no admin API. */
	admin?: AdminAccess | null;
	http?: HttpAccess;
	log?: Log;
	/** What the rooms take the time from, for tests. */
	clock?: Clock;
}
