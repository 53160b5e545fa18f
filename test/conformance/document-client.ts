import { readMsgpack, type Value } from "./msgpack.ts";
import {
	array,
	number,
	readField,
	readSchema,
	type Schema,
	sizeOf,
	text,
} from "./schema-reader.ts";
import { Bytes, Tables } from "./tables-reader.ts";

/*
 * A client written from PROTOCOL.md alone. It shares no line with protocol/ or client/, and is
 * stricter than a real one: whatever the document does not allow is thrown.
 */

export interface Welcome {
	room: string;
	seat: number | null;
	token: string | null;
	tick: number;
	tickRate: number;
	snapshotRate: number;
	moduleHash: string;
	schema: Schema;
	roster: Map<number, string>;
}

export interface HeardEvent {
	event: string;
	tick: number;
	fields: Record<string, number>;
}

export interface Seen {
	tick: number;
	inputTick: number;
	slack: number;
	/** Kinds of the chunks of state, in their order: 0 keyframe, 1 delta, 2 catch-up. */
	kinds: number[];
	events: HeardEvent[];
	/** The player's own rows by table, null in a snapshot without them. */
	own: OwnRows[] | null;
}

/** Own rows of a table, by their number. */
export type OwnRows = Map<number, { gen: number; values: Record<string, number> }>;

export class DocumentClient {
	welcome: Welcome | null = null;
	tables: Tables | null = null;
	/** Tick of the last snapshot applied, -1 before the first. */
	tick = -1;
	notice: string | null = null;
	/** First tick of each new set of rules. */
	readonly swaps: number[] = [];
	readonly pongs: { time: number; tick: number }[] = [];

	/** Takes a message; what it was a snapshot's comes back. */
	receive(bytes: Uint8Array): Seen | null {
		const message = array(readMsgpack(bytes));
		if (message[0] === 1) this.receiveWelcome(message);
		else if (this.welcome === null) throw new Error("the first message must be a welcome");
		else if (message[0] === 2) return this.receiveSnapshot(message);
		else if (message[0] === 3) {
			if (message.length !== 3) throw new Error(`a pong of ${message.length} elements`);
			this.pongs.push({ time: number(message[1]), tick: number(message[2]) });
		} else if (message[0] === 4) {
			if (message.length < 3 || message.length % 2 === 0) {
				throw new Error(`a roster of ${message.length} elements`);
			}
			for (let i = 1; i < message.length; i += 2) {
				const seat = number(message[i]);
				if (message[i + 1] === null) this.welcome.roster.delete(seat);
				else this.welcome.roster.set(seat, text(message[i + 1]));
			}
		} else if (message[0] === 5) this.receiveSwap(message);
		else if (message[0] === 6) {
			if (message.length !== 2) throw new Error(`a notice of ${message.length} elements`);
			this.notice = message[1] === null ? null : text(message[1]);
		} else throw new Error(`message type ${String(message[0])}`);
		return null;
	}

	private receiveWelcome(message: Value[]): void {
		if (message.length !== 10) throw new Error(`a welcome of ${message.length} elements`);
		const [, room, seat, token, tick, tickRate, snapshotRate, moduleHash, schema, roster] = message;
		if ((seat === null) !== (token === null)) throw new Error("a seat without a token");
		this.welcome = {
			room: text(room),
			seat: seat === null ? null : number(seat),
			token: token === null ? null : text(token),
			tick: number(tick),
			tickRate: number(tickRate),
			snapshotRate: number(snapshotRate),
			moduleHash: text(moduleHash),
			schema: readSchema(schema),
			roster: new Map(
				array(roster).map((entry) => {
					const [player, name] = array(entry);
					return [number(player), text(name)];
				}),
			),
		};
		this.tables = new Tables(this.welcome.schema.tables);
	}

	private receiveSwap(message: Value[]): void {
		if (message.length !== 4) throw new Error(`a swap of ${message.length} elements`);
		const [, tick, moduleHash, packed] = message;
		const schema = readSchema(packed);
		this.swaps.push(number(tick));
		this.welcome = { ...(this.welcome as Welcome), moduleHash: text(moduleHash), schema };
		this.tables = new Tables(schema.tables);
		this.tick = -1;
	}

	private receiveSnapshot(message: Value[]): Seen {
		if (message.length !== 6) throw new Error(`a snapshot of ${message.length} elements`);
		const [, tick, inputTick, slack, nil, chunks] = message;
		if (nil !== null) throw new Error("the fifth element must be nil");
		const seen: Seen = {
			tick: number(tick),
			inputTick: number(inputTick),
			slack: number(slack),
			kinds: [],
			events: [],
			own: null,
		};
		const cells = new Set<number>();
		for (const chunk of array(chunks)) {
			const [packedCell, packedKind, from, data] = array(chunk);
			const [cell, kind] = [number(packedCell), number(packedKind)];
			if (!(data instanceof Uint8Array) || cell > 16_384) throw new Error("not a chunk");
			if (kind <= 2) {
				if (cells.has(cell)) throw new Error(`two chunks of cell ${cell}`);
				cells.add(cell);
				this.receiveState(seen, kind, cell, number(from), data);
				continue;
			}
			if (from !== seen.tick) throw new Error(`a chunk of kind ${kind} from ${String(from)}`);
			if (kind === 3) seen.events.push(...this.readEvents(data, seen.tick));
			else if (kind === 4 && cell === 0 && !seen.own) seen.own = this.readOwn(data);
			else if (kind === 5 && cells.size === 0) this.tables?.applyGone(data);
			else throw new Error(`a chunk of kind ${kind} of cell ${cell}`);
		}
		const needsCell0 = this.welcome?.schema.tables.some(({ isSpatial }) => !isSpatial) ?? false;
		if (cells.has(0) !== needsCell0) throw new Error("cell 0 is not what it should be");
		this.tick = seen.tick;
		return seen;
	}

	private receiveState(
		seen: Seen,
		kind: number,
		cell: number,
		from: number,
		data: Uint8Array,
	): void {
		const isRight =
			kind === 0 ? from === seen.tick : kind === 1 ? from === this.tick : from <= this.tick;
		if (!isRight) throw new Error(`a chunk of kind ${kind} from ${from}, not ${this.tick}`);
		seen.kinds.push(kind);
		this.tables?.apply(kind, cell, data);
	}

	private readOwn(data: Uint8Array): OwnRows[] {
		const bytes = new Bytes(data);
		const tables = (this.welcome?.schema.tables ?? []).map(({ own, capacity }): OwnRows => {
			const rows: OwnRows = new Map();
			for (let n = own.length === 0 ? 0 : bytes.u8(); n > 0; n--) {
				const row = bytes.varint();
				const gen = bytes.varint();
				if (row >= capacity || rows.has(row)) throw new Error(`own row ${row}`);
				if (gen < 1 || gen > 65_535) throw new Error(`own generation ${gen}`);
				const values = own.map(({ name, type }) => [name, readValue(bytes, type)] as const);
				rows.set(row, { gen, values: Object.fromEntries(values) });
			}
			return rows;
		});
		if (bytes.left > 0) throw new Error(`${bytes.left} bytes follow the own rows`);
		return tables;
	}

	private readEvents(data: Uint8Array, tick: number): HeardEvent[] {
		const heard: HeardEvent[] = [];
		for (let at = 0; at < data.length; ) {
			const shape = this.welcome?.schema.events[data[at]];
			if (!shape || at + 2 + shape.bytes > data.length) throw new Error(`bad event at ${at}`);
			heard.push({
				event: shape.name,
				tick: tick - data[at + 1],
				fields: Object.fromEntries(
					shape.fields.map((field) => [field.name, readField(data, at + 2, field)]),
				),
			});
			at += 2 + shape.bytes;
		}
		return heard;
	}
}

function readValue(bytes: Bytes, type: string): number {
	const raw = Uint8Array.from({ length: sizeOf(type) }, () => bytes.u8());
	return readField(raw, 0, { name: "", type, offset: 0 });
}
