import type { WorkerLine } from "../../../protocol/admin-answers.ts";
import type { Log } from "../../log.ts";
import {
	type BalanceState,
	type ChosenMove,
	chooseMove,
	NO_BALANCE,
	type WorkerLoad,
} from "../hand-over/choose-move.ts";
import type { WorkerId } from "../hand-over/messages.ts";
import type { LoadBook } from "../load-book.ts";
import type { IndexedRoom, RoomIndex } from "../room-index.ts";
import type { MoveReason } from "./move-counts.ts";
import type { MoveDone, MoveRefused } from "./move-register.ts";

/** Workers report so often; looking more often would see the same. */
const LOOK_MS = 1_000;

interface BalancerOptions {
	readonly log: Log;
	readonly loads: LoadBook;
	readonly index: RoomIndex;
	/** The name of a worker's present life, null when it does not run; and the worker of a life. */
	readonly lifeOf: (worker: number) => WorkerId | null;
	readonly workerOf: (life: WorkerId) => number | null;
	readonly moves: {
		isMoving(room: string): boolean;
		move(room: string, to: number, why: MoveReason): Promise<MoveDone | MoveRefused>;
	};
	/** Whether rooms leave workers that have too much to do. */
	readonly isBalancing: boolean;
	/** Monotonic, ms. */
	readonly now: () => number;
}

/** A worker that is to be empty. */
interface Drain {
	/** Rooms that have left, and moves that came to nothing and are tried again. */
	moved: number;
	refused: number;
	isTold: boolean;
}

/** Empties workers that their operator wants empty, and helps those that are hot: carries out what `chooseMove` says. */
export class Balancer {
	private readonly options: BalancerOptions;
	private readonly drains = new Map<number, Drain>();
	private readonly timer: NodeJS.Timeout;
	private state: BalanceState = NO_BALANCE;
	private isClosed = false;

	constructor(options: BalancerOptions) {
		this.options = options;
		this.timer = setInterval(() => this.look(), LOOK_MS);
	}

	/** The worker gets no new rooms, in its later lives neither, and loses those that it has one by one. */
	drain(worker: number): void {
		if (this.drains.has(worker)) return;
		this.drains.set(worker, { moved: 0, refused: 0, isTold: false });
		this.options.loads.drain(worker, true);
		this.options.log("info", "worker is being drained", {
			worker,
			rooms: this.roomsOf(worker).length,
		});
		this.look();
	}

	/** The worker takes rooms again; those that it has stay. */
	undrain(worker: number): void {
		if (!this.drains.delete(worker)) return;
		this.options.loads.drain(worker, false);
		this.options.log("info", "worker takes rooms again", { worker });
	}

	/** How far a drain has come; null for a worker that is not drained. */
	progressOf(worker: number): WorkerLine["drain"] {
		const drain = this.drains.get(worker);
		if (!drain) return null;
		const { moved, refused } = drain;
		return { roomsLeft: this.roomsOf(worker).length, moved, refused };
	}

	close(): void {
		this.isClosed = true;
		clearInterval(this.timer);
	}

	private roomsOf(worker: number): IndexedRoom[] {
		return [...this.options.index.all()].filter((room) => room.worker === worker);
	}

	private look(): void {
		if (this.isClosed) return;
		const { now, isBalancing } = this.options;
		const { state, move } = chooseMove(this.state, this.measure(), now(), isBalancing);
		this.state = state;
		if (move) void this.carryOut(move);
		else this.tellWhoIsEmpty();
	}

	private async carryOut({ room, from, to, why }: ChosenMove): Promise<void> {
		const { workerOf, moves } = this.options;
		const [source, target] = [workerOf(from), workerOf(to)];
		if (source === null || target === null) return;
		const result = await moves.move(room, target, why);
		const drain = this.drains.get(source);
		if (why !== "drain" || !drain) return;
		if ("error" in result) drain.refused++;
		else drain.moved++;
		this.look();
	}

	private tellWhoIsEmpty(): void {
		for (const [worker, drain] of this.drains) {
			if (drain.isTold || this.roomsOf(worker).length > 0) continue;
			drain.isTold = true;
			const { moved, refused } = drain;
			this.options.log("info", "worker is drained", { worker, moved, refused });
		}
	}

	/** What is known of the workers that run. A room takes of its worker's work what its players are of all there. */
	private measure(): WorkerLoad[] {
		const { loads, index, lifeOf, moves } = this.options;
		const byWorker = new Map<number, IndexedRoom[]>();
		for (const room of index.all()) {
			const list = byWorker.get(room.worker);
			if (list) list.push(room);
			else byWorker.set(room.worker, [room]);
		}
		return loads.workers().flatMap((worker) => {
			const life = lifeOf(worker);
			const load = loads.loadOf(worker);
			if (life === null || load === null) return [];
			const rooms = byWorker.get(worker) ?? [];
			// an empty room ticks, too
			const parts = rooms.reduce((sum, { players }) => sum + players + 1, 0);
			return {
				worker: life,
				cpu: load.cpu,
				lateMs: load.latenessP99Ms,
				isDraining: this.drains.has(worker),
				takesRooms: loads.takesRooms(worker),
				rooms: rooms.map(({ id, players }) => {
					const cpu = (load.cpu * (players + 1)) / parts;
					return { room: id, cpu, isMoving: moves.isMoving(id) };
				}),
			};
		});
	}
}
