import type { Log } from "../../log.ts";
import type { Message, MoveId, WorkerId, WorkerToRegister } from "../hand-over/messages.ts";
import type { MoveRefusal } from "../hand-over/move-refusal.ts";
import { decideRegister } from "../hand-over/register.ts";
import {
	EMPTY,
	type FromWorker,
	type RegisterEffect,
	type RegisterEvent,
	type RegisterState,
} from "../hand-over/register-state.ts";
import { decodeParcel, encodeParcel, type Parcel } from "../hand-over/wire/parcel.ts";
import type { Order } from "../messages/order.ts";
import type { Report } from "../messages/report.ts";
import type { IndexedRoom, RoomIndex } from "../room-index.ts";
import { Decisions } from "./decisions.ts";
import type { MoveReason } from "./move-counts.ts";

/** How long a move that is done waits to hear for how long the room stood still, ms. */
const TOLD_MS = 1_000;

export interface MoveDone {
	readonly room: string;
	readonly from: number;
	readonly to: number;
	readonly epoch: number;
	/** From the request to the last acknowledgement; the room played on for most of it. */
	readonly tookMs: number;
	/** How long it stood still; null when the worker did not say. */
	readonly frozenMs: number | null;
}

export interface MoveRefused {
	readonly error: MoveRefusal;
	readonly detail: string;
}

interface RegisterOptions {
	readonly log: Log;
	readonly index: RoomIndex;
	/** The name of a worker's present life, null when it does not run; and the worker of a life. */
	readonly lifeOf: (worker: number) => WorkerId | null;
	readonly workerOf: (life: WorkerId) => number | null;
	/** Lives of the workers that take rooms. */
	readonly takers: () => readonly WorkerId[];
	readonly order: (worker: number, order: Order) => boolean;
	/** Whether a room's worker has died and nobody has it yet. */
	readonly isReturning: (room: string) => boolean;
	/** A move has ended, however. */
	readonly ended: (result: MoveDone | MoveRefused, why: MoveReason) => void;
}

/** A move under way. */
interface Moving {
	readonly room: IndexedRoom;
	readonly decisions: Decisions<RegisterState, RegisterEvent, RegisterEffect>;
	readonly startedMs: number;
	/** Called with `done`, or with why not. */
	readonly ended: (result: "done" | MoveRefusal) => void;
	/** Called when it is over. */
	readonly afterwards: (() => void)[];
}

const REASONS: Readonly<Record<MoveRefusal, string>> = {
	ERR_MOVE_ROOM: "no worker has the room",
	ERR_MOVE_BUSY:
		"the room moves already, its last sockets are still on their way, or new rules are deployed or on probation",
	ERR_MOVE_WORKER: "no such worker takes rooms, or it has this one already",
	ERR_MOVE_TIMEOUT: "a worker did not answer in time",
	ERR_MOVE_BUILD: "the other worker cannot build the room",
	ERR_MOVE_GAP: "something happened in the room that the other worker cannot follow",
	ERR_MOVE_HASH: "the other worker came to another state",
	ERR_MOVE_DIED: "a worker died",
	ERR_MOVE_OVER: "the match is over",
};

/** Who has each room, as far as rooms move: carries out what `decideRegister` says. The room index is its memory. */
export class MoveRegister {
	private readonly options: RegisterOptions;
	private readonly moving = new Map<string, Moving>();
	/** Who waits to hear for how long a room stood still. */
	private readonly told = new Map<string, (frozenMs: number) => void>();
	private readonly term: number;
	private lastMove = 0;
	/** Rules are being deployed: no room moves. */
	private holds = 0;

	constructor(options: RegisterOptions, term = 1) {
		this.options = options;
		this.term = term;
	}

	get size(): number {
		return this.moving.size;
	}

	isMoving(room: string): boolean {
		return this.moving.has(room);
	}

	/** Resolves when a room does not move any more; null for one that does not. */
	whenStill(room: string): Promise<void> | null {
		const moving = this.moving.get(room);
		if (!moving) return null;
		return new Promise((resolve) => moving.afterwards.push(resolve));
	}

	/** Lets moves end, begins none, and does something that concerns all workers. */
	async whileNothingMoves<T>(run: () => Promise<T>): Promise<T> {
		this.holds++;
		try {
			await Promise.all([...this.moving.keys()].map((room) => this.whenStill(room)));
			return await run();
		} finally {
			this.holds--;
		}
	}

	/** Moves a room to another worker, while it is played. */
	async move(id: string, to: number, why: MoveReason = "asked"): Promise<MoveDone | MoveRefused> {
		const result = await this.tryMove(id, to);
		this.options.ended(result, why);
		return result;
	}

	/** What a worker says to the register, or through it to another worker. */
	hear(worker: number, report: Extract<Report, { type: "parcel" | "moved" }>): void {
		const { lifeOf, workerOf, order, log } = this.options;
		if (report.type === "moved") return this.told.get(report.room)?.(report.frozenMs);
		const from = lifeOf(worker);
		const { room, to, bytes } = report;
		if (from === null) return;
		if (to !== "register") {
			const receiver = workerOf(to);
			if (receiver !== null) order(receiver, { type: "parcel", room, from, bytes });
			return;
		}
		const parcel = decodeParcel(bytes);
		if ("error" in parcel) log("error", "a worker speaks nonsense", { worker, ...parcel });
		else this.decide(room, { ...(parcel.message as WorkerToRegister), worker: from });
	}

	/** A worker's process is gone: what was to come from there or go there is off. */
	lost(life: WorkerId): void {
		for (const { decisions } of this.moving.values()) {
			decisions.tell({ type: "died", worker: life, heirs: [], logged: 0 });
		}
	}

	close(): void {
		for (const { decisions } of this.moving.values()) decisions.stopTimer();
	}

	private tryMove(id: string, to: number): Promise<MoveDone | MoveRefused> {
		const { index, lifeOf, takers, isReturning } = this.options;
		const refuse = (error: MoveRefusal): MoveRefused => ({ error, detail: REASONS[error] });
		const room = index.find(id);
		const owner = room && lifeOf(room.worker);
		if (room === null || owner === null || isReturning(id)) {
			return Promise.resolve(refuse("ERR_MOVE_ROOM"));
		}
		if (this.holds > 0 || this.moving.has(id)) return Promise.resolve(refuse("ERR_MOVE_BUSY"));
		const taker = lifeOf(to);
		if (taker === null) return Promise.resolve(refuse("ERR_MOVE_WORKER"));
		const { worker: from } = room;
		return new Promise((resolve) => {
			const startedMs = performance.now();
			const moving: Moving = {
				room,
				startedMs,
				decisions: this.decisionsOf(room, owner),
				afterwards: [],
				ended: (result) => {
					if (result !== "done") {
						this.finish(moving);
						return resolve(refuse(result));
					}
					// it is there, and stands still until its sockets are too
					this.listen(id, (frozenMs) => {
						this.finish(moving);
						const tookMs = performance.now() - startedMs;
						const { epoch } = moving.decisions.state;
						resolve({ room: id, from, to, epoch, tookMs, frozenMs });
					});
				},
			};
			this.moving.set(id, moving);
			moving.decisions.tell({ type: "move", to: taker, alive: takers() });
			this.lastMove = Math.max(this.lastMove, moving.decisions.state.lastMove);
		});
	}

	/** Calls back once with how long the room stood still, when that is said in time. */
	private listen(id: string, told: (frozenMs: number | null) => void): void {
		const hear = (frozenMs: number | null): void => {
			clearTimeout(timer);
			this.told.delete(id);
			told(frozenMs);
		};
		const timer = setTimeout(() => hear(null), TOLD_MS);
		this.told.set(id, hear);
	}

	private finish({ room, decisions, afterwards }: Moving): void {
		decisions.stopTimer();
		this.moving.delete(room.id);
		for (const run of afterwards) run();
	}

	private decide(id: string, event: RegisterEvent): void {
		const moving = this.moving.get(id);
		if (moving) return moving.decisions.tell(event);
		// after the end of a move somebody may not have heard how it ended
		const { index, lifeOf, isReturning } = this.options;
		if (isReturning(id)) return;
		const room = index.find(id);
		const owner = room && lifeOf(room.worker);
		if (room && owner !== null) this.decisionsOf(room, owner).tell(event);
		else if (room === null && event.type === "doubt") this.refuseForGood(id, event);
	}

	/** A room that is over, or that nobody could recover: nobody has to keep anything for it. */
	private refuseForGood(id: string, { worker, move }: FromWorker<"doubt">): void {
		const message = { type: "refused", term: this.term, move, epoch: 0, owner: null } as const;
		this.send(id, worker, message);
	}

	/** The register of a room that is where the index says. */
	private decisionsOf(room: IndexedRoom, owner: WorkerId): Moving["decisions"] {
		const { term, lastMove } = this;
		const state: RegisterState = {
			...{ ...EMPTY, phase: "owned", term, owner, epoch: room.epoch },
			lastMove,
		};
		const decisions: Moving["decisions"] = new Decisions(
			state,
			(before, event) => {
				const decided = decideRegister(before, event);
				this.follow(room, before, decided.state);
				return decided;
			},
			(effect) => this.carryOut(room.id, effect, decisions),
		);
		return decisions;
	}

	/** The index knows of a new owner before anybody is told: whoever comes now is sent there. */
	private follow({ id }: IndexedRoom, before: RegisterState, after: RegisterState): void {
		if (after.epoch === before.epoch || after.owner === null || after.phase !== "owned") return;
		const to = this.options.workerOf(after.owner);
		if (to !== null) this.options.index.own(id, to, after.epoch);
	}

	private carryOut(id: string, effect: RegisterEffect, decisions: Moving["decisions"]): void {
		if (effect.do === "timer") return decisions.startTimer(effect.ms);
		if (effect.do === "ended") return this.end(id, effect.move, effect.result);
		this.send(id, effect.to, effect.message);
	}

	private send(id: string, to: WorkerId, message: Message): void {
		const { workerOf, order } = this.options;
		const worker = workerOf(to);
		if (worker === null) return;
		const bytes = encodeParcel({ message, material: null } as Parcel);
		order(worker, { type: "parcel", room: id, from: "register", bytes });
	}

	private end(id: string, _move: MoveId, result: "done" | MoveRefusal): void {
		this.moving.get(id)?.ended(result);
	}
}
