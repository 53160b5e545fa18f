import type { Log } from "../log.ts";
import type { Order, Seat } from "./messages/order.ts";
import type { IndexedRoom, RoomIndex } from "./room-index.ts";

/** A client's socket whose worker is gone. */
interface Orphan {
	readonly number: number;
	/** Where its client sat; null for one that had not come in. */
	readonly seat: Seat | null;
}

interface CoordinatorOptions {
	readonly index: RoomIndex;
	readonly log: Log;
	/** Workers that run, the least busy first. */
	readonly survivors: () => readonly number[];
	readonly order: (worker: number, order: Order) => boolean;
	/** Series of logs that nobody writes any more: their rooms are to be recovered. */
	readonly dead: () => readonly string[];
	/** Gives a worker an orphan; false when that is gone. */
	readonly adopt: (socket: number, worker: number, seat: Seat) => boolean;
	/** Lets a client go, who comes back by the seat's token. */
	readonly drop: (socket: number) => void;
}

/** A room on its way back. */
interface Returning {
	readonly room: IndexedRoom;
	readonly orphans: Orphan[];
	/** Who was told to recover it; null while there is nobody. */
	worker: number | null;
}

/**
 * Decides who goes on with the rooms of a worker that was killed, and gives it their clients' sockets once the rooms are
 * there. Meanwhile the index says that it owns them, so that whoever asks for one waits there.
 */
export class RecoveryCoordinator {
	private readonly options: CoordinatorOptions;
	private readonly returning = new Map<string, Returning>();

	constructor(options: CoordinatorOptions) {
		this.options = options;
	}

	/** Rooms that are not back yet. */
	get size(): number {
		return this.returning.size;
	}

	has(room: string): boolean {
		return this.returning.has(room);
	}

	/** A worker is gone: with these rooms, and these clients' sockets. */
	lost(worker: number, rooms: readonly IndexedRoom[], orphans: readonly Orphan[]): void {
		for (const room of rooms) {
			const known = this.returning.get(room.id);
			if (known) known.worker = null;
			else this.returning.set(room.id, { room, orphans: [], worker: null });
		}
		for (const one of this.returning.values()) if (one.worker === worker) one.worker = null;
		for (const orphan of orphans) {
			if (orphan.seat) this.returningOf(orphan.seat.room).orphans.push(orphan);
			else this.options.drop(orphan.number);
		}
		this.assign();
	}

	/** A worker runs, and may be told to recover what nobody could. */
	ready(): void {
		this.assign();
	}

	/** A worker says which of the rooms are back, and which could not be had. */
	recovered(worker: number, back: readonly string[], lost: readonly string[]): void {
		const { index, adopt, drop } = this.options;
		for (const id of back) {
			const returning = this.take(worker, id);
			for (const { number, seat } of returning?.orphans ?? []) {
				if (seat === null || !adopt(number, worker, seat)) drop(number);
			}
		}
		for (const id of lost) {
			const returning = this.take(worker, id);
			if (!returning) continue;
			index.close(worker, id);
			for (const { number } of returning.orphans) drop(number);
		}
	}

	/** A room that a client sat in is to come back, even if its worker died before it told of it. */
	private returningOf(id: string): Returning {
		const known = this.returning.get(id);
		if (known) return known;
		const room: IndexedRoom = { id, game: "", maxPlayers: 0, players: 0, worker: 0, epoch: 0 };
		const returning: Returning = { room, orphans: [], worker: null };
		this.returning.set(id, returning);
		return returning;
	}

	private take(worker: number, id: string): Returning | null {
		const returning = this.returning.get(id);
		if (returning?.worker !== worker) return null;
		this.returning.delete(id);
		return returning;
	}

	/** Spreads what waits over the workers that run. */
	private assign(): void {
		const { index, survivors, order, dead, log } = this.options;
		const workers = survivors();
		const waiting = [...this.returning.values()].filter(({ worker }) => worker === null);
		if (workers.length === 0 || waiting.length === 0) return;
		const shares = new Map<number, string[]>();
		waiting.forEach((returning, i) => {
			const worker = workers[i % workers.length] as number;
			returning.worker = worker;
			index.add({ ...returning.room, worker });
			shares.set(worker, [...(shares.get(worker) ?? []), returning.room.id]);
		});
		for (const [worker, rooms] of shares) {
			log("info", "rooms are to be recovered", { worker, rooms: rooms.length });
			order(worker, { type: "recover", rooms, dead: [...dead()] });
		}
	}
}
