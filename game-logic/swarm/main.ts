/*
 * Swarm: ten thousand agents flock, and players move among them. A tick moves the avatars, sorts
 * the agents into a grid, and lets each look around and move.
 */
import { launch, removeAvatarOf, steerAvatars } from "./rules/avatar";
import { feelAvatars } from "./rules/feel";
import { flock } from "./rules/flock";
import { scatterAgents } from "./rules/scatter";
import { sortAgents } from "./rules/sorted";

export function init(): void {
	scatterAgents();
}

export function join(player: i32): void {
	launch(player);
}

export function leave(player: i32): void {
	removeAvatarOf(player);
}

export function tick(): void {
	steerAvatars();
	sortAgents();
	feelAvatars();
	flock();
}
