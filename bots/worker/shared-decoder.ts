import { Prediction } from "../../client/prediction/prediction.ts";
import { ReceivedRoom } from "../../client/received-room.ts";
import { decodeServerMessage, type Welcome } from "../../protocol/messages/server-message.ts";

/** A bot of the room, as far as decoding needs to know it. */
export interface Receiver {
	/** Tick of the last snapshot that it got. */
	readonly ackTick: number;
}

/**
 * Decodes one room for all the bots that a worker has there. A room sends the same chunks to all its
 * players, so the messages of one of them, the source, are decoded in full with the client's own code,
 * and the other members read what came out.
 */
export class SharedDecoder {
	readonly members = new Set<Receiver>();
	private source: Receiver | null;
	private readonly copy: ReceivedRoom;
	private shownTick = -1;
	/** Another bot took over in the middle of the chain. */
	private isInherited = false;

	constructor(source: Receiver, welcome: Welcome) {
		this.source = source;
		const rules = () => Promise.reject(new Error("bots do not predict"));
		const { tickRate: sendRate } = welcome;
		const now = () => performance.now();
		const options = { interpolate: false, sendRate, now };
		this.copy = new ReceivedRoom(welcome, options, new Prediction("", false, rules));
	}

	/** Whether it decodes the messages that `bot` gets. */
	isFedBy(bot: Receiver): boolean {
		return this.source === bot;
	}

	/** No bot's messages are decoded: its tables stay as they are. */
	get isStale(): boolean {
		return this.source === null;
	}

	/**
	 * Applies a message that the source got. Returns what is wrong with it, or null; a source that took
	 * over and cannot build on what came before only makes the decoder stale.
	 */
	take(bytes: Uint8Array, nowMs: number): string | null {
		const message = decodeServerMessage(bytes);
		let problem = message === null ? "not a message" : null;
		if (message?.type === "snapshot") problem = this.copy.apply(message, nowMs);
		if (message?.type === "swap") this.copy.swap(message);
		if (problem === null || !this.isInherited) return problem;
		this.source = null;
		return null;
	}

	/** A bot goes; if it was the source, one that has come equally far takes over. */
	leave(bot: Receiver): void {
		this.members.delete(bot);
		if (this.source !== bot) return;
		this.source = null;
		for (const member of this.members) {
			if (member.ackTick !== this.copy.tick) continue;
			this.source = member;
			this.isInherited = true;
			return;
		}
	}

	/** The tables as of the last snapshot. */
	read(nowMs: number): ReceivedRoom["state"] {
		if (this.shownTick !== this.copy.tick) {
			this.shownTick = this.copy.tick;
			this.copy.show(nowMs, () => {});
		}
		return this.copy.state;
	}
}
