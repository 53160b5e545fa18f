import type { Behaviour } from "../../bots/behaviour.ts";
import type swarm from "./schema.ts";

/** Least and most time that a bot keeps a turn, and that it calls or does not, ms. */
const TURN_MS = [300, 1800] as const;
const CALL_MS = [800, 4000] as const;

/** How bots play the swarm: they wander about in arcs and call now and then, without looking. */
export const behaviour: Behaviour<typeof swarm> = {
	thinksPerSecond: 5,
	looks: false,
	create(random) {
		const within = ([least, most]: readonly [number, number]) => least + random() * (most - least);
		let turnUntilMs = 0;
		let callUntilMs = 0;
		return ({ input, nowMs }) => {
			if (nowMs >= turnUntilMs) {
				turnUntilMs = nowMs + within(TURN_MS);
				input.turn = random() < 0.3 ? 0 : Math.round((random() * 2 - 1) * 90);
				input.thrust = random() < 0.8;
			}
			if (nowMs >= callUntilMs) {
				callUntilMs = nowMs + within(CALL_MS);
				input.call = random() < 0.4;
			}
		};
	},
};
