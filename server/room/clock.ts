/** Where time comes from. Milliseconds, monotonic, from any origin. */
export interface Clock {
	now(): number;
}

export const systemClock: Clock = { now: () => performance.now() };
