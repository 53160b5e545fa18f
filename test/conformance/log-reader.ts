import { crc32, inflateRawSync } from "node:zlib";

/*
 * A reader of whole room logs written from docs/journal.md alone. It shares no line with server/journal/, and
 * throws at whatever the document does not allow.
 */

export interface ReadRoom {
	id: string;
	epoch: number;
	seed: number;
	rawHash: string;
	seats: Map<
		number,
		{ name: string; user: string | null; token: string; heldUntil: number | null }
	>;
	/** Null for a room that is as hs_init left it. */
	memory: Buffer | null;
	globals: (number | bigint)[];
	imageTick: number;
	imageNumber: number;
	inboxes: (Buffer | null)[];
	isOver: boolean;
	seq: number;
	seatChanges: number;
	last: Buffer | null;
}

class Cursor {
	readonly bytes: Buffer;
	at = 0;

	constructor(bytes: Buffer) {
		this.bytes = bytes;
	}

	get isAtEnd(): boolean {
		return this.at === this.bytes.length;
	}

	take(count: number): Buffer {
		if (this.at + count > this.bytes.length) throw new Error("past the end");
		this.at += count;
		return this.bytes.subarray(this.at - count, this.at);
	}

	u8(): number {
		return this.take(1)[0] as number;
	}

	varint(): number {
		let value = 0;
		for (let group = 0; group < 5; group++) {
			const byte = this.u8();
			value += (byte & 127) * 2 ** (7 * group);
			if (byte < 128) return value;
		}
		throw new Error("a varint of more than 5 bytes");
	}

	text(): string {
		return this.take(this.varint()).toString();
	}

	rest(): Buffer {
		return this.take(this.bytes.length - this.at);
	}
}

/** Puts runs over bytes: so many kept, so many new. */
function change(bytes: Buffer, changes: Cursor): void {
	for (let at = 0; !changes.isAtEnd; ) {
		at += changes.varint();
		const fresh = changes.take(changes.varint());
		if (at + fresh.length > bytes.length) throw new Error("a change leaves what it changes");
		fresh.copy(bytes, at);
		at += fresh.length;
	}
}

function readSeat(room: ReadRoom, body: Cursor): void {
	const number = body.varint();
	const flags = body.u8();
	const [name, user] = [body.text(), body.text()];
	const token = body.take(32).toString("hex");
	const heldUntil = Number(body.take(8).readBigUInt64LE());
	if (flags & 1) room.seats.delete(number);
	else {
		const held = flags & 4 ? heldUntil : null;
		room.seats.set(number, { name, user: flags & 2 ? user : null, token, heldUntil: held });
	}
}

function readImage(room: ReadRoom, body: Cursor): void {
	const [tick, number] = [body.varint(), body.varint()];
	const [kind, since] = [body.u8(), body.varint()];
	if (body.varint() > room.seatChanges) throw new Error("seats that were never told");
	const globals = Array.from({ length: body.varint() }, () =>
		body.u8() === 1 ? body.take(8).readBigInt64LE() : body.take(8).readDoubleLE(),
	);
	const memory = Buffer.alloc(body.varint());
	const packing = body.u8();
	const length = body.varint();
	const runs = packing === 1 ? inflateRawSync(body.rest()) : body.rest();
	if (runs.length !== length) throw new Error("runs of another length");
	if (kind === 1) {
		if (room.memory === null || room.imageNumber !== since)
			throw new Error("changes to another image");
		room.memory.copy(memory);
	}
	change(memory, new Cursor(runs));
	room.inboxes.splice(0, tick - room.imageTick);
	Object.assign(room, { memory, globals, imageTick: tick, imageNumber: number });
}

function skip(room: ReadRoom, tick: number): void {
	while (room.imageTick + room.inboxes.length < tick) room.inboxes.push(null);
	room.last = null;
}

class Series {
	readonly rooms = new Map<number, ReadRoom>();

	readBlock(block: Cursor): void {
		let key = -1;
		let seq = 0;
		while (!block.isAtEnd) {
			const tag = block.u8();
			const body = new Cursor(tag === 4 ? Buffer.alloc(0) : block.take(block.varint()));
			if (tag === 1) this.readList(body);
			else if (tag === 11) {
				[key, seq] = [body.varint(), body.varint()];
				const room = this.rooms.get(key);
				if (room && ++room.seq !== seq) throw new Error("records are missing");
			} else if (tag === 12) this.rooms.set(key, this.readOpen(body, this.rooms.get(key), seq));
			else this.readOther(tag, body, this.rooms.get(key) as ReadRoom);
			if (!body.isAtEnd) throw new Error(`record ${tag} is too long`);
		}
	}

	private readList(body: Cursor): void {
		body.varint();
		body.text();
		body.varint();
		const living = new Map<number, number>();
		for (let count = body.varint(); count > 0; count--) {
			const key = body.varint();
			body.text();
			body.varint();
			living.set(key, body.varint());
		}
		for (const [key, room] of this.rooms) {
			if (!living.has(key)) room.isOver = true;
			else if (living.get(key) !== room.seq) throw new Error("records are missing");
		}
	}

	private readOpen(body: Cursor, known: ReadRoom | undefined, seq: number): ReadRoom {
		const [id, epoch] = [body.text(), body.varint()];
		body.text();
		body.take(32);
		const rawHash = body.take(32).toString("hex");
		const seed = body.take(4).readUInt32LE();
		body.varint();
		const tick = body.varint();
		const seatChanges = body.varint();
		body.take(body.varint());
		const fresh = {
			memory: null,
			globals: [],
			imageTick: tick,
			imageNumber: -1,
			inboxes: [],
			isOver: false,
			last: null,
		};
		const room = {
			...(known ?? fresh),
			id,
			epoch,
			seed,
			rawHash,
			seats: new Map(),
			seq,
			seatChanges,
		};
		for (let count = body.varint(); count > 0; count--) readSeat(room, body);
		skip(room, tick);
		return room;
	}

	private readOther(tag: number, body: Cursor, room: ReadRoom): void {
		if (tag === 3) room.inboxes.push(body.rest());
		else if (tag === 4) room.inboxes.push(room.last);
		else if (tag === 10) {
			const inbox = Buffer.from(room.last as Buffer);
			change(inbox, body);
			room.inboxes.push(inbox);
		}
		if (tag === 3 || tag === 4 || tag === 10) room.last = room.inboxes.at(-1) as Buffer;
		else if (tag === 2) readImage(room, body);
		else if (tag === 5) body.rest();
		else if (tag === 6) body.take(body.varint() >= 0 ? 8 : 0);
		else if (tag === 7) {
			body.take(32);
			room.rawHash = body.take(32).toString("hex");
			readImage(room, body);
			room.last = null;
		} else if (tag === 8) {
			body.varint();
			body.text();
			room.isOver = true;
		} else if (tag === 9) skip(room, body.varint());
		else if (tag === 13) {
			room.seatChanges++;
			readSeat(room, body);
		} else if (tag === 14) JSON.parse(body.text());
		else throw new Error(`an unknown record ${tag}`);
	}
}

/** The rooms that are open in a log's files, by id. */
export function readLogFiles(files: ReadonlyMap<string, Buffer>): Map<string, ReadRoom> {
	const named = [...files].map(([name, bytes]) => {
		const [, worker, incarnation, n] = /^w(\d+)-([0-9A-Za-z]+)-(\d+)\.hsl$/.exec(name) ?? [];
		return { series: `${worker} ${incarnation}`, n: Number(n), bytes };
	});
	const all = new Map<string, Series>();
	for (const { series, bytes } of named.sort((a, b) => a.n - b.n)) {
		const reader = all.get(series) ?? new Series();
		all.set(series, reader);
		const file = new Cursor(bytes);
		if (file.take(4).toString() !== "HSL1" || file.take(2).readUInt16LE() !== 1)
			throw new Error("no log");
		file.take(2);
		while (!file.isAtEnd) {
			const head = file.take(12);
			const payload = file.take(head.readUInt32LE(0));
			if (crc32(payload) !== head.readUInt32LE(4)) throw new Error("a payload's checksum");
			if (crc32(head.subarray(0, 8)) !== head.readUInt32LE(8)) throw new Error("a head's checksum");
			reader.readBlock(new Cursor(payload));
		}
	}
	const newest = new Map<string, ReadRoom>();
	for (const room of [...all.values()].flatMap((series) => [...series.rooms.values()])) {
		if ((newest.get(room.id)?.epoch ?? -1) <= room.epoch) newest.set(room.id, room);
	}
	return new Map([...newest].filter(([, room]) => !room.isOver));
}
