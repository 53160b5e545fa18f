import { Column, Grid } from "hotstep/assembly";
import { AGENT_SIGHT, AGENTS, CELLS } from "../constants";
import { agent } from "../generated/layout";

/** Agents by cell; place k of its sorted list is place k of the columns below. */
export const near = new Grid(<f32>AGENT_SIGHT, CELLS, CELLS, AGENTS);

/*
 * Copies of the agents as they were when the tick began, in cell order: neighbours then lie side by
 * side in memory, and everybody sees the same moment, whoever moves first.
 */
export const sortedX = changetype<Column<f32>>(memory.data(AGENTS * 4, 16));
export const sortedY = changetype<Column<f32>>(memory.data(AGENTS * 4, 16));
export const sortedVx = changetype<Column<f32>>(memory.data(AGENTS * 4, 16));
export const sortedVy = changetype<Column<f32>>(memory.data(AGENTS * 4, 16));
/** Acceleration by avatars, gathered before the agents move. */
export const pushX = changetype<Column<f32>>(memory.data(AGENTS * 4, 16));
export const pushY = changetype<Column<f32>>(memory.data(AGENTS * 4, 16));

/** Fills grid and copies anew. */
export function sortAgents(): void {
	near.clear();
	for (let i = 0; i < agent.used; i++) {
		if (agent.alive(i)) near.add(i, agent.x[i], agent.y[i]);
	}
	near.sort();
	const count = near.count;
	for (let k = 0; k < count; k++) {
		const i = near.item(k);
		sortedX[k] = agent.x[i];
		sortedY[k] = agent.y[i];
		sortedVx[k] = agent.vx[i];
		sortedVy[k] = agent.vy[i];
		pushX[k] = 0;
		pushY[k] = 0;
	}
}
