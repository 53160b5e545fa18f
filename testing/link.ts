import { type LinkConditions, NO_DELAY } from "../protocol/link-delay.ts";

/**
 * One direction of a connection, as TCP shows a network: bytes come late, never lost, and in order, so
 * that one which is late holds up those behind it.
 */
export interface LaneOptions extends LinkConditions {
	/** What the sender's kernel takes before the sender sees that anything waits. */
	readonly sendBufferBytes: number;
	/** What the receiver's kernel takes while nobody reads. */
	readonly receiveBufferBytes: number;
}

/** Both directions: what is said once is for both, `up` (to the server) and `down` for one. */
export interface Link extends Partial<LaneOptions> {
	up?: Partial<LaneOptions>;
	down?: Partial<LaneOptions>;
}

/** A line without any delay; what a link does not say is as here. */
const PERFECT: LaneOptions = {
	...NO_DELAY,
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
