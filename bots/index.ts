/** The load tool as a library: whole runs in threads of their own, or one squad in this thread. */
export type { Behaviour, BotView } from "./behaviour.ts";
export { Crew, type CrewFigures } from "./crew.ts";
export { Histogram, type HistogramData } from "./figures/histogram.ts";
export { type Summary, summarise } from "./figures/summary.ts";
export { judge, readThreshold, type Threshold, type Verdict } from "./figures/thresholds.ts";
export { mergeTotals, type Totals } from "./figures/totals.ts";
export { loadBehaviour } from "./load-behaviour.ts";
export { type LoadOptions, readBotsOptions } from "./options.ts";
export { type LoadRun, runLoad } from "./run-load.ts";
export { Squad, type SquadOptions } from "./squad/squad.ts";
