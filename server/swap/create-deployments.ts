import type { ServerCounters } from "../counters.ts";
import type { Log } from "../log.ts";
import type { GameModule } from "../module/game-module.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import type { DeploymentStore } from "./deployment-store.ts";
import { Deployments } from "./deployments.ts";
import type { DeploymentsOptions } from "./deployments-options.ts";

/** Deploys rules while rooms run, and counts, logs and stores the outcome. */
export function createDeployments(
	directory: RoomDirectory,
	counters: ServerCounters,
	log: Log,
	options: DeploymentsOptions,
	store: DeploymentStore | null,
	games: readonly GameModule[],
): Deployments {
	const deployments = new Deployments(directory, {
		...options,
		onDeployed({ swapped, refused, trials, ...deployment }) {
			counters.deployment(deployment.policy);
			const counts = { swapped: swapped.length, refused: refused.length, trials: trials.length };
			log("info", "rules deployed", { ...deployment, ...counts });
		},
		onRefused(game, policy, { error, detail }, by) {
			counters.deployment("refused");
			log("warn", "rules refused", { game, policy, error, detail, by });
		},
		onRetired({ game, version, hash, before }, detail) {
			counters.deployment("retired");
			log("error", "rules retired", { game, version, hash, back: before, detail });
		},
		onChanged(name) {
			const started = games.find((game) => game.name === name);
			const current = directory.games.get(name);
			if (started && current) store?.keep(started, current, deployments.list);
		},
	});
	return deployments;
}

/** Takes up what was deployed before the process began. */
export async function goOn(
	store: DeploymentStore,
	deployments: Deployments,
	games: readonly GameModule[],
	log: Log,
): Promise<void> {
	deployments.remember(store.deployments);
	for (const started of games) {
		const deployed = await store.deployedOver(started);
		if (!deployed) continue;
		deployments.goOn(started, deployed);
		const { name: game, version, hash } = deployed;
		log("info", "goes on with deployed rules", { game, version, hash, started: started.hash });
	}
}
