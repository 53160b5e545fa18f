import type { LogLevel } from "../log.ts";
import type { ServerOptions } from "../server-options.ts";

/** What a worker is started with: the options of a server that can travel, and its own place. */
export interface WorkerConfig {
	readonly worker: number;
	readonly logLevel: LogLevel;
	/** Where it answers HTTP, and what lets the supervisor in. */
	readonly control: { readonly socketPath: string; readonly secret: string };
	/** Keeps deployments for all: the others only read. */
	readonly isKeeper: boolean;
	readonly recordFolder: string | null;
	readonly recordRetention: { keepMs: number | null; maxBytes: number | null } | null;
	readonly server: {
		readonly games: readonly string[];
		readonly rooms: NonNullable<ServerOptions["rooms"]>;
		readonly connections: NonNullable<ServerOptions["connections"]>;
		readonly deployments: NonNullable<ServerOptions["deployments"]>;
		readonly recovery: NonNullable<ServerOptions["recovery"]> | null;
		/** A file: functions do not travel. */
		readonly hooks?: string | null;
		readonly webhook?: NonNullable<ServerOptions["webhook"]> | null;
	};
	/** Its place in the room log, and which rooms it brings back before it is ready. */
	readonly logging: {
		readonly incarnation: string;
		/** Series of logs that nobody writes any more. */
		readonly dead: readonly string[];
		/** Of all rooms that wait in the log this part, such as the first of two; null for none. */
		readonly share: { readonly index: number; readonly of: number } | null;
	};
}
