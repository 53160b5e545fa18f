import { createImage } from "../../protocol/abi/image.ts";
import type { Simulation } from "../../protocol/abi/simulation.ts";
import { runTick, type Stretch } from "../history/stretch.ts";
import type { GameModule } from "../module/game-module.ts";
import type { WrittenMemory } from "./written-memory.ts";

/**
 * The frames around the first write to memory that was never written before, innermost first. Fuel is
 * spent in the same places every time, so the tick runs again with ever better guesses of the fuel
 * spent just before the write: with exactly that much, the tick ends there, with a stack.
 */
export function firstWrite(
	game: GameModule,
	simulation: Simulation,
	{ firstTick, image, inboxes }: Stretch,
	written: WrittenMemory,
): string[] {
	const before = createImage();
	const after = createImage();
	simulation.restore(image);
	for (const [i, inbox] of inboxes.entries()) {
		if (!inbox) continue;
		simulation.save(before);
		runTick(simulation, firstTick + i, inbox);
		simulation.save(after);
		if (!written.hasNew(after)) continue;
		return framesBefore(game, simulation, simulation.fuelSpent, (fuel) => {
			simulation.restore(before);
			simulation.fuelPerTick = fuel;
			const fault = runTick(simulation, firstTick + i, inbox);
			simulation.save(after);
			return { fault, hasWritten: written.hasNew(after) };
		});
	}
	return [];
}

/** Finds the highest fuel with which nothing has been written yet, and where the tick stops with it. */
function framesBefore(
	game: GameModule,
	simulation: Simulation,
	spent: number,
	runWith: (fuel: number) => { fault: ReturnType<Simulation["tick"]>; hasWritten: boolean },
): string[] {
	const budget = simulation.fuelPerTick;
	const limit = Error.stackTraceLimit;
	// the allocator's own calls must not push the rules' out of the stack
	Error.stackTraceLimit = 32;
	try {
		let most = 0;
		for (let tooMuch = spent + 1; tooMuch - most > 1; ) {
			const fuel = Math.floor((most + tooMuch) / 2);
			if (runWith(fuel).hasWritten) tooMuch = fuel;
			else most = fuel;
		}
		const { fault } = runWith(most);
		return fault?.stack ? game.locate(fault.stack, fault.message ?? "") : [];
	} finally {
		simulation.fuelPerTick = budget;
		Error.stackTraceLimit = limit;
	}
}
