import { CLOSE_CODES, type CloseName } from "../../../protocol/errors.ts";
import type { ServerCounters } from "../../counters.ts";
import type { EffectFigures } from "../../effects/effects.ts";
import { SWAP_POLICIES } from "../../swap/deployment.ts";
import { standardError } from "../json-log.ts";
import { Exposition, type Labels } from "./exposition.ts";
import { type Counted, FAULT_KINDS, FAULT_OUTCOMES, type GameMetrics } from "./game-metrics.ts";
import type { Histogram } from "./histogram.ts";
import type { ProcessMetrics } from "./process-metrics.ts";
import type { RoomMetrics } from "./room-metrics.ts";
import type { RoomWatch } from "./room-watch.ts";
import { writeEffects } from "./write-effects.ts";

/** What the metrics tell of a room log. */
interface RoomLogFigures {
	/** Whether a tick that is shown now survives what it should. */
	readonly isHeld: boolean;
	/** Bytes that are not where the durability wants them yet. */
	readonly lagBytes: number;
	readonly writtenBytes: number;
	readonly images: number;
}

interface MetricsSources {
	readonly version: string;
	readonly counters: ServerCounters;
	readonly rooms: RoomMetrics;
	readonly process: ProcessMetrics;
	/** The room log; null when nothing is logged. */
	readonly roomLog: RoomLogFigures | null;
	/** Results and hooks; null where nobody listens. */
	readonly effects: EffectFigures | null;
	/** Connections open now, and in total. */
	readonly connections: () => { open: number; accepted: number };
}

/** A counter's name, its help text, and the factor that converts it to its unit. */
const COUNTERS: Readonly<Record<Counted, readonly [name: string, help: string, scale?: number]>> = {
	ticks: ["hotstep_ticks_total", "Ticks computed."],
	abortedTicks: ["hotstep_ticks_aborted_total", "Tries at a tick that failed and were undone."],
	droppedTicks: ["hotstep_ticks_dropped_total", "Ticks whose time a room could not catch up."],
	droppedMs: ["hotstep_dropped_time_seconds_total", "Time that rooms could not catch up.", 0.001],
	snapshots: ["hotstep_snapshots_total", "Snapshots sent, one for each client."],
	skippedSnapshots: ["hotstep_snapshots_skipped_total", "Snapshots not sent to lagging clients."],
	inputsLate: ["hotstep_inputs_late_total", "Inputs that came after their tick."],
	inputsRepeated: ["hotstep_inputs_repeated_total", "Ticks of a player without an input."],
	inputsDropped: ["hotstep_inputs_dropped_total", "Inputs too early or for a tick that had one."],
	swaps: ["hotstep_swaps_total", "Rooms that changed to these rules."],
	rollbacks: ["hotstep_rollbacks_total", "Rooms that these rules were taken from again."],
	logLinesDropped: ["hotstep_log_lines_dropped_total", "Log lines of modules beyond the limit."],
};

const HISTOGRAMS: readonly [name: string, help: string, read: (game: GameMetrics) => Histogram][] =
	[
		[
			"hotstep_tick_duration_seconds",
			"Time of a room's frame: inputs, rules, encoding and writing to sockets.",
			(game) => game.tickSeconds,
		],
		[
			"hotstep_tick_lateness_seconds",
			"How long after its deadline a tick began.",
			(game) => game.latenessSeconds,
		],
		[
			"hotstep_encode_duration_seconds",
			"Time to encode a room's snapshot, once for all its clients.",
			(game) => game.encodeSeconds,
		],
		["hotstep_tick_fuel_ratio", "Share of its fuel that a tick spent.", (game) => game.fuelRatio],
	];

/** What `ServerCounters.deployments` counts by. */
const DEPLOYMENT_OUTCOMES = [...SWAP_POLICIES, "promote", "rollback", "refused", "retired"];

/** The rooms' current state, summed up by game and version. */
const GAUGES: readonly [name: string, help: string, read: (watch: RoomWatch) => number][] = [
	["hotstep_rooms", "Open rooms.", () => 1],
	["hotstep_rooms_paused", "Rooms that stand still.", ({ room }) => (room.isPaused ? 1 : 0)],
	["hotstep_clients", "Players in rooms.", ({ room }) => room.population],
	[
		"hotstep_clients_lagging",
		"Clients that get no snapshots until they have caught up.",
		({ room }) => [...room.seats.viewers].filter((viewer) => viewer.isBehind).length,
	],
	[
		"hotstep_module_memory_bytes",
		"Linear memory of the rooms' modules.",
		({ room }) => room.simulation.memoryBytes,
	],
	[
		"hotstep_history_bytes",
		"Images and inboxes that rooms hold to go back.",
		({ room }) => room.history.bytes,
	],
];

/** Everything that `/metrics` shows. */
export function writeMetrics(sources: MetricsSources): string {
	const out = new Exposition();
	out.family("hotstep_build_info", "gauge", "Always 1; the label says the version.");
	out.sample("hotstep_build_info", { version: sources.version }, 1);
	writeServer(out, sources);
	if (sources.roomLog) writeRoomLog(out, sources.roomLog);
	if (sources.effects) writeEffects(out, sources.effects);
	sources.rooms.settle();
	const games = [...sources.rooms.games.values()];
	writeTotals(out, games);
	writeGauges(out, games, sources.rooms);
	writeGames(out, games);
	sources.process.write(out);
	return out.text;
}

function labelsOf({ game, version, build }: GameMetrics): Labels {
	return { game, version, build };
}

function writeRoomLog(out: Exposition, log: RoomLogFigures): void {
	const held = "Whether a tick that is shown survives what --durability promises: 1 or 0.";
	out.single("hotstep_log_held", "gauge", held, log.isHeld ? 1 : 0);
	const lag = "Bytes that are not where --durability wants them yet.";
	out.single("hotstep_log_lag_bytes", "gauge", lag, log.lagBytes);
	const written = "Bytes written to the room log.";
	out.single("hotstep_log_written_bytes_total", "counter", written, log.writtenBytes);
	out.single("hotstep_log_images_total", "counter", "Images in the room log.", log.images);
}

function writeServer(out: Exposition, { counters, connections }: MetricsSources): void {
	const { open, accepted } = connections();
	out.single("hotstep_connections", "gauge", "Open WebSockets.", open);
	out.single("hotstep_connections_total", "counter", "WebSockets ever accepted.", accepted);
	out.single("hotstep_rooms_opened_total", "counter", "Rooms opened.", counters.roomsOpened);
	out.single("hotstep_rooms_closed_total", "counter", "Rooms closed.", counters.roomsClosed);
	out.single("hotstep_rooms_failed_total", "counter", "Rooms that a fault ended.", counters.faults);
	out.family(
		"hotstep_deployments_total",
		"counter",
		"Deployments by policy, and those refused or retired.",
	);
	for (const outcome of DEPLOYMENT_OUTCOMES) {
		out.sample("hotstep_deployments_total", { outcome }, counters.deployments.get(outcome) ?? 0);
	}
	out.family("hotstep_drops_total", "counter", "Connections that the server ended, by reason.");
	for (const reason of Object.keys(CLOSE_CODES) as CloseName[]) {
		out.sample("hotstep_drops_total", { reason }, counters.drops.get(reason) ?? 0);
	}
}

/**
 * Rare events, summed over games and builds. The series of a new build would start at 1, which
 * Prometheus does not see as an increase: alerts use these, which exist from the start.
 */
function writeTotals(out: Exposition, games: readonly GameMetrics[]): void {
	const total = (read: (game: GameMetrics) => number): number =>
		games.reduce((sum, game) => sum + read(game), 0);
	const stopped = total(({ journalsStopped }) => journalsStopped);
	out.single(
		"hotstep_journals_stopped_total",
		"counter",
		"Journals that could not be written on.",
		stopped,
	);
	out.single(
		"hotstep_log_lines_lost_total",
		"counter",
		"Lines of the log that nobody read in time.",
		standardError.lost,
	);
	const rollbacks = total(({ counts }) => counts.rollbacks);
	out.single(
		"hotstep_server_swaps_total",
		"counter",
		"Rooms whose rules changed.",
		total(({ counts }) => counts.swaps),
	);
	out.single(
		"hotstep_server_rollbacks_total",
		"counter",
		"Rooms that got their rules from before again.",
		rollbacks,
	);
	out.family(
		"hotstep_server_faults_total",
		"counter",
		"Ticks that failed in any room, by kind and what came of it.",
	);
	for (const kind of FAULT_KINDS) {
		for (const outcome of FAULT_OUTCOMES) {
			const count = total(({ faults }) => faults.get(`${kind} ${outcome}`) ?? 0);
			out.sample("hotstep_server_faults_total", { kind, outcome }, count);
		}
	}
}

function writeGauges(out: Exposition, games: readonly GameMetrics[], rooms: RoomMetrics): void {
	for (const [name, help, read] of GAUGES) {
		const sums = new Map(games.map((game) => [game, 0]));
		for (const watch of rooms.running) {
			sums.set(watch.metrics, (sums.get(watch.metrics) ?? 0) + read(watch));
		}
		out.family(name, "gauge", help);
		for (const [game, sum] of sums) out.sample(name, labelsOf(game), sum);
	}
}

function writeGames(out: Exposition, games: readonly GameMetrics[]): void {
	for (const [key, [name, help, scale = 1]] of Object.entries(COUNTERS)) {
		out.family(name, "counter", help);
		for (const game of games) out.sample(name, labelsOf(game), game.counts[key as Counted] * scale);
	}
	out.family("hotstep_fuel_units_total", "counter", "Fuel spent by ticks.");
	for (const game of games) out.sample("hotstep_fuel_units_total", labelsOf(game), game.fuel);
	out.family("hotstep_journal_bytes_total", "counter", "Bytes of journals written.");
	for (const game of games) {
		out.sample("hotstep_journal_bytes_total", labelsOf(game), game.journalBytes);
	}
	out.family("hotstep_snapshot_bytes_total", "counter", "Bytes of snapshots sent, by kind.");
	for (const game of games) {
		for (const [kind, bytes] of game.sentBytes) {
			out.sample("hotstep_snapshot_bytes_total", { ...labelsOf(game), kind }, bytes);
		}
	}
	out.family("hotstep_faults_total", "counter", "Ticks that failed, by kind and what came of it.");
	for (const game of games) {
		for (const [key, count] of game.faults) {
			const [kind = "", outcome = ""] = key.split(" ");
			out.sample("hotstep_faults_total", { ...labelsOf(game), kind, outcome }, count);
		}
	}
	for (const [name, help, read] of HISTOGRAMS) {
		out.family(name, "histogram", help);
		for (const game of games) out.histogram(name, labelsOf(game), read(game));
	}
}
