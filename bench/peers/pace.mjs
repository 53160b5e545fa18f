/** Rooms of a slot are served together; 300 timers of their own would cost more than they serve. */
const SLOTS = 16;

/** Periods that may be made up for; more are left out. */
const CATCH_UP = 4;

/**
 * Calls `serve(room)` for each of `rooms` rooms `rateHz` times a second, on absolute deadlines, the
 * rooms spread over the period.
 */
export function pace(rooms, rateHz, serve) {
	const periodMs = 1000 / rateHz;
	const slots = Math.min(SLOTS, rooms);
	let startMs = performance.now() + periodMs;
	let turn = 0;
	const wake = () => {
		// one round at most, so that a server that cannot keep up still reads its sockets
		for (let n = 0; n < slots; n++) {
			if (performance.now() < startMs + (turn * periodMs) / slots) break;
			for (let room = turn % slots; room < rooms; room += slots) serve(room);
			turn++;
		}
		const behindMs = performance.now() - (startMs + (turn * periodMs) / slots);
		if (behindMs > CATCH_UP * periodMs) startMs += Math.floor(behindMs / periodMs) * periodMs;
		const waitMs = startMs + (turn * periodMs) / slots - performance.now();
		setTimeout(wake, Math.max(1, Math.round(waitMs)));
	};
	setTimeout(wake, periodMs);
}
