/** The load tool as a library: whole runs in threads of their own, or one worker in this thread. */
export type { Behaviour, BotView } from "./behaviour.ts";
export { loadBehaviour } from "./load-behaviour.ts";
export { Histogram, type HistogramData } from "./metrics/histogram.ts";
export { type Summary, summarise, type WindowMetrics } from "./metrics/summary.ts";
export { judge, readThreshold, type Threshold, type Verdict } from "./metrics/thresholds.ts";
export { mergeTotals, type Totals } from "./metrics/totals.ts";
export { type LoadOptions, readBotsOptions } from "./options.ts";
export { type LoadRun, runLoad } from "./run-load.ts";
export { BotWorker, type WorkerOptions } from "./worker/bot-worker.ts";
export { Workers } from "./workers.ts";
