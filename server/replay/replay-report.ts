import type { StateDifference } from "./compare-states.ts";
import { alignColumns, showValue } from "./dump-table.ts";
import type { Departure, Replay } from "./replay.ts";
import type { Comparison } from "./replay-on.ts";
import { showFault } from "./tick-fault.ts";

/** How long a replay took, against the time that its ticks took in the room. */
interface Speed {
	readonly ms: number;
	readonly ticksPerSecond: number;
	readonly timesRealTime: number;
}

export function speedOf(ticks: number, tickRate: number, ms: number): Speed {
	const ticksPerSecond = (ticks * 1000) / Math.max(ms, 0.001);
	return { ms, ticksPerSecond, timesRealTime: ticksPerSecond / tickRate };
}

function showSpeed(ticks: number, { ms, ticksPerSecond, timesRealTime }: Speed): string {
	const perSecond = Math.round(ticksPerSecond).toLocaleString("en");
	return `${ticks} ticks in ${ms.toFixed(0)} ms: ${perSecond} ticks/s, ${timesRealTime.toFixed(0)} times real time\n`;
}

function showCut(cut: number): string {
	return cut < 0 ? "" : `ERR_JOURNAL_CUT: the file breaks off at byte ${cut}; this is all of it\n`;
}

function showDifference({ table, row, column, type, before, after }: StateDifference): string {
	const values = `is ${showValue(after, type)}, recorded ${showValue(before, type)}`;
	return `${table}.${column}[${row}] ${values}`;
}

function showDeparture({ fromTick, toTick, hash, recordedHash, difference }: Departure): string {
	const when =
		toTick < fromTick
			? `the state before tick ${fromTick}`
			: toTick === fromTick
				? `tick ${toTick}`
				: `one of the ticks ${fromTick} to ${toTick}`;
	const lines = [`DIFFERS: ${when} came out otherwise (hash ${hash}, recorded ${recordedHash})`];
	if (difference) {
		const { tick } = difference;
		lines.push(`  at the next image, after tick ${tick}: ${showDifference(difference)}`);
	}
	return `${lines.join("\n")}\n`;
}

/** What a replay found, as text. */
export function showReplay(replay: Replay, speed: Speed): string {
	const { game, version, firstTick, lastTick, aborted, swaps, hashes, departure, fault } = replay;
	let text = `${game} v${version}, ticks ${firstTick} to ${lastTick}, ${aborted} aborted, ${swaps} swaps\n`;
	if (replay.time) text += `from ${replay.time.from} to ${replay.time.to}\n`;
	text += showSpeed(replay.ticks, speed);
	text += showCut(replay.cut);
	if (!replay.isSealedAlike) text += "this build seals modules otherwise: fuel is not compared\n";
	if (departure) text += showDeparture(departure);
	if (fault) text += showFault(fault);
	if (!departure && !fault) text += `identical: ${hashes} of ${hashes} recorded hashes\n`;
	return text;
}

/** What a comparison of two builds found, as text. */
export function showComparison(comparison: Comparison, speed: Speed): string {
	const { game, version, moduleHash, firstTick, lastTick, departure, faults, fuel } = comparison;
	let text = `${game} v${version} (${moduleHash.slice(0, 12)}) on ticks ${firstTick} to ${lastTick}\n`;
	text += showSpeed(comparison.ticks, speed);
	text += showCut(comparison.cut);
	for (const line of comparison.migration) text += `  ${line}\n`;
	for (const fault of faults) text += showFault(fault);
	if (comparison.gaveUp) text += `given up after ${faults.length} faults\n`;
	if (fuel) {
		const share = ((100 * fuel.max) / fuel.budget).toFixed(1);
		text += `fuel per tick: mean ${Math.round(fuel.mean)}, most ${fuel.max} in tick ${fuel.maxTick} (${share} % of its budget)\n`;
	} else text += "fuel: not counted, the module is not sealed\n";
	if (departure === null) return `${text}identical: every tick has the same columns\n`;
	const { tick } = departure;
	const when = tick < firstTick ? "before the first tick" : `tick ${tick}`;
	text += `DEPARTS: ${when}: ${showDifference(departure)}\n`;
	const apart = comparison.apart.filter(({ differing }) => differing > 0);
	return `${text}${alignColumns([
		["at the end", "rows", "that differ"],
		...apart.map(({ table, rows, differing }) => [`  ${table}`, `${rows}`, `${differing}`]),
	])}`;
}

/** JSON that covers every number a column can hold. */
export function toJson(value: unknown): string {
	return `${JSON.stringify(value, (_, v) =>
		typeof v === "bigint" || (typeof v === "number" && !Number.isFinite(v)) ? String(v) : v,
	)}\n`;
}
