import type { Spread, Summary } from "../metrics/summary.ts";
import type { Verdict } from "../metrics/thresholds.ts";

export type Row = readonly [name: string, text: string];

export function percent(share: number): string {
	return `${Math.round(share * 100)} %`;
}

function spread({ p50, p99, max, count }: Spread): string {
	return count === 0 ? "none" : `p50 ${p50}  p99 ${p99}  max ${max} ms`;
}

/** How many errors there were, and how many by each name. */
export function describeErrors({ errors, errorsByName }: Summary): string {
	if (errors === 0) return "0";
	const each = Object.entries(errorsByName).map(([name, n]) => `${n} ${name}`);
	return `${errors} (${each.join(", ")})`;
}

function describeServer({ server }: Summary): string {
	const { cpu, tickLatenessP50Ms, tickLatenessP99Ms, droppedTicks, missing } = server;
	const parts = [
		cpu === null ? "CPU not measured" : `${percent(cpu)} of a core`,
		tickLatenessP99Ms === null
			? "tick lateness not measured"
			: `ticks p50 ${(tickLatenessP50Ms ?? 0).toFixed(2)}  p99 ${tickLatenessP99Ms.toFixed(2)} ms late`,
		droppedTicks === null ? "dropped ticks not measured" : `${droppedTicks} ticks dropped`,
	];
	return `${parts.join(", ")}${missing === null ? "" : ` (${missing})`}`;
}

function disturbances(summary: Summary): Row[] {
	const { churned, stormed, slowReaders, slowReaderPauses, slowReaderDrops, rejoinMs } = summary;
	const rows: Row[] = [];
	if (churned > 0) rows.push(["churn", `${churned} left and came back as others`]);
	if (stormed > 0) rows.push(["storms", `${stormed} connections broken`]);
	if (rejoinMs.count > 0) rows.push(["rejoin", spread(rejoinMs)]);
	if (slowReaders > 0) {
		const text = `${slowReaders} paused ${slowReaderPauses} times, the server dropped ${slowReaderDrops}`;
		rows.push(["slow readers", text]);
	}
	return rows;
}

/** The metrics as rows for people. */
export function describe(summary: Summary): Row[] {
	const { toolWorkers, toolCpu, toolBusy, toolLoopDelayMs } = summary;
	const gone = summary.gone > 0 ? `, ${summary.gone} could not come back` : "";
	const rows: Row[] = [
		["connected", `${summary.connected} of ${summary.clients}, in ${summary.rooms} rooms${gone}`],
		["disconnects", `${summary.disconnects}, ${summary.reconnects} came back`],
		[
			"decode errors",
			`${summary.decodeErrors} in ${percent(summary.decodedShare)} of the snapshots`,
		],
		["errors", describeErrors(summary)],
		[
			"snapshots/s",
			`${summary.snapshotsPerSecond} per client (${summary.snapshotsPerSecondMin} to ${summary.snapshotsPerSecondMax}), ${(summary.snapshotShare * 100).toFixed(1)} % of what is due`,
		],
		[
			"bytes/s",
			`${summary.bytesPerClientPerSecond} to each client, ${summary.sentBytesPerClientPerSecond} from it`,
		],
		["snapshot gap", spread(summary.snapshotGapMs)],
		["input latency", spread(summary.inputLatencyMs)],
		["join", spread(summary.joinMs)],
		...disturbances(summary),
		["server", describeServer(summary)],
		[
			"this tool",
			`${percent(toolCpu)} of a core in ${toolWorkers.length} workers, the busiest ${percent(toolBusy)}, timers ${toolLoopDelayMs} ms late (p99)`,
		],
	];
	if (summary.trustReason !== null) rows.push(["DO NOT TRUST", summary.trustReason]);
	return rows;
}

export function describeVerdicts(verdicts: readonly Verdict[]): Row[] {
	return verdicts.map(({ text, value, failed }) => [
		failed ? "FAILED" : "passed",
		`${text}: ${value === null ? "not measured" : value}`,
	]);
}

/** What the metrics hold for: versions, rules and the machine. */
export function describeSetting({ machine, modules, server }: Summary): Row[] {
	const { hotstep, node, system, processor, cores, memoryBytes } = machine;
	const gib = (memoryBytes / 2 ** 30).toFixed(1);
	return [
		["server version", server.version ?? "not told"],
		["rules", modules.length === 0 ? "none met" : modules.join(", ")],
		["this machine", `${cores} × ${processor}, ${gib} GiB, ${system}`],
		["this tool", `hotstep ${hotstep}, Node ${node}`],
	];
}

export function inColumns(rows: readonly Row[]): string {
	return rows.map(([name, text]) => `  ${name.padEnd(14)}${text}\n`).join("");
}
