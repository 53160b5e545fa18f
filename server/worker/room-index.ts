/** A room of this machine, as its worker reports it. */
export interface IndexedRoom {
	readonly id: string;
	readonly game: string;
	readonly maxPlayers: number;
	/** Taken seats. */
	players: number;
	/** Number of the worker that owns it, since which epoch. */
	worker: number;
	epoch: number;
}

/** A room that is not there yet: it is looked for like one that is. */
interface Expected {
	readonly room: IndexedRoom;
	/** Whether its name is known, or only its game. */
	readonly isNamed: boolean;
	/** Reports of its worker since: the first may be older than the client's way there. */
	reports: number;
}

/**
 * Which rooms this machine has, and where. What workers report is a little old: a client that is on its way to a seat
 * takes it here at once, until its worker's next report says how it ended.
 */
export class RoomIndex {
	private readonly rooms = new Map<string, IndexedRoom>();
	/** Those with a free seat, by game. */
	private readonly open = new Map<string, Set<IndexedRoom>>();
	/** Rooms that clients on their way are about to open. */
	private readonly expected = new Map<string, Expected>();
	private lastExpected = 0;

	get size(): number {
		return this.rooms.size;
	}

	all(): IterableIterator<IndexedRoom> {
		return this.rooms.values();
	}

	find(id: string): IndexedRoom | null {
		return this.rooms.get(id) ?? null;
	}

	/** The worker that owns a room, or is about to. */
	ownerOf(id: string): number | null {
		return this.rooms.get(id)?.worker ?? this.expected.get(id)?.room.worker ?? null;
	}

	/** A worker has opened a room, or taken it over: the highest epoch owns it, and of one epoch the last to say so. */
	add(room: IndexedRoom): void {
		if ((this.rooms.get(room.id)?.epoch ?? 0) > room.epoch) return;
		this.remove(room.id);
		for (const [id, { room: expected, isNamed }] of this.expected) {
			const isIt = !isNamed && expected.worker === room.worker && expected.game === room.game;
			if (!isIt) continue;
			this.unexpect(id);
			break;
		}
		const own = { ...room };
		this.rooms.set(own.id, own);
		this.file(own);
	}

	/** A room has gone to another worker. */
	own(id: string, worker: number, epoch: number): void {
		const room = this.rooms.get(id);
		if (room) Object.assign(room, { worker, epoch });
	}

	/** Its worker says how many seats are taken. */
	report(worker: number, id: string, players: number): void {
		const room = this.rooms.get(id);
		if (room?.worker !== worker) return;
		room.players = players;
		this.file(room);
	}

	/** A worker says that none of its rooms of a game has a free seat: what was counted here is too old. */
	fill(worker: number, game: string): void {
		for (const room of [...(this.open.get(game) ?? [])]) {
			if (room.worker !== worker || !this.rooms.has(room.id)) continue;
			room.players = room.maxPlayers;
			this.file(room);
		}
	}

	/** A client is on its way to a seat. */
	take(room: IndexedRoom): void {
		room.players++;
		this.file(room);
	}

	/**
	 * A client on its way is about to open a room of a game, under a name that it had or a new one: those who would go
	 * there too follow.
	 */
	expect(worker: number, game: string, maxPlayers: number, id: string | null): void {
		const key = id ?? `new ${++this.lastExpected}`;
		const room = { id: key, game, maxPlayers, players: 1, worker, epoch: 0 };
		this.unexpect(key);
		this.expected.set(key, { room, isNamed: id !== null, reports: 0 });
		this.file(room);
	}

	/** Its worker has closed a room, or given it away; one that meanwhile belongs to another, or again, is left alone. */
	close(worker: number, id: string, epoch = Number.POSITIVE_INFINITY): void {
		const room = this.rooms.get(id);
		if (room?.worker === worker && room.epoch <= epoch) this.remove(id);
		if (this.expected.get(id)?.room.worker === worker) this.unexpect(id);
	}

	/** A worker is gone; returns the rooms that it had. */
	forget(worker: number): IndexedRoom[] {
		const lost = [...this.rooms.values()].filter((room) => room.worker === worker);
		for (const { id } of lost) this.remove(id);
		for (const [id, { room }] of this.expected) if (room.worker === worker) this.unexpect(id);
		return lost;
	}

	/** A worker has told everything: what it has not opened by the second time, it will not. */
	settle(worker: number): void {
		for (const [id, expected] of this.expected) {
			if (expected.room.worker === worker && ++expected.reports > 1) this.unexpect(id);
		}
	}

	/** Of the rooms with a free seat the fullest: of one game, or of any; `isFit` says which workers take somebody. */
	fullest(game: string | null, isFit: (worker: number) => boolean): IndexedRoom | null {
		const lists = game === null ? [...this.open.values()] : [this.open.get(game) ?? new Set()];
		let best: IndexedRoom | null = null;
		for (const room of lists.flatMap((list) => [...list])) {
			if (isFit(room.worker) && (best === null || room.players > best.players)) best = room;
		}
		return best;
	}

	private remove(id: string): void {
		const room = this.rooms.get(id);
		this.rooms.delete(id);
		if (room) this.open.get(room.game)?.delete(room);
		this.unexpect(id);
	}

	private unexpect(id: string): void {
		const expected = this.expected.get(id);
		this.expected.delete(id);
		if (expected) this.open.get(expected.room.game)?.delete(expected.room);
	}

	private file(room: IndexedRoom): void {
		const list = this.open.get(room.game) ?? new Set();
		this.open.set(room.game, list);
		if (room.players < room.maxPlayers) list.add(room);
		else list.delete(room);
	}
}
