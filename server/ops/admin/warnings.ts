import type { RoomWarning } from "../../../protocol/admin-answers.ts";
import type { Room } from "../../room/room.ts";
import type { RoomWatch } from "../metrics/room-watch.ts";

/** The inputs of a room's warnings: separate, so that the rules below can be read and tested alone. */
export interface RoomFacts {
	readonly tickMs: number;
	readonly isPaused: boolean;
	readonly onProbation: boolean;
	readonly rollbacks: number;
	readonly abortedTicks: number;
	/** Time since the last failed tick, and since time was dropped last, ms; infinite for never. */
	readonly sinceFaultMs: number;
	readonly sinceDropMs: number;
	readonly droppedTicks: number;
	/** Largest value of the last one to two seconds. */
	readonly latenessMsPeak: number;
	readonly fuelShare: number;
	/** Clients that get no snapshots because they have not applied the last ones. */
	readonly lagging: number;
	readonly clients: number;
}

/** Anything that failed this recently counts as failing now, ms. */
const RECENT_MS = 60_000;
/** How long players notice dropped time, ms. */
const DROP_MS = 10_000;
/** Shares of a tick's fuel from which on it may run out soon, and very soon. */
const FUEL = { attention: 0.75, alarm: 0.95 } as const;

/**
 * What is unusual about a room. `alarm`: its players notice it now, or cannot play. `attention`: they
 * may soon, did some time ago, or would if there were any.
 */
export function judge(facts: RoomFacts): RoomWarning[] {
	const warnings: RoomWarning[] = [];
	const warn = (isAlarm: boolean, kind: RoomWarning["kind"], value = 1): void => {
		warnings.push({ grade: isAlarm ? "alarm" : "attention", kind, value });
	};
	const { tickMs, latenessMsPeak, abortedTicks, droppedTicks, lagging, clients } = facts;
	if (facts.isPaused) warn(true, "paused");
	if (abortedTicks > 0) warn(facts.sinceFaultMs < RECENT_MS, "failed", abortedTicks);
	if (droppedTicks > 0 && facts.sinceDropMs < RECENT_MS) {
		warn(clients > 0 && facts.sinceDropMs < DROP_MS, "dropped", droppedTicks);
	}
	// a tick that starts when the next is due is late; at twice that, snapshots become uneven
	if (!facts.isPaused && latenessMsPeak >= tickMs) {
		warn(clients > 0 && latenessMsPeak >= 2 * tickMs, "late", latenessMsPeak);
	}
	if (lagging > 0) warn(clients > 1 && lagging * 2 > clients, "lagging", lagging);
	if (facts.fuelShare >= FUEL.attention)
		warn(facts.fuelShare >= FUEL.alarm, "fuel", facts.fuelShare);
	if (facts.onProbation) warn(false, "probation");
	if (facts.rollbacks > 0) warn(false, "rolledBack", facts.rollbacks);
	return warnings;
}

/** What is unusual about a room now. */
export function warningsOf(room: Room, watch: RoomWatch | null): RoomWarning[] {
	const { counters, moments, tick, tickMs, seats } = room;
	let lagging = 0;
	for (const viewer of seats.viewers) if (viewer.isBehind) lagging++;
	const since = (kind: "fault" | "dropped"): number => {
		const last = moments.lastTick(kind);
		return last < 0 ? Number.POSITIVE_INFINITY : (tick - last) * tickMs;
	};
	return judge({
		tickMs,
		isPaused: room.isPaused,
		onProbation: room.probation !== null,
		rollbacks: counters.rollbacks,
		abortedTicks: counters.abortedTicks,
		droppedTicks: counters.droppedTicks,
		sinceFaultMs: since("fault"),
		sinceDropMs: since("dropped"),
		latenessMsPeak: watch?.latenessMsPeak.value ?? 0,
		fuelShare: (watch?.fuelPeak.value ?? 0) / room.simulation.fuelPerTick,
		lagging,
		clients: seats.viewers.size,
	});
}
