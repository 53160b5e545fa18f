import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import { VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";

type ViewAgeLimits = Pick<Descriptor, "rewindMs" | "tickRate">;

/** How far back a player's view may lie, in 1/256 ticks; more does not count. */
export function mostViewAge({ rewindMs, tickRate }: ViewAgeLimits): number {
	return Math.round((rewindMs * tickRate * VIEW_AGE_PER_TICK) / 1000);
}
