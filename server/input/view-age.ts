import type { Descriptor } from "../../protocol/abi/descriptor.ts";
import { VIEW_AGE_PER_TICK } from "../../protocol/abi/layout.ts";

type ViewAgeLimits = Pick<Descriptor, "rewindMs" | "tickRate">;

/** How far back a player may be said to look, in 1/256 ticks; more than that does not count. */
export function mostViewAge({ rewindMs, tickRate }: ViewAgeLimits): number {
	return Math.round((rewindMs * tickRate * VIEW_AGE_PER_TICK) / 1000);
}
