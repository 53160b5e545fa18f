import { ConfigError } from "../../server/config-error.ts";
import type { Spread, Summary } from "./summary.ts";

const SPREADS = ["snapshotGapMs", "inputLatencyMs", "joinMs", "rejoinMs"] as const;
const STATS = ["p50", "p90", "p95", "p99", "p999", "max", "count"] as const;
const NUMBERS = [
	"connected",
	"connectedAtEnd",
	"gone",
	"refused",
	"disconnects",
	"reconnects",
	"decodeErrors",
	"errors",
	"snapshotsPerSecond",
	"snapshotsPerSecondMin",
	"snapshotShare",
	"snapshotShareMin",
	"bytesPerSnapshot",
	"bytesPerClientPerSecond",
	"sentBytesPerClientPerSecond",
	"slowReaderDrops",
	"rooms",
	"toolCpu",
	"toolBusy",
	"toolLoopDelayMs",
] as const;
const SERVER = ["cpu", "tickLatenessP50Ms", "tickLatenessP99Ms", "droppedTicks", "rooms"] as const;

type Read = (summary: Summary) => number | null;

/** Of nothing there is no percentile: its 0 would pass for the best of all times. */
function readSpread(spread: Spread, stat: (typeof STATS)[number]): number | null {
	return stat === "count" || spread.count > 0 ? spread[stat] : null;
}

/** Every metric that a threshold can name. */
export const METRICS: ReadonlyMap<string, Read> = new Map<string, Read>([
	...NUMBERS.map((name): [string, Read] => [name, (summary) => summary[name]]),
	...SPREADS.flatMap((name) =>
		STATS.map((stat): [string, Read] => [
			`${name}.${stat}`,
			(summary) => readSpread(summary[name], stat),
		]),
	),
	...SERVER.map((name): [string, Read] => [`server.${name}`, ({ server }) => server[name]]),
]);

const OPERATORS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
	">": (a, b) => a > b,
	">=": (a, b) => a >= b,
	"<": (a, b) => a < b,
	"<=": (a, b) => a <= b,
	"==": (a, b) => a === b,
	"!=": (a, b) => a !== b,
};

/** A condition under which a run fails. */
export interface Threshold {
	readonly text: string;
	readonly metric: string;
	readonly operator: string;
	readonly bound: number;
}

/** What became of a threshold. */
export interface Verdict {
	readonly text: string;
	/** Null: the metric was not measured, which fails too: nothing is known. */
	readonly value: number | null;
	readonly failed: boolean;
}

/** Reads an expression such as `snapshotGapMs.p99>75`. @throws ConfigError */
export function readThreshold(text: string): Threshold {
	const parts = /^\s*([\w.]+)\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
	if (parts === null) {
		throw new ConfigError(`--fail-on must be such as 'snapshotGapMs.p99>75', not "${text}"`);
	}
	const [, metric = "", operator = "", bound = ""] = parts;
	if (!METRICS.has(metric)) {
		throw new ConfigError(
			`--fail-on knows no metric "${metric}"; it knows ${[...METRICS.keys()].join(", ")}`,
		);
	}
	return { text: `${metric}${operator}${bound}`, metric, operator, bound: Number(bound) };
}

export function judge(thresholds: readonly Threshold[], summary: Summary): Verdict[] {
	return thresholds.map(({ text, metric, operator, bound }) => {
		const value = METRICS.get(metric)?.(summary) ?? null;
		return { text, value, failed: value === null || (OPERATORS[operator]?.(value, bound) ?? true) };
	});
}
