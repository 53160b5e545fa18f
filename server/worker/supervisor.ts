import { fork } from "node:child_process";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { deadSeries } from "../journal/room-log/log-folder.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { Entrance, type EntranceOptions } from "../match/doors/entrance.ts";
import { AuditList } from "../ops/audit/audit-list.ts";
import type { MetricsReaders } from "../ops/http.ts";
import { ProcessMetrics } from "../ops/metrics/process-metrics.ts";
import { newIncarnation } from "../recovery/room-logs.ts";
import { clientsByDescriptors } from "../socket/descriptor-limit.ts";
import { PlainSockets } from "../socket/plain-sockets.ts";
import { ClientRouter } from "./client-router.ts";
import { ControlPlaces } from "./control-places.ts";
import { entryFile } from "./entry-file.ts";
import { ControlClient, type ControlPlace } from "./http/control-client.ts";
import { MachineHttp } from "./http/machine-http.ts";
import { machineOf } from "./http/machine-of.ts";
import type { Seat } from "./messages/order.ts";
import type { Report } from "./messages/report.ts";
import { Balancer } from "./moves/balancer.ts";
import { MoveCounts } from "./moves/move-counts.ts";
import { MoveRegister } from "./moves/move-register.ts";
import { RecoveryCoordinator } from "./recovery-coordinator.ts";
import type { Succession } from "./take-over/succession.ts";
import { Upgrader } from "./take-over/upgrader.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { WorkerPool } from "./worker-pool.ts";

type Games = Extract<Report, { type: "ready" }>["games"];

interface SupervisorOptions {
	/** How many workers. */
	workers: number;
	/** What each of them is started with. */
	config: Omit<WorkerConfig, "worker" | "control" | "isKeeper" | "logging">;
	log: Log;
	/** Whether the room log is gone with the server. */
	isLogTemporary: boolean;
	/** Goes on where another supervisor leaves off, instead of listening by itself. */
	succession: Succession | null;
	/** Another supervisor has taken over, and there is nothing left to do; `isWhole` unless it died before. */
	replaced: (isWhole: boolean) => void;
	/** Takes the lines that workers write to their log. */
	relay: (line: string) => void;
	maxConnections: number;
	doors: EntranceOptions;
	adminToken: string | null;
	adminRemote: boolean;
	/** Whether rooms leave workers that have too much to do. */
	isBalancing: boolean;
	metrics: MetricsReaders;
	pageFolder: string | null;
	monitorFolder: string | null;
}

/**
 * One machine's server out of several processes: it listens, brings each client to the worker that has its room, keeps
 * workers running, and answers HTTP for all of them. It runs no rules and holds no room.
 */
export class Supervisor {
	readonly router: ClientRouter;
	readonly pool: WorkerPool;
	readonly recovery: RecoveryCoordinator;
	readonly moves: MoveRegister;
	readonly balancer: Balancer;
	/** What the workers offer. */
	games: Games = [];
	private readonly options: SupervisorOptions;
	private readonly audit: AuditList;
	private readonly http: Server;
	private readonly control = new ControlClient();
	private readonly places = new ControlPlaces();
	private readonly metrics = new ProcessMetrics();
	private readonly moveCounts = new MoveCounts();
	/** Of each worker the log that it writes. */
	private readonly series = new Map<number, string>();
	/** Workers that have been up once, and have brought their share of the rooms back. */
	private readonly wereUp = new Set<number>();
	readonly upgrader: Upgrader;

	constructor(options: SupervisorOptions) {
		this.options = options;
		const { log } = options;
		const { dataFolder } = options.config.server.deployments;
		this.audit = new AuditList(log, dataFolder ?? null);
		const most = Math.min(clientsByDescriptors() ?? Infinity, options.maxConnections);
		this.pool = new WorkerPool({
			count: options.workers,
			spawn: (worker) => this.spawn(worker),
			log,
			heard: (worker, report) => this.hear(worker, report),
			lost: (worker) => this.lose(worker),
			now: () => performance.now(),
		});
		this.router = this.openRouter(most);
		this.moves = this.openMoves();
		const { index, loads } = this.router;
		this.balancer = new Balancer({
			...{ log, index, loads, moves: this.moves, isBalancing: options.isBalancing },
			lifeOf: (worker) => this.lifeOf(worker),
			workerOf: (life) => this.workerOf(life),
			now: () => performance.now(),
		});
		this.recovery = new RecoveryCoordinator({
			index,
			log,
			survivors: () => loads.heirs(),
			order: (worker, order) => this.pool.order(worker, order),
			dead: () => this.deadSeries(),
			adopt: (socket, worker, seat) => this.router.adopt(socket, worker, seat),
			drop: (socket) => this.router.abandon(socket),
		});
		this.http = this.openHttp(most);
		this.upgrader = this.openUpgrader();
		const pages = new MachineHttp({
			...options,
			machine: machineOf({
				...{ pool: this.pool, router: this.router, moves: this.moves },
				...{ balancer: this.balancer, upgrader: this.upgrader },
				...{ moveCounts: this.moveCounts, process: this.metrics, control: this.control },
				placeOf: (worker) => this.placeOf(worker),
				audit: this.audit,
			}),
			metricsReaders: options.metrics,
		});
		this.http.on("request", pages.handle);
	}

	private openRouter(maxConnections: number): ClientRouter {
		const { log, config, doors } = this.options;
		return new ClientRouter({
			log,
			entrance: new Entrance(doors, () => performance.now()),
			processOf: (worker) => this.pool.processOf(worker),
			order: (worker, order) => this.pool.order(worker, order),
			maxConnections,
			orphans: (worker, rooms, sockets) => {
				// without a log there is nothing to recover from
				const left = sockets.filter((socket) => !this.follow(socket));
				if (config.server.recovery) this.recovery.lost(worker, rooms, left);
				else for (const { number } of left) this.router.abandon(number);
			},
			whenStill: (room) => this.moves.whenStill(room),
		});
	}

	private openMoves(): MoveRegister {
		return new MoveRegister({
			log: this.options.log,
			index: this.router.index,
			lifeOf: (worker) => this.lifeOf(worker),
			workerOf: (life) => this.workerOf(life),
			takers: () => this.takers(),
			order: (worker, order) => this.pool.order(worker, order),
			isReturning: (room) => this.recovery.has(room),
			ended: (result, why) => this.moveCounts.ended(result, why, this.options.log),
		});
	}

	private openHttp(maxConnections: number): Server {
		const http = createHttpServer({
			headersTimeout: SERVER_LIMITS.httpHeadMs,
			requestTimeout: SERVER_LIMITS.httpRequestMs,
			connectionsCheckingInterval: SERVER_LIMITS.httpCheckMs,
		});
		new PlainSockets(http, Math.min(SERVER_LIMITS.plainSockets, maxConnections));
		http.on("upgrade", (request, socket, head) => {
			if (this.upgrader.isGiven) socket.destroy();
			else this.router.upgrade(request, socket as Socket, head);
		});
		return http;
	}

	private hear(worker: number, report: Report): void {
		switch (report.type) {
			case "ready":
				this.games = report.games;
				this.wereUp.add(worker);
				this.router.hear(worker, report);
				return this.recovery.ready();
			case "recovered":
				return this.recovery.recovered(worker, report.back, report.lost);
			case "parcel":
			case "moved":
				return this.moves.hear(worker, report);
			case "gives": {
				const to = this.workerOf(report.to);
				if (to !== null) this.router.sendOn(worker, to, report.sockets);
				return;
			}
			default:
				this.router.hear(worker, report);
		}
	}

	private openUpgrader(): Upgrader {
		const { log, config, isLogTemporary, replaced } = this.options;
		const { recovery } = config.server;
		const { http, pool, router, moves } = this;
		return new Upgrader({
			...{ log, http, pool, router, lives: this.series },
			placeOf: (worker) => this.placeOf(worker),
			roomLog: recovery && { folder: path.resolve(recovery.folder), isTemporary: isLogTemporary },
			isStill: () => moves.size === 0 && this.recovery.size === 0,
			drain: (worker) => this.balancer.drain(worker),
			rest: () => {
				this.balancer.close();
				moves.close();
			},
			over: (isWhole) => {
				this.places.remove();
				replaced(isWhole);
			},
		});
	}

	/** Where a worker answers. */
	private placeOf(worker: number): ControlPlace {
		return this.upgrader.placeOf(worker) ?? this.places.of(worker);
	}

	/** A worker's present life, if it runs. */
	private lifeOf(worker: number): string | null {
		return this.pool.processOf(worker) ? (this.series.get(worker) ?? null) : null;
	}

	/** The worker whose present life this is, if it runs. */
	private workerOf(life: string): number | null {
		for (const [worker, series] of this.series) {
			if (series === life) return this.pool.processOf(worker) ? worker : null;
		}
		return null;
	}

	/** Lives of the workers that take rooms. */
	private takers(): string[] {
		return this.router.loads.byLoad().flatMap((worker) => this.series.get(worker) ?? []);
	}

	private lose(worker: number): void {
		const life = this.series.get(worker);
		this.series.delete(worker);
		if (life !== undefined) {
			this.moves.lost(life);
			for (const other of this.series.keys())
				this.pool.order(other, { type: "died", worker: life });
		}
		this.router.lost(worker);
		this.upgrader.lost(worker);
	}

	/** A client of a lost worker whose room has just moved to another follows it there. */
	private follow({ number, seat }: { number: number; seat: Seat | null }): boolean {
		const room = seat && this.router.index.find(seat.room);
		return room !== null && seat !== null && this.router.adopt(number, room.worker, seat);
	}

	/** Starts the workers; rejects with what a server of one process says when there is something to mend. */
	start(): Promise<void> {
		return this.pool.start();
	}

	/** Starts to accept; port 0 takes a free one. Resolves with the address, rejects if it is taken. */
	async listen(port: number, host: string): Promise<{ url: string }> {
		const { succession } = this.options;
		if (succession) await this.upgrader.takeOver(succession);
		else {
			await new Promise<void>((resolve, reject) => {
				this.http.once("error", reject);
				this.http.listen(port, host, resolve);
			});
		}
		this.http.on("error", ({ code, message }: NodeJS.ErrnoException) => {
			const hint = "see ulimit -n";
			this.options.log("error", "cannot accept", { error: code, detail: message, hint });
		});
		const { address, family, port: taken } = this.http.address() as AddressInfo;
		return { url: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}` };
	}

	/** Lets the workers say goodbye to everybody, and stops. */
	async close(): Promise<void> {
		// all is another's: what it decides goes through here until its old workers have ended
		if (this.upgrader.isGiven) return new Promise(() => {});
		const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
		this.upgrader.close();
		this.balancer.close();
		this.moves.close();
		await this.pool.stop();
		this.router.close();
		this.control.close();
		this.metrics.close();
		this.places.remove();
		this.http.closeAllConnections();
		await closed;
		await this.audit.finished();
	}

	/** Ends the workers at once, for a process that is about to end itself; what they have shown is in their logs. */
	kill(): void {
		this.pool.kill();
		this.places.remove();
	}

	/** What a worker needs of the room log: until it has been up once also a part of the rooms that wait there. */
	private logging(worker: number): WorkerConfig["logging"] {
		const incarnation = newIncarnation();
		this.series.set(worker, `w${worker}-${incarnation}`);
		// what another supervisor's workers have written is no dead's before they are known here
		const { succession, workers } = this.options;
		const hasRooms = this.wereUp.has(worker) || succession !== null;
		const share = hasRooms ? null : { index: worker - 1, of: workers };
		const dead = succession === null || this.http.listening ? this.deadSeries() : [];
		return { incarnation, dead, share };
	}

	/** Series of logs whose writers are gone. */
	private deadSeries(): string[] {
		const { recovery } = this.options.config.server;
		return recovery ? deadSeries(path.resolve(recovery.folder), this.series.values()) : [];
	}

	private spawn(worker: number) {
		const { config, relay } = this.options;
		const child = fork(entryFile("worker-entry"), [], {
			serialization: "advanced",
			// a descriptor that a child inherits becomes blocking for all who have it: a log that nobody reads would stop us
			stdio: ["ignore", "ignore", "pipe", "ipc"],
		});
		if (child.stderr) createInterface(child.stderr).on("line", relay);
		const start: WorkerConfig = {
			...config,
			worker,
			control: this.places.of(worker),
			isKeeper: worker === 1,
			logging: this.logging(worker),
		};
		child.send({ start }, () => {});
		return child;
	}
}
