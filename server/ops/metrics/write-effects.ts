import type { EffectFigures } from "../../effects/effects.ts";
import type { SpoolFigures } from "../../effects/spool.ts";
import type { Exposition } from "./exposition.ts";

const SPOOLS: readonly [
	name: string,
	kind: "gauge" | "counter",
	help: string,
	read: (spool: SpoolFigures) => number,
][] = [
	["hotstep_results_waiting", "gauge", "Results that have not arrived.", ({ waiting }) => waiting],
	[
		"hotstep_results_oldest_seconds",
		"gauge",
		"How long the oldest of them has waited.",
		({ oldestMs }) => oldestMs / 1000,
	],
	[
		"hotstep_results_kept",
		"gauge",
		"Whether those that wait survive the process: 1 or 0.",
		({ isKept }) => (isKept ? 1 : 0),
	],
	["hotstep_results_delivered_total", "counter", "Results that arrived.", (s) => s.delivered],
	["hotstep_results_failures_total", "counter", "Tries that failed.", ({ failures }) => failures],
	["hotstep_results_lost_total", "counter", "Results given up.", ({ lost }) => lost],
];

const HOOK_ERRORS = ["ERR_HOOK_TIMEOUT", "ERR_HOOK_FAILED", "ERR_HOOK_BUSY", "ERR_HOOK_CRASHED"];

/** Results on their way, and calls of hooks. */
export function writeEffects(out: Exposition, { spools, hooks }: EffectFigures): void {
	for (const [name, kind, help, read] of spools.length > 0 ? SPOOLS : []) {
		out.family(name, kind, help);
		for (const spool of spools) out.sample(name, { target: spool.target }, read(spool));
	}
	if (hooks === null) return;
	out.single("hotstep_hook_calls_total", "counter", "Calls of hooks.", hooks.calls);
	out.single("hotstep_hook_calls_waiting", "gauge", "Calls that wait.", hooks.waiting);
	out.family("hotstep_hook_failures_total", "counter", "Calls of hooks that failed, by error.");
	for (const error of HOOK_ERRORS) {
		out.sample("hotstep_hook_failures_total", { error }, hooks.failures.get(error) ?? 0);
	}
}
