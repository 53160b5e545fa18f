import type { Fault } from "../../protocol/abi/simulation.ts";
import type { GameModule } from "../module/game-module.ts";

/** A tick that failed in a replay, or in a check. */
export interface TickFault {
	/** The tick before the first one if the module did not start. */
	readonly tick: number;
	readonly kind: Fault["kind"];
	readonly detail: string;
	/** Where it happened, innermost first, as far as known. */
	readonly frames: readonly string[];
}

export function describeFault(game: GameModule, tick: number, fault: Fault): TickFault {
	const { kind, detail, stack = "", message = "" } = fault;
	return { tick, kind, detail, frames: game.locate(stack, message) };
}

/** The fault as text, with its places below it. */
export function showFault({ tick, kind, detail, frames }: TickFault): string {
	const where = frames.map((frame) => `\n    at ${frame}`).join("");
	return `FAULT: tick ${tick}: ${kind}: ${detail}${where}\n`;
}
