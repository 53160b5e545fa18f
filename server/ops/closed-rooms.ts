import type { ClosedRoomLine, RoomAnswer } from "../../protocol/admin-answers.ts";
import { SERVER_LIMITS } from "../limits.ts";

/** A closed room, as it was at its end. */
export interface ClosedRoom {
	readonly line: ClosedRoomLine;
	readonly answer: RoomAnswer;
	/** Where its journal lies, if it has one. */
	readonly file: string | null;
}

/** The rooms that closed last, in memory; failed ones are not displaced by others. */
export class ClosedRooms {
	private readonly byKey = new Map<number, ClosedRoom>();
	private lastKey = 0;

	keep(answer: RoomAnswer, why: ClosedRoomLine["why"], timeMs: number, file: string | null): void {
		const key = ++this.lastKey;
		const { id, game, version, hash, tick, tickRate } = answer.room;
		const faults = answer.faults.reduce((sum, { count }) => sum + count, 0);
		const line = { key, id, game, version, hash, tick, tickRate, why, closedAtMs: timeMs, faults };
		const last = answer.faults.at(-1);
		this.byKey.set(key, {
			line: {
				...line,
				lastFault: last ? `${last.kind}: ${last.detail}` : null,
				file: answer.recorded.file,
			},
			answer: { ...answer, closed: { key, why, closedAtMs: timeMs } },
			file,
		});
		this.forget(why === "fault");
	}

	get(key: number): ClosedRoom | null {
		return this.byKey.get(key) ?? null;
	}

	/** Newest first. */
	get list(): ClosedRoomLine[] {
		return [...this.byKey.values()].map(({ line }) => line).reverse();
	}

	/** Changes with every room that closes. */
	get revision(): number {
		return this.lastKey;
	}

	get failed(): number {
		let failed = 0;
		for (const { line } of this.byKey.values()) if (line.why === "fault") failed++;
		return failed;
	}

	/** Drops the oldest room that ended the same way, if there are too many. */
	private forget(isFailed: boolean): void {
		const alike = [...this.byKey.values()].filter(
			({ line }) => (line.why === "fault") === isFailed,
		);
		if (alike.length > SERVER_LIMITS.closedRooms) this.byKey.delete(alike[0].line.key);
	}
}
