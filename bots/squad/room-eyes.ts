import { Prediction } from "../../client/prediction/prediction.ts";
import { Session } from "../../client/session.ts";
import { decodeServerMessage, type Welcome } from "../../protocol/messages/server-message.ts";

/** Whoever holds a room's eyes: a bot, and how far it has come. */
export interface Beholder {
	readonly ackTick: number;
}

/**
 * What the bots of one squad see of one room. A room sends all its players the same chunks, so one of
 * them, the beholder, decodes in full with the client's own code, and the others look at what it sees.
 */
export class RoomEyes {
	readonly members = new Set<Beholder>();
	private beholder: Beholder | null;
	private readonly session: Session;
	private shownTick = -1;
	/** Another bot took over in the middle of the chain. */
	private isInherited = false;

	constructor(beholder: Beholder, welcome: Welcome) {
		this.beholder = beholder;
		const rules = () => Promise.reject(new Error("bots do not predict"));
		const { tickRate: sendRate } = welcome;
		const now = () => performance.now();
		const options = { interpolate: false, sendRate, now };
		this.session = new Session(welcome, options, new Prediction("", false, rules));
	}

	isHeldBy(bot: Beholder): boolean {
		return this.beholder === bot;
	}

	/** Nobody keeps it up to date. */
	get isBlind(): boolean {
		return this.beholder === null;
	}

	/**
	 * Applies a message that the beholder got. Returns what is wrong with it, or null; bytes that an heir
	 * cannot build on only make the eyes blind.
	 */
	take(bytes: Uint8Array, nowMs: number): string | null {
		const message = decodeServerMessage(bytes);
		let problem = message === null ? "not a message" : null;
		if (message?.type === "snapshot") problem = this.session.apply(message, nowMs);
		if (message?.type === "swap") this.session.swap(message);
		if (problem === null || !this.isInherited) return problem;
		this.beholder = null;
		return null;
	}

	/** A bot goes; if it was the beholder, one that has come equally far takes over. */
	leave(bot: Beholder): void {
		this.members.delete(bot);
		if (this.beholder !== bot) return;
		this.beholder = null;
		for (const member of this.members) {
			if (member.ackTick !== this.session.tick) continue;
			this.beholder = member;
			this.isInherited = true;
			return;
		}
	}

	/** The tables as of the last snapshot. */
	look(nowMs: number): Session["state"] {
		if (this.shownTick !== this.session.tick) {
			this.shownTick = this.session.tick;
			this.session.show(nowMs, () => {});
		}
		return this.session.state;
	}
}
