import type { BotsOptions } from "./options.ts";
import type { Tally } from "./tally.ts";

/** What `--json` writes. */
export interface Summary {
	clients: number;
	connected: number;
	disconnects: number;
	decodeErrors: number;
	/** Failures of all kinds; `errorsByName` tells them apart. */
	errors: number;
	errorsByName: Record<string, number>;
	seconds: number;
	/** Of each client, on average; and of the client that got the fewest and the most. */
	snapshotsPerSecond: number;
	snapshotsPerSecondMin: number;
	snapshotsPerSecondMax: number;
	bytesPerClientPerSecond: number;
	bytesPerSnapshot: number;
	snapshotGapMs: { p50: number; p99: number; max: number };
	/** From sending an input to the first snapshot that includes it. */
	inputLatencyMs: { p50: number; p99: number; max: number };
	/** Share of a core that the bots took, and how late their own timers were. */
	toolCpu: number;
	toolDelayP99Ms: number;
	/** False when the bots themselves were too busy for their timings to mean anything. */
	trustworthy: boolean;
	seed: number;
}

/** A thread whose timers are later than this sees its own lateness in every figure. */
const MAX_DELAY_MS = 25;

export interface Measured {
	tally: Tally;
	perBot: readonly number[];
	seconds: number;
	toolCpu: number;
	toolDelayP99Ms: number;
}

function round(n: number, digits: number): number {
	return Number(n.toFixed(digits));
}

export function summarise(options: BotsOptions, measured: Measured): Summary {
	const { tally, perBot, seconds, toolCpu, toolDelayP99Ms } = measured;
	const clients = Math.max(1, perBot.length);
	const rates = perBot.map((n) => n / seconds);
	return {
		clients: options.count,
		connected: tally.connected,
		disconnects: tally.disconnects,
		decodeErrors: tally.decodeErrors,
		errors: [...tally.errors.values()].reduce((a, b) => a + b, 0),
		errorsByName: Object.fromEntries(tally.errors),
		seconds: round(seconds, 2),
		snapshotsPerSecond: round(rates.reduce((a, b) => a + b, 0) / clients, 2),
		snapshotsPerSecondMin: round(Math.min(...(rates.length > 0 ? rates : [0])), 2),
		snapshotsPerSecondMax: round(Math.max(...(rates.length > 0 ? rates : [0])), 2),
		bytesPerClientPerSecond: Math.round(tally.bytes / clients / seconds),
		bytesPerSnapshot: round(tally.bytes / Math.max(1, tally.snapshots), 1),
		snapshotGapMs: tally.gapMs.summary,
		inputLatencyMs: tally.latencyMs.summary,
		toolCpu: round(toolCpu, 2),
		toolDelayP99Ms: round(toolDelayP99Ms, 1),
		trustworthy: toolDelayP99Ms <= MAX_DELAY_MS,
		seed: options.seed,
	};
}

export function formatSummary(s: Summary): string {
	const quantiles = ({ p50, p99, max }: Summary["snapshotGapMs"]): string =>
		`p50 ${p50}  p99 ${p99}  max ${max} ms`;
	const errors = Object.entries(s.errorsByName).map(([name, n]) => `${name} ${n}`);
	const lines = [
		`clients        ${s.connected} of ${s.clients} connected, ${s.disconnects} disconnects, ${s.decodeErrors} decode errors`,
		`errors         ${errors.length > 0 ? errors.join(", ") : "none"}`,
		`snapshots      ${s.snapshotsPerSecond}/s each (${s.snapshotsPerSecondMin} to ${s.snapshotsPerSecondMax})`,
		`bytes          ${s.bytesPerClientPerSecond}/s each, ${s.bytesPerSnapshot} per snapshot`,
		`snapshot gap   ${quantiles(s.snapshotGapMs)}`,
		`input latency  ${quantiles(s.inputLatencyMs)}`,
		`the bots       ${s.toolCpu} of a core, timers p99 ${s.toolDelayP99Ms} ms late, seed ${s.seed}`,
	];
	if (!s.trustworthy) lines.push("The bots were too busy: do not trust the timings above.");
	return `${lines.join("\n")}\n`;
}
