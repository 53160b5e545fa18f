import { readMsgpack, type Value } from "./msgpack.ts";
import { array, number, readField, readSchema, type Schema, text } from "./schema-reader.ts";
import { Tables } from "./tables-reader.ts";

/*
 * A client written from PROTOCOL.md alone. It shares no line with protocol/ or client/, and is
 * stricter than a real one: whatever the document does not allow is thrown.
 */

export interface Welcome {
	room: string;
	seat: number;
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
	isKeyframe: boolean;
	events: HeardEvent[];
}

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
			if (message.length !== 3) throw new Error(`a roster of ${message.length} elements`);
			const seat = number(message[1]);
			if (message[2] === null) this.welcome.roster.delete(seat);
			else this.welcome.roster.set(seat, text(message[2]));
		} else if (message[0] === 5) this.receiveSwap(message);
		else if (message[0] === 6) {
			if (message.length !== 2) throw new Error(`a notice of ${message.length} elements`);
			this.notice = message[1] === null ? null : text(message[1]);
		} else throw new Error(`message type ${String(message[0])}`);
		return null;
	}

	private receiveWelcome(message: Value[]): void {
		if (message.length !== 9) throw new Error(`a welcome of ${message.length} elements`);
		const [, room, seat, tick, tickRate, snapshotRate, moduleHash, schema, roster] = message;
		this.welcome = {
			room: text(room),
			seat: number(seat),
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
		const [, tick, inputTick, slack, own, chunks] = message;
		if (own !== null) throw new Error("the fifth element must be nil");
		const seen: Seen = {
			tick: number(tick),
			inputTick: number(inputTick),
			slack: number(slack),
			isKeyframe: false,
			events: [],
		};
		let states = 0;
		for (const chunk of array(chunks)) {
			const [cell, kind, from, data] = array(chunk);
			if (cell !== 0 || !(data instanceof Uint8Array)) throw new Error("not a chunk");
			if (kind === 0 || kind === 1) {
				states++;
				seen.isKeyframe = kind === 0;
				const expected = kind === 0 ? seen.tick : this.tick;
				if (from !== expected) throw new Error(`a chunk of kind ${kind} from ${String(from)}`);
				this.tables?.apply(data, kind === 0);
			} else if (kind === 3 && from === seen.tick)
				seen.events.push(...this.readEvents(data, seen.tick));
			else throw new Error(`a chunk of kind ${String(kind)} from ${String(from)}`);
		}
		if (states !== 1) throw new Error(`${states} keyframes and deltas in one snapshot`);
		if (this.tick === -1 && !seen.isKeyframe) throw new Error("a delta without a keyframe");
		this.tick = seen.tick;
		return seen;
	}

	private readEvents(data: Uint8Array, tick: number): HeardEvent[] {
		const heard: HeardEvent[] = [];
		for (let at = 0; at < data.length; ) {
			const shape = this.welcome?.schema.events[data[at] as number];
			if (!shape || at + 2 + shape.bytes > data.length) throw new Error(`bad event at ${at}`);
			heard.push({
				event: shape.name,
				tick: tick - (data[at + 1] as number),
				fields: Object.fromEntries(
					shape.fields.map((field) => [field.name, readField(data, at + 2, field)]),
				),
			});
			at += 2 + shape.bytes;
		}
		return heard;
	}
}
