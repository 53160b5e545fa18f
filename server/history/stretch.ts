import type { Image } from "../../protocol/abi/image.ts";
import type { OutboxHandler } from "../../protocol/abi/outbox-reader.ts";
import type { Fault, Simulation } from "../../protocol/abi/simulation.ts";

/** An image and the inboxes since: whatever a room was in these ticks follows from it. */
export interface Stretch {
	/** Number of the tick that the image is from before. */
	readonly firstTick: number;
	readonly image: Image;
	/** Inbox of each tick from `firstTick` on, null for a failed one. */
	readonly inboxes: readonly (Uint8Array | null)[];
}

const nobody: OutboxHandler = { event() {}, eventNear() {}, refuse() {}, kick() {}, effect() {} };

/**
 * Runs a tick on the contents of the inbox; returns its fault, or null. A malformed outbox is a fault
 * too, and is found before any of it is used. After a fault, the state must not be used.
 */
export function attemptTick(simulation: Simulation, tick: number): Fault | null {
	const fault = simulation.tick(tick);
	if (fault) return fault;
	const problem = simulation.outbox.read(simulation.outboxLength, nobody);
	return problem === null ? null : { kind: "outbox", detail: problem };
}

/** The same on the bytes of an inbox. */
export function runTick(simulation: Simulation, tick: number, inbox: Uint8Array): Fault | null {
	simulation.inbox.load(inbox);
	return attemptTick(simulation, tick);
}

/** A tick that would not run again, which determinism rules out for the rules that ran it first. */
interface StretchFault {
	readonly tick: number;
	readonly fault: Fault;
}

/** Runs a stretch's ticks from `fromTick`, whose state `simulation` has, up to the state before `toTick`. */
export function runInboxes(
	simulation: Simulation,
	{ firstTick, inboxes }: Omit<Stretch, "image">,
	fromTick: number,
	toTick: number,
): StretchFault | null {
	for (let tick = fromTick; tick < toTick; tick++) {
		const inbox = inboxes[tick - firstTick];
		if (!inbox) continue;
		const fault = runTick(simulation, tick, inbox);
		if (fault) return { tick, fault };
	}
	return null;
}
