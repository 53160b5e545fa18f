import type { Welcome } from "../../protocol/messages/server-message.ts";
import { SeededRandom } from "../../protocol/seeded-random.ts";
import type { Behaviour } from "../behaviour.ts";
import { openRoom } from "../server/open-room.ts";
import { SocketPool } from "../wire/light-socket.ts";
import type { LinkOptions } from "../wire/linked-socket.ts";
import { TimeWheel } from "../wire/time-wheel.ts";
import { type Receiver, SharedDecoder } from "./shared-decoder.ts";
import { Tally } from "./tally.ts";

/** How a worker's bots play. Times in ms. */
export interface BotOptions {
	url: string;
	game: string;
	/** Id of a room to join; null for any with a free seat. */
	room: string | null;
	/** Players of each room, which the worker opens by itself; null to go where the server says. */
	perRoom: number | null;
	/** For opening rooms. */
	adminToken: string | null;
	seed: number;
	/** Null to play by the input's types. */
	behaviour: Behaviour | null;
	/** Who decodes snapshots in full: one bot of each room, all, or nobody. */
	decode: "one" | "all" | "none";
	/** Input messages per second of a bot. */
	sendRate: number;
	link: LinkOptions | null;
	slowReaders: { share: number; forMs: number; everyMs: number } | null;
}

/** What the bots of one worker share. */
export class WorkerContext {
	readonly options: BotOptions;
	readonly url: URL;
	readonly tally = new Tally();
	readonly pool: SocketPool;
	readonly wheel = new TimeWheel();
	readonly periodMs: number;
	/** Whether slow readers may stop to read. */
	isDisturbing = false;
	/** Snapshots per second that the server promised. */
	snapshotRate = 0;
	private readonly decoders = new Map<string, SharedDecoder>();
	private readonly opened = new Map<number, Promise<string | null>>();

	constructor(options: BotOptions) {
		this.options = options;
		this.url = new URL(options.url);
		this.pool = new SocketPool(SeededRandom.fork(options.seed, 0x6d61736b).next);
		this.periodMs = 1000 / options.sendRate;
	}

	nominalRate(snapshotRate: number): void {
		this.snapshotRate = Math.max(this.snapshotRate, snapshotRate);
	}

	/** The room that a bot is to play in, opened for it when it is the first; null for any. */
	async roomOf(index: number): Promise<string | null> {
		const { room, perRoom } = this.options;
		if (perRoom === null) return room;
		const number = Math.floor(index / perRoom);
		const opened = this.opened.get(number) ?? openRoom(this.options);
		this.opened.set(number, opened);
		const id = await opened;
		// tell it that it could not: the next bot tries again
		if (id === null) this.opened.delete(number);
		return id;
	}

	/** Room `id` cannot be come back to, for `why`; returns whether another one may be tried at once. */
	forgetRoom(index: number, id: string | null, why: string): boolean {
		const { room, perRoom } = this.options;
		if (id === null || id === room) return false;
		// a room of our own is full until the server gives up the lost seat
		if (perRoom !== null && why === "ERR_ROOM_FULL") return false;
		if (perRoom !== null) this.opened.delete(Math.floor(index / perRoom));
		return true;
	}

	/** The decoder for a bot that was just welcomed: its room's, or a new one that decodes its messages. */
	decoderFor(welcome: Welcome, bot: Receiver): SharedDecoder | null {
		const { decode } = this.options;
		if (decode === "none") return null;
		if (decode === "all") return new SharedDecoder(bot, welcome);
		let decoder = this.decoders.get(welcome.room);
		if (decoder === undefined || decoder.isStale) {
			decoder = new SharedDecoder(bot, welcome);
			this.decoders.set(welcome.room, decoder);
		}
		decoder.members.add(bot);
		return decoder;
	}

	/** A bot goes; a decoder without members is forgotten. */
	leaveDecoder(decoder: SharedDecoder, room: string | null, bot: Receiver): void {
		decoder.leave(bot);
		if (decoder.members.size > 0 || room === null) return;
		if (this.decoders.get(room) === decoder) this.decoders.delete(room);
	}

	/** The decoder that a bot reads: its own, or the one that a later player brought once that went stale. */
	currentDecoder(own: SharedDecoder, room: string | null): SharedDecoder {
		return own.isStale && room !== null ? (this.decoders.get(room) ?? own) : own;
	}
}
