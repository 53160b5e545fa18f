import { ANSWER, inputRecordBytes, NO_PLAYER, pad4, RECORD } from "../../protocol/abi/layout.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { type Effect, recordOf } from "./effect.ts";
import type { RoomState } from "./room-state.ts";

/** Where a request was made: in which epoch of the room, in which tick, and its place among the effects of that tick. */
interface RequestPlace {
	readonly epoch: number;
	readonly tick: number;
	readonly n: number;
}

const placeOf = ({ epoch, tick, n }: RequestPlace): string => `${epoch}:${tick}:${n}`;

/** What a room's rules have asked the world outside and not been told: answers wait for the next tick. */
export class Requests {
	private readonly open = new Map<string, Effect>();
	/** Answers that have come; null for a failure. */
	private readonly answered = new Map<string, unknown>();

	/** Requests without an answer that has reached the rules, in the order in which they were made. */
	get pending(): readonly Effect[] {
		return [...this.open.values()].slice(-SERVER_LIMITS.openRequests);
	}

	/** Takes a request on; one too many is not asked, but answered with a failure: false. */
	ask(request: Effect): boolean {
		const isTooMany = this.open.size - this.answered.size >= SERVER_LIMITS.openRequests;
		this.open.set(placeOf(request), request);
		if (isTooMany) this.answered.set(placeOf(request), null);
		return !isTooMany;
	}

	/** The answer, null for a failure; the second one to a request, or one that comes too late, changes nothing. */
	answer(place: RequestPlace, answer: unknown): void {
		const key = placeOf(place);
		if (this.open.has(key) && !this.answered.has(key)) this.answered.set(key, answer);
	}

	/** A seat is free: what its player asked concerns nobody any more. */
	forgetPlayer(number: number): void {
		for (const [key, { player }] of this.open) {
			if (player?.number !== number) continue;
			this.open.delete(key);
			this.answered.delete(key);
		}
	}

	load(pending: readonly Effect[]): void {
		for (const request of pending) this.open.set(placeOf(request), request);
	}

	/** Puts answers into the inbox, in the order in which they came, as far as they fit beside the inputs. */
	deliver(room: RoomState): void {
		if (this.answered.size === 0) return;
		const { inbox } = room.simulation;
		const { effects, input } = room.game.descriptor;
		const reserve = room.players.size * inputRecordBytes(input.size);
		for (const [key, answer] of this.answered) {
			const request = this.open.get(key) as Effect;
			const number = effects.findIndex(({ name }) => name === request.name);
			const record = effects[number]?.answer ?? null;
			// other rules, which never asked
			if (record === null) {
				this.forget(key);
				continue;
			}
			if (inbox.free < reserve + RECORD.size + ANSWER.size + pad4(record.size)) return;
			const fields = answer === null ? null : recordOf(record, answer);
			const isSound = typeof fields !== "string";
			if (!isSound) room.log(3, `ERR_HOOK_ANSWER: the answer to ${request.name}: ${fields}`);
			const who = request.player?.number ?? NO_PLAYER;
			inbox.answer(who, number, request, record.size, isSound ? fields : null);
			this.forget(key);
		}
	}

	private forget(key: string): void {
		this.open.delete(key);
		this.answered.delete(key);
	}
}
