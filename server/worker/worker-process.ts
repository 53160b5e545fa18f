import { rmSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { crc32 } from "node:zlib";
import { LIMITS } from "../../protocol/limits.ts";
import type { Hello } from "../../protocol/messages/client-message.ts";
import { recordTo } from "../journal/journal-folder.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { type OpenServer, openServer, roomLogLine } from "../open-server.ts";
import { groupLines } from "../ops/group-lines.ts";
import { createLog, standardError } from "../ops/json-log.ts";
import { Recorders } from "../room/recorder.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import { LoadMeter } from "./load-meter.ts";
import { type Order, readOrder } from "./messages/order.ts";
import type { Report } from "./messages/report.ts";
import { MoveTap } from "./moves/move-tap.ts";
import { openMoves } from "./moves/open-moves.ts";
import { roomOfToken } from "./request-target.ts";
import { RoomReporter } from "./room-reporter.ts";
import type { TcpHandle } from "./socket-passing/tcp-handle.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { WORKER_LIMITS } from "./worker-limits.ts";
import { WorkerSockets } from "./worker-sockets.ts";

/** How long a worker that stops waits for whoever reads its log. */
const FLUSH_MS = 500;

function say(report: Report): void {
	// a supervisor that is gone is heard of by its channel
	if (process.connected) process.send?.(report, () => {});
}

/** Whether a hello asks for something that this worker has. */
function isHere({ game, room, token, spectate }: Hello, directory: RoomDirectory): boolean {
	const held = roomOfToken(token);
	const isOpen = (id: string): boolean => directory.rooms.get(id)?.isFrozen === false;
	if (held !== null && directory.rooms.has(held)) return isOpen(held);
	if (room !== null) return isOpen(room);
	// nobody has such a game, which any worker says
	if (!directory.games.has(game)) return true;
	if (held !== null) return false;
	for (const one of directory.rooms.values()) {
		if (one.game.name !== game || one.isFrozen) continue;
		if (spectate || one.hasFreeSeat) return true;
	}
	return false;
}

/** Tells the supervisor of rooms and load, again and again, and of rooms as soon as it is told to. */
function reportOn(
	{ core, listener, logs }: OpenServer,
	maxRooms: number,
): { tellRooms: () => void; stop: () => void } {
	const { directory } = core;
	const reporter = new RoomReporter();
	const cpuSeconds = (): number => {
		const { user, system } = process.cpuUsage();
		return (user + system) / 1e6;
	};
	const meter = new LoadMeter(performance.now(), cpuSeconds());
	const tellRooms = (): void => {
		const report = reporter.report(directory.rooms, false);
		if (report !== null) say(report);
	};
	const rooms = setInterval(tellRooms, WORKER_LIMITS.seatsMs);
	const load = setInterval(() => {
		const all = [...directory.rooms.values()];
		const report = reporter.report(directory.rooms, true);
		if (report !== null) say(report);
		say({
			type: "load",
			cpu: meter.cpu(performance.now(), cpuSeconds()),
			latenessP99Ms: meter.latenessP99Ms(all),
			seats: all.reduce((sum, room) => sum + room.population, 0),
			rooms: all.length,
			connections: listener.connections.size,
			rssBytes: process.memoryUsage.rss(),
			isFull: all.length >= maxRooms,
			roomLog: roomLogLine(logs),
		});
	}, WORKER_LIMITS.loadMs);
	const stop = (): void => {
		clearInterval(rooms);
		clearInterval(load);
	};
	return { tellRooms, stop };
}

/** Whether a room belongs to a part of all rooms. */
function isInShare(id: string, share: WorkerConfig["logging"]["share"]): boolean {
	return share !== null && crc32(id) % share.of === share.index;
}

/** Goes on with rooms of a worker that is gone. */
async function recover(
	{ core, logs, effects }: OpenServer,
	{ rooms, dead }: Extract<Order, { type: "recover" }>,
): Promise<void> {
	const wanted = new Set(rooms);
	core.sessions.expect(rooms);
	const settle = (id: string, isBack: boolean): void => {
		if (!wanted.delete(id)) return;
		say({ type: "recovered", back: isBack ? [id] : [], lost: isBack ? [] : [id] });
		core.sessions.arrived(id);
	};
	const isMine = ({ id }: { id: string }): boolean => wanted.has(id);
	const { directory } = core;
	await logs?.recover({
		...{ directory, isMine, dead, areNobodys: true },
		onRoom: (id, room) => settle(id, !!room),
		onResults: (results) => effects?.adopt((series) => dead.includes(series), results),
	});
	// the log has nothing of these
	for (const id of [...wanted]) settle(id, false);
}

function listenForSupervisor({ http }: OpenServer, socketPath: string): Promise<void> {
	// left by a worker of this place that was killed
	if (process.platform !== "win32") rmSync(socketPath, { force: true });
	return new Promise((resolve, reject) => {
		http.once("error", reject);
		http.listen(socketPath, () => resolve());
	});
}

/** Takes over the sockets that the supervisor passes on, and tells it who has come in. */
function openSockets({ core, listener, clock }: OpenServer, helloTimeoutMs: number): WorkerSockets {
	const sockets = new WorkerSockets({
		upgrade: (request, socket, behind, opened) => listener.upgrade(request, socket, behind, opened),
		accept: (ws, socket) => listener.accept(ws, socket),
		forget(connection) {
			core.sessions.forget(connection);
			listener.forget(connection);
		},
		takeSeat(connection, { room, player, capabilities }) {
			connection.continueWith(capabilities);
			return core.sessions.goOn(connection, room, player);
		},
		isHere: (hello) => isHere(hello, core.directory),
		report: say,
		helloTimeoutMs,
		now: () => clock.now(),
	});
	core.sessions.cameIn = (peer) => {
		const socket = sockets.numberOf(peer);
		const seat = core.sessions.seatOf(peer);
		if (socket === null || seat === null) return;
		say({ type: "seated", socket, seat: { ...seat, capabilities: [...peer.capabilities] } });
	};
	return sockets;
}

async function run(config: WorkerConfig): Promise<void> {
	const { log: grouped, flush } = groupLines(createLog(config.logLevel));
	const log: Log = (level, message, fields) =>
		grouped(level, message, { worker: config.worker, ...fields });
	const { recordFolder, recordRetention: retention } = config;
	const journals =
		recordFolder === null ? null : recordTo(recordFolder, log, retention ? { retention } : {});
	const { rooms, connections } = config.server;
	let reports: ReturnType<typeof reportOn> | null = null;
	const tap = new MoveTap();
	const server = await openServer(
		{
			...config.server,
			log,
			rooms: {
				...rooms,
				recorder: (game) => new Recorders(journals ? [journals(game), tap] : [tap]),
			},
			// the supervisor counts the clients of all, and lets in who may come in
			connections: { ...connections, max: SERVER_LIMITS.connections },
			admin: { token: config.control.secret, remote: true },
			http: { metrics: "all" },
		},
		{
			isOwnPort: false,
			...{ keepsDeployments: config.isKeeper, hasAudit: false },
			// whoever is told of a new room may ask for it at once, and come in anywhere
			roomOpened: () => reports?.tellRooms(),
			logging: {
				worker: config.worker,
				incarnation: config.logging.incarnation,
				dead: config.logging.dead,
				isMine: ({ id }) => isInShare(id, config.logging.share),
			},
		},
	);
	const sockets = openSockets(server, connections.helloTimeoutMs ?? LIMITS.helloTimeoutMs);
	reports = reportOn(server, rooms.maxRooms ?? SERVER_LIMITS.rooms);
	const moves = openMoves(server, sockets, tap, log, say);
	let isStopping = false;
	const stop = async (): Promise<void> => {
		if (isStopping) return;
		isStopping = true;
		reports?.stop();
		await server.close();
		await sockets.ended(SERVER_LIMITS.shutdownMs);
		await journals?.finished();
		flush();
		await standardError.flushed(FLUSH_MS);
		process.exit(0);
	};
	process.on("message", (message, handle) => {
		const order = readOrder(message);
		if (order === null)
			log("error", "the supervisor speaks nonsense", { error: "ERR_WORKER_ORDER" });
		else if (order.type === "stop") void stop();
		else if (order.type === "parcel" || order.type === "died") moves.obey(order);
		else if (order.type === "recover") void recover(server, order);
		else sockets.obey(order, handle as TcpHandle | undefined);
	});
	// without a supervisor nobody can come in any more
	whenAlone = () => void stop();
	await listenForSupervisor(server, config.control.socketPath);
	const games = [...server.core.directory.games.values()].map(
		({ name, version, hash, descriptor }) => {
			return { name, version, hash, maxPlayers: descriptor.maxPlayers };
		},
	);
	say({ type: "ready", games, control: config.control.socketPath });
}

/** The supervisor may be gone before this worker is up: then nobody would ever end it. */
let whenAlone = (): void => process.exit(1);

process.on("disconnect", () => whenAlone());
// a terminal and a process manager signal all processes: the supervisor says when it is time
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.once("message", ({ start }: { start: WorkerConfig }) => {
	run(start).catch(({ name, message }: Error) => {
		say({ type: "cannotStart", name, detail: message.slice(0, WORKER_LIMITS.detailChars) });
		process.disconnect?.();
		setTimeout(() => process.exit(1), FLUSH_MS).unref();
	});
});
