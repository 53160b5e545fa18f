import type { Simulation } from "../../protocol/abi/simulation.ts";
import { compareSchemas, type MigrationPlan } from "../migration/compare-schemas.ts";

/** The plan that carries every column of a module to another instance of it. */
export function planToItself({ descriptor }: Simulation): MigrationPlan {
	const compared = compareSchemas(descriptor, descriptor);
	if ("error" in compared) throw new Error(`a module differs from itself: ${compared.detail}`);
	return compared.plan;
}
