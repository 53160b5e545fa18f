import { createImage } from "../../protocol/abi/image.ts";
import { ArenaFight, PILOTS } from "../arena-fight.ts";
import { loadBuiltIn, runTick, start } from "../games.ts";
import { interleave, median, spreadOf, timePieces } from "../measure.ts";
import { judge, type Measurement } from "../result.ts";

/** Ticks until the fight is in full swing, and ticks measured from there. */
const LEAD_IN = 300;
const MEASURED = 600;

export const tickArena: Measurement = {
	id: "tick-arena",
	about: "one tick of arena with 64 ships fighting",
	async run() {
		const simulation = start(await loadBuiltIn("arena"), 1);
		const fight = new ArenaFight(simulation);
		const { inbox } = simulation;
		const image = createImage();
		const recorded: Uint8Array[] = [];
		for (let tick = 0; tick < LEAD_IN + MEASURED; tick++) {
			if (tick === LEAD_IN) simulation.save(image);
			inbox.clear();
			for (let player = 0; tick === 0 && player < PILOTS; player++) inbox.join(player, "pilot");
			fight.inputsFor(tick).forEach((bytes, player) => {
				inbox.input(player, bytes, 0, 0);
			});
			recorded.push(inbox.written().slice());
			runTick(simulation, tick);
		}
		const { fought } = interleave({
			fought() {
				simulation.restore(image);
				return timePieces(MEASURED, (i) => {
					inbox.load(recorded[LEAD_IN + i]);
					runTick(simulation, LEAD_IN + i);
				});
			},
		});
		return judge({
			id: this.id,
			value: median(fought) * 1000,
			unit: "µs",
			spread: spreadOf(fought),
		});
	},
};
