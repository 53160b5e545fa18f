/**
 * One direction of a connection, as TCP shows a network: bytes come late, never lost, and in order, so
 * that one which is late holds up those behind it.
 */
export interface LaneOptions {
	/** One way, ms. */
	delayMs: number;
	/** Up to so much more for each message, ms; none overtakes another. */
	jitterMs: number;
	/** Times per second, on average, that everything waits and then arrives at once: a lost packet. */
	stallsPerSecond: number;
	/** How long such a stall lasts, ms. */
	stallMs: number;
	/** What the line carries. */
	bytesPerSecond: number;
	/** What the sender's kernel takes before the sender sees that anything waits. */
	sendBufferBytes: number;
	/** What the receiver's kernel takes while nobody reads. */
	receiveBufferBytes: number;
}

/** Both directions: what is said once is for both, `up` (to the server) and `down` for one. */
export interface Link extends Partial<LaneOptions> {
	up?: Partial<LaneOptions>;
	down?: Partial<LaneOptions>;
}

/** A line without any delay; what a link does not say is as here. */
const PERFECT: LaneOptions = {
	delayMs: 0,
	jitterMs: 0,
	stallsPerSecond: 0,
	stallMs: 200,
	bytesPerSecond: Number.POSITIVE_INFINITY,
	sendBufferBytes: 64 * 1024,
	receiveBufferBytes: 64 * 1024,
};

/** @throws RangeError when a figure makes no sense */
export function laneOptions(link: Link, way: "up" | "down"): LaneOptions {
	const { up, down, ...both } = link;
	const options: LaneOptions = { ...PERFECT, ...both, ...(way === "up" ? up : down) };
	for (const [name, value] of Object.entries(options)) {
		if (typeof value !== "number" || !(value >= 0)) {
			throw new RangeError(`link.${name} is a number from 0 up, not ${String(value)}`);
		}
	}
	if (options.bytesPerSecond === 0) throw new RangeError("link.bytesPerSecond is above 0");
	return options;
}
