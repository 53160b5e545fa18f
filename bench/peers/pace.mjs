/** Rooms of a slot are served together; 300 timers of their own would cost more than they serve. */
const SLOTS = 16;

/**
 * Calls `serve(room)` for each of `rooms` rooms `rateHz` times a second, on absolute deadlines, the
 * rooms spread over the period.
 */
export function pace(rooms, rateHz, serve) {
	const periodMs = 1000 / rateHz;
	const slots = Math.min(SLOTS, rooms);
	const startMs = performance.now() + periodMs;
	let turn = 0;
	const wake = () => {
		while (performance.now() >= startMs + (turn * periodMs) / slots) {
			for (let room = turn % slots; room < rooms; room += slots) serve(room);
			turn++;
		}
		const waitMs = startMs + (turn * periodMs) / slots - performance.now();
		setTimeout(wake, Math.max(1, Math.round(waitMs)));
	};
	setTimeout(wake, periodMs);
}
