import type { StateDifference } from "../replay/compare-states.ts";
import { alignColumns, showValue } from "../replay/dump-table.ts";
import { showFault } from "../replay/tick-fault.ts";
import type { AmnesiaResult } from "./amnesia-test.ts";
import type { Check } from "./check-game.ts";
import type { ModuleDescription, TableDescription } from "./describe-module.ts";
import type { GrowthResult } from "./growth-test.ts";
import type { SyncResult } from "./sync-test.ts";

function bytes(n: number): string {
	if (n < 1024) return `${n} B`;
	return n < 1024 * 1024 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1024 / 1024).toFixed(1)} MiB`;
}

function list(items: readonly string[]): string {
	return items.length === 0 ? "none" : items.join(", ");
}

function showTable(table: TableDescription): string {
	const { name, was, capacity, bytesPerRow, publicBytesPerRow, columns } = table;
	const former = was === null ? "" : `, was ${was}`;
	const head = `table ${name}${former}: ${capacity} rows of ${bytesPerRow} B, ${publicBytesPerRow} B of them public\n`;
	const lines = columns.map((column) => [
		`  ${column.name}`,
		column.type,
		column.quantisation,
		column.interpolation,
		column.notes.join(", "),
	]);
	return head + alignColumns(lines, 5);
}

function showModule(module: ModuleDescription): string {
	const { memory } = module;
	const lines = [
		`${module.name} v${module.version}  ${module.hash}`,
		`${module.tickRate} ticks/s, ${module.snapshotRate} snapshots/s, up to ${module.maxPlayers} players`,
		`file ${bytes(module.rawBytes)}, sealed ${bytes(module.sealedBytes)}: ${module.functions} functions, ${module.fuelPoints} fuel charges, ${module.mutableGlobals} mutable globals`,
		`memory ${bytes(memory.initial)}, at most ${bytes(memory.maximum)}; inbox ${bytes(module.inboxBytes)}, outbox ${bytes(module.outboxBytes)}`,
		`imports ${list(module.imports)}`,
		`exports ${list(module.exports)}`,
		`input of ${module.inputBytes} B: ${list(module.input)}`,
		`events: ${list(module.events)}`,
	];
	return `${lines.join("\n")}\n\n${module.tables.map(showTable).join("\n")}`;
}

function showPlay(play: Check["play"], { tickRate }: ModuleDescription): string {
	const { fuel, tickMs } = play;
	const share = (ms: number): string => `${((100 * ms * tickRate) / 1000).toFixed(1)} %`;
	const lines = [
		fuel === null
			? "fuel: none was used"
			: `fuel per tick: mean ${Math.round(fuel.mean)}, most ${fuel.max} in tick ${fuel.maxTick}, of ${fuel.budget}`,
		`time per tick: mean ${tickMs.mean.toFixed(3)} ms (${share(tickMs.mean)} of its time), p99 ${tickMs.p99.toFixed(3)}, most ${tickMs.max.toFixed(3)}`,
		`memory ${bytes(play.memoryBytes)}, ${play.messages} messages out, ${play.messagesDropped} that did not fit, ${play.logLines} log lines`,
	];
	return `${lines.join("\n")}\n${play.fault ? showFault(play.fault) : ""}`;
}

function showDifference({ table, row, column, type, before, after }: StateDifference): string {
	return `${table}.${column}[${row}] is ${showValue(after, type)} instead of ${showValue(before, type)}`;
}

function showPassed(test: string, checks: number): string {
	return checks > 0 ? `${test}: ok, ${checks} times\n` : `${test}: NOT DONE, too few ticks ran\n`;
}

function showSync({ checks, failure }: SyncResult): string {
	if (!failure) return showPassed("sync test", checks);
	const { savedTick, tick, difference, detail } = failure;
	const what = difference ? showDifference(difference) : detail;
	return `SYNC TEST FAILS: saved before tick ${savedTick} and run again, tick ${tick} comes out otherwise:\n  ${what}\n  so a rollback, a replay or a prediction may go another way\n`;
}

function showAmnesia({ checks, failure }: AmnesiaResult): string {
	if (!failure) return showPassed("amnesia test", checks);
	const { forgottenTick, tick, difference, detail } = failure;
	const what = difference ? showDifference(difference) : detail;
	const when = tick < forgottenTick ? "the start" : `tick ${tick}`;
	return `AMNESIA TEST FAILS: with the columns alone from tick ${forgottenTick} on, ${when} comes out otherwise:\n  ${what}\n  so the game keeps state outside its columns, which a swap would lose\n`;
}

function showDuration(seconds: number): string {
	if (seconds < 120) return `${Math.round(seconds)} s`;
	return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function showGrowth({ ticks, growth }: GrowthResult, module: ModuleDescription): string {
	const { tickRate, memory } = module;
	const played = showDuration(ticks / tickRate);
	if (!growth) return `growth test: ok, memory is used again and again in ${played}\n`;
	const rate = bytes(Math.max(1, Math.round(growth.bytesPerTick * tickRate)));
	const lines = [
		`GROWTH TEST FAILS: ${rate} a second are used and not given back, all through ${played}:`,
		...growth.frames.slice(0, 8).map((frame) => `  at ${frame}`),
		`  so a room's ${bytes(memory.maximum)} are used up after about ${showDuration(growth.ticksLeft / tickRate)} more, and the room ends`,
	];
	return `${lines.join("\n")}\n`;
}

/** What a check found, as text. */
export function showCheck(check: Check): string {
	const { module, play, sync, amnesia, growth, seed, players } = check;
	const head = `${play.ticks} ticks with ${players} random players (--seed ${seed})\n`;
	return `${showModule(module)}\n${head}${showPlay(play, module)}${showSync(sync)}${showAmnesia(amnesia)}${showGrowth(growth, module)}`;
}
