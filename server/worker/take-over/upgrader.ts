import { fork } from "node:child_process";
import type { Server } from "node:http";
import { Socket } from "node:net";
import type { Log } from "../../log.ts";
import type { ClientRouter } from "../client-router.ts";
import type { ControlPlace } from "../http/control-client.ts";
import { detachHandle, handleOf, type TcpHandle } from "../socket-passing/tcp-handle.ts";
import { WORKER_LIMITS } from "../worker-limits.ts";
import type { WorkerPool, WorkerProcess } from "../worker-pool.ts";
import { type GivenEstate, type GivenTo, HandOff, type Upgraded } from "./hand-off.ts";
import type { Succession } from "./succession.ts";
import { TAKE_OVER_MARK } from "./wire.ts";

/** How often it is looked whether an old worker is empty, ms. */
const EMPTY_LOOK_MS = 100;

interface UpgraderOptions {
	readonly log: Log;
	readonly http: Server;
	readonly pool: WorkerPool;
	readonly router: ClientRouter;
	/** Of each worker the log that it writes. */
	readonly lives: Map<number, string>;
	readonly placeOf: (worker: number) => ControlPlace;
	/** Where the room log is; null when there is none. */
	readonly roomLog: { readonly folder: string; readonly isTemporary: boolean } | null;
	/** No room moves or is on its way back. */
	readonly isStill: () => boolean;
	/** Moves a worker's rooms away, one by one. */
	readonly drain: (worker: number) => void;
	/** Stops all that decides by itself. */
	readonly rest: () => void;
	/** This process has nothing left to do; `isWhole` unless the new supervisor died. */
	readonly over: (isWhole: boolean) => void;
}

/** Starts this program again from the files on disk, with the same words. */
function spawnAgain(): WorkerProcess {
	const [, script = "", ...args] = process.argv;
	return fork(script, args, {
		serialization: "advanced",
		env: { ...process.env, [TAKE_OVER_MARK]: "1" },
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
}

/**
 * Replaces a running supervisor by one of the files on disk: the old one's part, and the new one's after it. The new one
 * has the old workers as guests, moves their rooms to its own, and sends each of them home when it is empty.
 */
export class Upgrader {
	private readonly options: UpgraderOptions;
	private handOff: HandOff | null = null;
	/** Guests with where they answer, and their numbers. */
	private readonly guests = new Map<number, ControlPlace>();
	private timer: NodeJS.Timeout | null = null;
	/** Another supervisor decides now. */
	isGiven = false;

	constructor(options: UpgraderOptions) {
		this.options = options;
	}

	/** Rules of two versions of Hotstep run, or soon will: nothing is deployed meanwhile. */
	get isUnderWay(): boolean {
		return this.handOff !== null || this.guests.size > 0;
	}

	/** Where a guest answers; null for a worker of this supervisor's own. */
	placeOf(worker: number): ControlPlace | null {
		return this.guests.get(worker) ?? null;
	}

	/** Starts the new supervisor and gives it everything; resolves once it has. Nothing happens when it cannot take over. */
	async upgrade(spawn: () => WorkerProcess = spawnAgain): Promise<Upgraded> {
		if (this.isUnderWay) return { error: "ERR_UPGRADE_BUSY", detail: "an upgrade is under way" };
		const { log, pool, isStill, http, roomLog, router, over } = this.options;
		log("info", "upgrading", { pid: process.pid });
		this.handOff = new HandOff({
			log,
			spawn,
			begin: { log: roomLog },
			isAtRest: () =>
				isStill() && pool.workers.every(({ state }) => state === "running" || state === "leftOut"),
			giveUp: (to) => this.giveUp(to),
			stopListening: () => http.close(),
			taken: () => router.letGo(),
			processOf: (worker) => pool.processOf(worker),
			over,
		});
		const result = await this.handOff.result;
		if ("error" in result && !this.isGiven) this.handOff = null;
		return result;
	}

	private giveUp(to: GivenTo): GivenEstate {
		const { http, pool, router, lives, placeOf, rest } = this.options;
		this.isGiven = true;
		rest();
		pool.giveUp(to);
		http.removeAllListeners("connection");
		http.on("connection", (socket: Socket) => {
			const detached = detachHandle(socket);
			if (detached) to.connected(detached.handle, detached.unread);
		});
		http.closeIdleConnections();
		const { sockets, handles, lastSocket } = router.estate;
		const workers = pool.workers
			.filter(({ state }) => state === "running")
			.map(({ worker, pid }) => {
				return { worker, pid: pid ?? 0, life: lives.get(worker) ?? "", ...placeOf(worker) };
			});
		const rooms = [...router.index.all()];
		const state = { workers, rooms, sockets, lastSocket };
		const listener = handleOf(http as unknown as Socket) as TcpHandle;
		return { state, sockets: new Map(handles), listener };
	}

	/** Goes on where the old supervisor left off, and begins to empty its workers. */
	async takeOver(succession: Succession): Promise<void> {
		const { log, http, pool, router, lives, drain } = this.options;
		const { state, sockets, listener, guests } = await succession.takeOver();
		const numbers = new Map<number, number>();
		state.workers.forEach(({ worker, life, socketPath, secret }, i) => {
			const number = pool.adopt(guests[i] as WorkerProcess);
			numbers.set(worker, number);
			lives.set(number, life);
			this.guests.set(number, { socketPath, secret });
			router.loads.add(number);
			drain(number);
		});
		router.takeOver(state, sockets, (worker) => numbers.get(worker) ?? 0);
		await listenOn(http, listener);
		succession.done((handle, unread) => welcome(http, handle, unread));
		const [rooms, clients] = [state.rooms.length, state.sockets.length];
		log("info", "took over", { rooms, clients, workers: guests.length });
		const startedMs = performance.now();
		this.timer = setInterval(() => this.sendHome(startedMs), EMPTY_LOOK_MS);
	}

	/** A worker's process has ended: a guest does not come again. */
	lost(worker: number): void {
		if (this.guests.delete(worker)) this.options.log("info", "old worker ended", { worker });
		if (this.guests.size > 0 || this.timer === null) return;
		clearInterval(this.timer);
		this.timer = null;
		this.options.log("info", "upgraded", { pid: process.pid });
	}

	close(): void {
		if (this.timer) clearInterval(this.timer);
	}

	/** Guests end when they have nothing left; one that cannot lose its rooms ends so that they come back from the log. */
	private sendHome(startedMs: number): void {
		const { log, pool, router, isStill } = this.options;
		const isLate = performance.now() - startedMs > WORKER_LIMITS.retireMs;
		for (const worker of this.guests.keys()) {
			const isEmpty =
				router.socketsOf(worker).length === 0 &&
				![...router.index.all()].some((room) => room.worker === worker);
			if (isEmpty && isStill()) pool.dismiss(worker);
			else if (isLate) {
				log("warn", "an old worker does not get empty: its rooms come back from the log", {
					worker,
				});
				pool.processOf(worker)?.kill("SIGKILL");
			}
		}
	}
}

/** Accepts from a port that another process had. */
function listenOn(http: Server, listener: TcpHandle): Promise<void> {
	return new Promise((resolve, reject) => {
		http.once("error", reject);
		http.listen(listener as object, () => {
			http.off("error", reject);
			resolve();
		});
	});
}

/** A client that the old supervisor had accepted, as if it came now. */
function welcome(http: Server, handle: TcpHandle, unread: Uint8Array): void {
	const socket = new Socket({ handle, allowHalfOpen: true } as object);
	if (unread.length > 0) socket.unshift(Buffer.from(unread));
	http.emit("connection", socket);
}
