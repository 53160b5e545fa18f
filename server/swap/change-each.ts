import type { Refusal } from "../../protocol/refusal.ts";
import type { Room } from "../room/room.ts";

/** What came of a change of several rooms. */
interface Changed {
	readonly swapped: string[];
	readonly refused: (Refusal & { room: string })[];
	/** Of the last room. */
	migration: readonly string[];
	/** Longest time that one room's change took, ms. */
	maxPauseMs: number;
}

/**
 * Changes one room after the other; null leaves one as it is. `turn` lets whatever waits run between two rooms,
 * so that other rooms' ticks come in between.
 */
export async function changeEach<T>(
	rooms: Iterable<T>,
	turn: () => Promise<unknown>,
	change: (one: T) => (Refusal & { room: Room }) | { report: readonly string[]; room: Room } | null,
): Promise<Changed> {
	const changed: Changed = { swapped: [], refused: [], migration: [], maxPauseMs: 0 };
	for (const one of rooms) {
		await turn();
		const startMs = performance.now();
		const result = change(one);
		changed.maxPauseMs = Math.max(changed.maxPauseMs, performance.now() - startMs);
		if (result === null) continue;
		const { id } = result.room;
		if ("error" in result) {
			changed.refused.push({ error: result.error, detail: result.detail, room: id });
		} else {
			changed.swapped.push(id);
			changed.migration = result.report;
		}
	}
	return changed;
}
