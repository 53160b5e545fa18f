import type { Clock } from "../../server/room/clock.ts";

/** Less than a tick of 60 Hz: a room that is called once in a while is never late by more than one. */
const STEP_MS = 16;

/**
 * The time as if the machine never held the process up: it goes on by a few milliseconds at most between two
 * readings. Rooms that live by it miss nothing and leave nothing out, however busy the machine is.
 */
export function steadyClock(): Clock {
	let readMs = performance.now();
	let ms = 0;
	return {
		now() {
			const nowMs = performance.now();
			ms += Math.min(nowMs - readMs, STEP_MS);
			readMs = nowMs;
			return ms;
		},
	};
}
