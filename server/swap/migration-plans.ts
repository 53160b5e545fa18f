import type { Refusal } from "../../protocol/refusal.ts";
import { compareSchemas, type MigrationPlan } from "../migration/compare-schemas.ts";
import type { GameModule } from "../module/game-module.ts";

/** Plans from the rooms' current rules to one candidate: computed once for each. */
export class MigrationPlans {
	private readonly to: GameModule;
	private readonly plans = new Map<string, { plan: MigrationPlan } | Refusal>();

	constructor(to: GameModule) {
		this.to = to;
	}

	from({ hash, descriptor }: GameModule): { plan: MigrationPlan } | Refusal {
		const known = this.plans.get(hash);
		if (known) return known;
		const compared = compareSchemas(descriptor, this.to.descriptor);
		this.plans.set(hash, compared);
		return compared;
	}
}
