import { performance } from "node:perf_hooks";
import type {
	FaultLine,
	Overview,
	PlayerLine,
	RoomAnswer,
	RoomLine,
} from "../../../protocol/admin-answers.ts";
import { VERSION } from "../../installation.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { RepeatedFault } from "../../room/fault-log.ts";
import type { Player } from "../../room/player.ts";
import type { Room } from "../../room/room.ts";
import type { RoomMetrics } from "../metrics/room-metrics.ts";
import type { AdminOptions } from "./admin.ts";
import { chooseRooms, judgeRooms, type RoomQuery, totalsOf } from "./choose-rooms.ts";
import { warningsOf } from "./warnings.ts";

function lineOf(room: Room, metrics: RoomMetrics): RoomLine {
	const { game, counters, simulation } = room;
	const watch = metrics.watchOf(room);
	return {
		id: room.id,
		game: game.name,
		version: game.version,
		hash: game.hash,
		tick: room.tick,
		tickRate: game.descriptor.tickRate,
		players: room.population,
		maxPlayers: game.descriptor.maxPlayers,
		isPaused: room.isPaused,
		onProbation: room.probation !== null,
		frames: watch?.frames ?? 0,
		frameMs: watch?.frameMs ?? 0,
		latenessMs: counters.latenessSumMs,
		fuel: watch?.fuel ?? 0,
		frameMsPeak: watch?.frameMsPeak.value ?? 0,
		latenessMsPeak: watch?.latenessMsPeak.value ?? 0,
		fuelPeak: watch?.fuelPeak.value ?? 0,
		fuelPerTick: simulation.fuelPerTick,
		snapshotBytes: counters.snapshotBytes,
		droppedTicks: counters.droppedTicks,
		abortedTicks: counters.abortedTicks,
		rollbacks: counters.rollbacks,
		warnings: warningsOf(room, watch),
		epoch: room.epoch,
	};
}

/** The whole server, and some of its rooms: those that match, `limit` of them from `offset` on. */
export function overview(
	options: AdminOptions,
	query: RoomQuery,
	offset: number,
	limit: number,
): Overview {
	const { directory, counters, connections, processMetrics, metrics, closed } = options;
	const judged = judgeRooms(directory.rooms.values(), (room) => metrics.watchOf(room));
	const chosen = chooseRooms(judged, query);
	const { user, system } = process.cpuUsage();
	const { delay, utilization } = processMetrics.readLoop();
	const { rss, heapUsed } = process.memoryUsage();
	return {
		timeMs: performance.now(),
		version: VERSION,
		uptimeSeconds: Math.round((Date.now() - counters.startedAt) / 1000),
		connections: connections(),
		faults: counters.faults,
		process: {
			cpuSeconds: (user + system) / 1e6,
			rssBytes: rss,
			heapBytes: heapUsed,
			loopP99Ms: delay.p99 * 1000,
			loopUtilization: utilization,
		},
		roomCount: directory.rooms.size,
		matched: chosen.length,
		totals: totalsOf(judged),
		closed: { failed: closed.failed, revision: closed.revision },
		auditRevision: options.audit?.revision ?? 0,
		roomLog: options.roomLog(),
		offset,
		rooms: chosen.slice(offset, offset + limit).map(({ room }) => lineOf(room, metrics)),
	};
}

function playerLine(player: Player): PlayerLine {
	const { number, name, inputs, viewer } = player;
	const { pingMs = -1 } = viewer?.sink ?? {};
	return {
		number,
		name,
		pingMs: pingMs < 0 ? null : pingMs,
		slackTicks: inputs.slack,
		isHeld: viewer === null,
		lagTicks: viewer && viewer.sentTick >= 0 ? viewer.sentTick - viewer.ackTick : 0,
		isBehind: viewer?.isBehind ?? false,
		skippedSnapshots: viewer?.skippedSnapshots ?? 0,
		inputsLate: inputs.late,
		inputsRepeated: inputs.repeated,
		inputsDropped: inputs.dropped,
	};
}

function faultLine({ report, count, firstTick }: RepeatedFault): FaultLine {
	const { outcome } = report;
	const without = outcome.kind === "retried" ? outcome.withoutPlayer : null;
	return {
		tick: report.tick,
		firstTick,
		count,
		kind: report.kind,
		detail: report.detail,
		version: report.version,
		hash: report.moduleHash,
		frames: report.frames,
		outcome: outcome.kind,
		withoutPlayer: without === "all" ? -1 : without,
		fuelSpent: report.fuelSpent,
		inboxBytes: report.inbox.length / 2,
		inbox: report.inbox.slice(0, SERVER_LIMITS.adminInboxChars),
	};
}

/** One room: its players, its faults, the ticks available, and the rules it could get. */
export function roomAnswer(
	room: Room,
	options: Pick<AdminOptions, "directory" | "deployments" | "metrics">,
): RoomAnswer {
	const { history, recorder } = room;
	const file = recorder?.file ?? null;
	// right after a swap there is no past yet
	const memoryTick = history.oldestImageTick ?? room.tick;
	const current = options.directory.games.get(room.game.name) ?? null;
	const previous = options.deployments.previousOf(room.game.name);
	return {
		timeMs: performance.now(),
		room: lineOf(room, options.metrics),
		seed: room.seed,
		players: [...room.players.values()].filter((player) => !player.isLeaving).map(playerLine),
		faults: room.faults.repeated.map(faultLine),
		moments: room.moments.list,
		closed: null,
		recorded: {
			fromTick: file === null ? memoryTick : 0,
			toTick: room.tick,
			memoryTick,
			// the folder stays private
			file: file?.replace(/^.*[\\/]/, "") ?? null,
			bytes: recorder?.bytes ?? 0,
			stopped: recorder?.stopped ?? null,
		},
		memoryBytes: room.simulation.memoryBytes,
		historyBytes: history.bytes,
		current: current && { version: current.version, hash: current.hash },
		previous: previous && { version: previous.version, hash: previous.hash },
	};
}

/** What is kept of a closed room: it no longer changes. */
export function lastAnswer(
	room: Room,
	options: Pick<AdminOptions, "directory" | "deployments" | "metrics">,
): RoomAnswer {
	const answer = roomAnswer(room, options);
	const { recorded } = answer;
	return {
		...answer,
		players: [],
		moments: answer.moments.map((moment) => ({ ...moment })),
		// what is not in a journal was lost with the room
		recorded: {
			...recorded,
			fromTick: recorded.file === null ? room.tick : 0,
			memoryTick: room.tick,
		},
		current: null,
		previous: null,
	};
}
