import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ConfigError } from "../config-error.ts";
import { VERSION } from "../installation.ts";
import { recordTo } from "../journal/journal-folder.ts";
import type { Durability } from "../journal/room-log/room-log-writer.ts";
import type { Log } from "../log.ts";
import { openServer } from "../open-server.ts";
import { UPGRADE_ALONE } from "../ops/admin/admin.ts";
import { groupLines } from "../ops/group-lines.ts";
import { createLog, standardError } from "../ops/json-log.ts";
import { inheritFolder, lockFolder } from "../recovery/folder-lock.ts";
import { testSocketPassing } from "../worker/socket-passing/self-test.ts";
import { Supervisor } from "../worker/supervisor.ts";
import type { Upgraded } from "../worker/take-over/hand-off.ts";
import { Succession } from "../worker/take-over/succession.ts";
import { runCommand } from "./run-command.ts";
import { openServiceManager } from "./service-manager.ts";
import { readStartConfig, type StartConfig, serverOptionsOf } from "./start-config.ts";
import { START_HELP } from "./start-help.ts";

/** How long a stopping server waits for the reader of its log. */
const FLUSH_MS = 1_000;

/** A server that runs, whatever it is made of. */
interface Running {
	readonly url: string;
	readonly games: readonly { name: string; version: number; hash: string }[];
	/** Rooms that are open. */
	rooms(): number;
	/** Rooms can go on. */
	isAlive(): boolean;
	/** It took over from a process that systemd knows. */
	readonly isSuccessor: boolean;
	/** Starts this program anew from the files on disk, and leaves it everything. */
	upgrade(): Promise<Upgraded>;
	close(): Promise<void>;
	/** Leaves nothing behind, for a process that ends now. */
	kill(): void;
}

/** Where the room log lies, and what is to be done with the folder in the end. */
interface LogPlace {
	readonly recovery: { folder: string; durability: Durability } | null;
	/** It is gone with the server. */
	readonly isTemporary: boolean;
	leave(): void;
}

/**
 * The folder of the room log, taken for this server. Without a name for it, workers get one for as long as the
 * server lives: one of them may die before it.
 */
function placeOfLog(config: StartConfig, log: Log, hasWorkers: boolean): LogPlace {
	const { durability, recoveryFolder, isDataGiven } = config;
	const none: LogPlace = { recovery: null, isTemporary: false, leave: () => {} };
	if (durability === "none") return none;
	if (recoveryFolder === null) {
		if (!hasWorkers) return none;
		const folder = mkdtempSync(path.join(tmpdir(), "hotstep-rooms-"));
		return { recovery: { folder, durability }, isTemporary: true, leave: () => removeAll(folder) };
	}
	const lock = lockFolder(recoveryFolder);
	if (!("pid" in lock)) {
		const recovery = { folder: recoveryFolder, durability };
		return { recovery, isTemporary: false, leave: () => lock.release() };
	}
	const detail = `${recoveryFolder} is used by process ${lock.pid}`;
	if (isDataGiven) throw new ConfigError(`${detail}: name another folder with --data`);
	log("warn", "rooms are not protected", { error: "ERR_CONFIG", detail });
	return none;
}

/** The folder of the server that this one takes over from: the rooms go on in it. */
function inheritLog({ durability }: StartConfig, { begin }: Succession): LogPlace {
	if (begin.log === null || durability === "none") {
		return { recovery: null, isTemporary: false, leave: () => {} };
	}
	const { folder, isTemporary } = begin.log;
	const lock = inheritFolder(folder);
	const leave = (): void => (isTemporary ? removeAll(folder) : lock.release());
	return { recovery: { folder, durability }, isTemporary, leave };
}

function removeAll(folder: string): void {
	rmSync(folder, { recursive: true, force: true });
}

/** Everything in this process. */
async function startAlone(config: StartConfig, log: Log): Promise<Running> {
	const { recordFolder, recordRetention: retention } = config;
	const journals =
		recordFolder === null ? null : recordTo(recordFolder, log, retention ? { retention } : {});
	const options = serverOptionsOf(config);
	const rooms = { ...options.rooms, recorder: journals ?? undefined };
	const place = placeOfLog(config, log, false);
	const server = await openServer({ ...options, log, rooms, recovery: place.recovery });
	const { url } = await server.listen(config.port, config.host);
	const { directory } = server.core;
	return {
		url,
		games: [...directory.games.values()],
		rooms: () => directory.rooms.size,
		// whoever is asked runs
		isAlive: () => true,
		isSuccessor: false,
		upgrade: async () => UPGRADE_ALONE,
		async close() {
			await server.close();
			await journals?.finished();
			place.leave();
		},
		kill: () => place.leave(),
	};
}

/** This process listens, and others have the rooms. */
async function startWorkers(
	config: StartConfig,
	log: Log,
	succession: Succession | null,
	replaced: (isWhole: boolean) => void,
): Promise<Running> {
	const { games, recordFolder, recordRetention, logLevel, workers } = config;
	const { rooms, connections = {}, deployments = {} } = serverOptionsOf(config);
	const { hooksFile: hooks, webhook } = config;
	// what one of them may have at most; clients are sent where there are fewer
	const maxRooms = Math.ceil(config.maxRooms / workers);
	const place = succession ? inheritLog(config, succession) : placeOfLog(config, log, true);
	const { recovery, isTemporary } = place;
	const server = {
		...{ games, rooms: { ...rooms, maxRooms }, connections, deployments, recovery },
		...{ hooks, webhook },
	};
	const supervisor = new Supervisor({
		...config,
		...{ log, succession, replaced, isLogTemporary: isTemporary },
		relay: (line) => standardError.line(line),
		config: { logLevel, recordFolder, recordRetention, server },
	});
	const listening = supervisor.start().then(() => supervisor.listen(config.port, config.host));
	const { url } = await listening.catch(async (thrown: Error) => {
		succession?.refuse(thrown);
		await supervisor.close();
		throw thrown;
	});
	return {
		url,
		games: supervisor.games,
		rooms: () => supervisor.router.index.size,
		isAlive: () => supervisor.pool.isAnswering,
		isSuccessor: succession !== null,
		upgrade: () => supervisor.upgrader.upgrade(),
		async close() {
			await supervisor.close();
			place.leave();
		},
		kill() {
			supervisor.kill();
			place.leave();
		},
	};
}

/** Workers only where the platform can do what they need. */
async function startServer(
	config: StartConfig,
	log: Log,
	replaced: (isWhole: boolean) => void,
): Promise<Running> {
	const succession = await Succession.begin(log);
	if (config.workers === 0) return startAlone(config, log);
	const { canPass, canMove, detail } = await testSocketPassing();
	if (canPass && canMove) return startWorkers(config, log, succession, replaced);
	const hint = "all rooms are in one process, as with --workers 0";
	log("warn", "this platform cannot pass sockets", { error: "ERR_NO_WORKERS", detail, hint });
	return startAlone(config, log);
}

async function serve(config: StartConfig): Promise<undefined> {
	const { log, flush } = groupLines(createLog(config.logLevel));
	const leave = (code: number): void => {
		flush();
		void standardError.flushed(FLUSH_MS).then(() => process.exit(code));
	};
	const server = await startServer(config, log, (isWhole) => leave(isWhole ? 0 : 1));
	const { url } = server;
	const games = server.games.map(({ name, version, hash }) => ({ name, version, hash }));
	const { pid, version: node } = process;
	const { workers } = config;
	log("info", "started", { version: VERSION, node, pid, url, games, workers });
	process.stdout.write(`Hotstep serves ${games.map(({ name }) => name).join(", ")} on ${url}\n`);
	const manager = openServiceManager(process.env, log);
	manager.ready(server.isSuccessor ? pid : undefined);
	manager.watchdog(server.isAlive);
	let isStopping = false;
	const stop = (signal: NodeJS.Signals): void => {
		if (isStopping) {
			server.kill();
			process.exit(1);
		}
		isStopping = true;
		log("info", "stopping", { signal, rooms: server.rooms() });
		const isTold = manager.stopping();
		void Promise.all([server.close(), isTold]).then(() => {
			manager.close();
			log("info", "stopped", { pid });
			leave(0);
		});
	};
	process.on("SIGTERM", stop);
	process.on("SIGINT", stop);
	process.on("SIGUSR2", () => {
		void server.upgrade().then((result) => {
			if ("error" in result) log("error", "not upgraded", { ...result });
		});
	});
}

/** `hotstep start`: serves until SIGTERM or SIGINT; ends at once at the second. */
export function main(args: string[]): Promise<void> {
	const run = (): Promise<undefined> => serve(readStartConfig(args, process.env));
	return runCommand(args, { help: START_HELP, run });
}
