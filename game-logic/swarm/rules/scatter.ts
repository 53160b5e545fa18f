import { random, randomBetween } from "hotstep/assembly";
import { AGENT_TOP_SPEED, WORLD } from "../constants";
import { agent } from "../generated/layout";

const TAU: f32 = 6.2831855;

/** Fills the world with agents that fly in every direction. */
export function scatterAgents(): void {
	for (let n = 0; n < agent.capacity; n++) {
		const i = agent.spawn();
		const heading = random() * TAU;
		agent.x[i] = randomBetween(0, <f32>WORLD);
		agent.y[i] = randomBetween(0, <f32>WORLD);
		agent.heading[i] = heading;
		agent.vx[i] = Mathf.cos(heading) * <f32>AGENT_TOP_SPEED * 0.5;
		agent.vy[i] = Mathf.sin(heading) * <f32>AGENT_TOP_SPEED * 0.5;
	}
}
