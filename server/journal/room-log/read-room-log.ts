import type { Image } from "../../../protocol/abi/image.ts";
import type { Effect } from "../../room/effect.ts";
import { inflateTo } from "../deflate.ts";
import { applyChanges } from "./image-changes.ts";
import { diskFolder, type LogFolder } from "./log-folder.ts";
import {
	type LoggedRules,
	type LoggedSeat,
	type LogProblem,
	logProblem,
	parseSegmentFile,
	seriesOf,
} from "./log-format.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import type { HeldBudget, RoomTrack } from "./room-track.ts";
import { SeriesReader } from "./series-reader.ts";

/** A stretch (`server/history/stretch.ts`) as the log has it. */
export interface LoggedStretch {
	readonly firstTick: number;
	/** Null when the room is still where `hs_init` with its seed left it, before tick 0. */
	readonly image: Image | null;
	/** Inbox of each tick from `firstTick` on, null for one that came to nothing. */
	readonly inboxes: readonly (Uint8Array | null)[];
}

/** A room that is open, in its newest epoch. */
export interface LoggedRoom extends LoggedRules {
	readonly id: string;
	readonly epoch: number;
	readonly game: string;
	readonly seed: number;
	readonly settings: Uint8Array;
	readonly seats: readonly LoggedSeat[];
	readonly stretch: LoggedStretch;
	/** Requests whose answers never reached it. */
	readonly requests: readonly Effect[];
	/** The last state hash that was written down, of the state before `tick`; null when none lies in the stretch. */
	readonly lastHash: { readonly tick: number; readonly hash: string } | null;
	/** Series that it was written in. */
	readonly series: string;
	/** Ticks and images that the log has of it. */
	readonly ticks: number;
	readonly images: number;
}

/** A room of which nothing that is certain can be had. */
interface RefusedRoom {
	readonly id: string;
	readonly epoch: number;
	readonly series: string;
	readonly problem: LogProblem;
}

export interface ClosedRoom {
	readonly id: string;
	readonly epoch: number;
	readonly tick: number;
	readonly why: string;
}

/** A result, and the series in which it was written. */
interface LoggedResult {
	readonly series: string;
	readonly result: Effect;
}

interface LogFile {
	readonly name: string;
	readonly series: string;
	readonly bytes: number;
	readonly blocks: number;
	/** Where a crash cut it off, null when it ends with a whole block. */
	readonly cutAt: number | null;
	/** Ids of the rooms that it tells of. */
	readonly rooms: ReadonlySet<string>;
}

export interface RoomLogContents {
	readonly rooms: readonly LoggedRoom[];
	readonly refused: readonly RefusedRoom[];
	/** Rooms that are over and still mentioned. */
	readonly closed: readonly ClosedRoom[];
	/** What rooms said to be kept, those that are over or refused too; the last of it at least. */
	readonly results: readonly LoggedResult[];
	/** Damage, in the order in which it was found; rooms that it harmed are among the refused. */
	readonly problems: readonly LogProblem[];
	readonly files: readonly LogFile[];
}

/** The last image of a chain, or why it cannot be had. */
function unpack(track: RoomTrack): Image | null | string {
	const last = track.chain.at(-1);
	if (last === undefined) return null;
	const bytes = new Uint8Array(last.length);
	for (const { length, runs } of track.chain) {
		const unpacked = runs.packing === "plain" ? runs.bytes : inflateTo(runs.bytes, runs.length);
		if (typeof unpacked === "string") return unpacked;
		// memory only grows: an earlier image changes nothing behind its end
		if (length > last.length) return "its memory shrinks";
		if (!applyChanges(bytes.subarray(0, length), unpacked)) return "changes leave its memory";
	}
	return { bytes, length: last.length, globals: [...last.globals] };
}

function finish(track: RoomTrack, series: string): LoggedRoom | RefusedRoom {
	const { id, epoch, about, firstInbox, inboxes, lastHash, ticks, images } = track;
	const file = [...track.files].at(-1) ?? series;
	const refuse = (problem: LogProblem): RefusedRoom => ({ id, epoch, series, problem });
	if (track.problem !== null) return refuse(track.problem);
	const isComplete = about !== null && (track.chain.length > 0 || about.firstTick === 0);
	if (!isComplete) {
		return refuse(logProblem("ERR_LOG_GAP", `room ${id}: its beginning is missing`, file));
	}
	const image = unpack(track);
	if (typeof image === "string") {
		return refuse(logProblem("ERR_LOG_IMAGE", `room ${id}: ${image}`, file));
	}
	const { game, seed, settings, moduleHash, rawHash } = about;
	return {
		...{ id, epoch, game, seed, settings, moduleHash, rawHash, series, ticks, images },
		lastHash: lastHash !== null && lastHash.tick >= firstInbox ? lastHash : null,
		seats: [...track.seats.values()].sort((a, b) => a.number - b.number),
		requests: track.requests.list,
		stretch: { firstTick: firstInbox, image, inboxes },
	};
}

/** Whose track counts for a room: the one of the highest epoch, in a series the one that came last. */
class Newest {
	private readonly best = new Map<string, { track: RoomTrack; series: string; twice: string[] }>();

	add(track: RoomTrack, series: string): void {
		const other = this.best.get(track.id);
		if (other && other.track.epoch > track.epoch) return;
		if (other && other.track.epoch === track.epoch && other.series !== series) {
			other.twice.push(series);
			return;
		}
		this.best.set(track.id, { track, series, twice: [] });
	}

	values(): Iterable<{ track: RoomTrack; series: string; twice: string[] }> {
		return this.best.values();
	}
}

/** A folder whose files keep going while it is read is listed so often. */
const MOST_TRIES = 5;

function restless(): LogProblem {
	return logProblem("ERR_LOG_MISSING", "files are deleted faster than they are read", "the folder");
}

/** Reads all series of a folder; null when a file went meanwhile. */
function readSeries(from: LogFolder, names: readonly { name: string; bytes: number }[]) {
	const budget: HeldBudget = { bytes: LOG_LIMITS.allInboxBytes };
	let rooms = 0;
	const mayAdd = (): boolean => ++rooms <= LOG_LIMITS.rooms;
	const readers = new Map<string, SeriesReader>();
	const files: LogFile[] = [];
	const sorted = names
		.flatMap(({ name, bytes }) => {
			const about = parseSegmentFile(name);
			return about === null ? [] : [{ name, bytes, n: about.n, series: seriesOf(about) }];
		})
		.sort((a, b) => (a.series === b.series ? a.n - b.n : a.series < b.series ? -1 : 1));
	for (const { name, bytes, series } of sorted) {
		const reader = readers.get(series) ?? new SeriesReader(budget, mayAdd);
		readers.set(series, reader);
		const source = from.open(name);
		if (source === null) return null;
		if ("error" in source) {
			reader.damaged(source);
			files.push({ name, series, bytes, blocks: 0, cutAt: null, rooms: new Set() });
			continue;
		}
		try {
			files.push({ name, series, bytes, ...reader.read(name, source) });
		} finally {
			source.close();
		}
	}
	return { readers, files };
}

/**
 * Reads the logs of all workers in a folder, of all their lives. Of each room the highest epoch counts. A torn
 * tail is cut; any other damage is told with its place, and costs no rooms but those that it may have
 * touched. Whatever the bytes, a room is there as it was written, or refused with a name.
 */
export function readRoomLog(folder: string | LogFolder): RoomLogContents {
	const from = typeof folder === "string" ? diskFolder(folder) : folder;
	let read: ReturnType<typeof readSeries> = null;
	// while it is read a server may delete a segment and go on in another
	for (let tries = 0; read === null; tries++) {
		const names = from.list();
		const wrong = "error" in names ? names : tries < MOST_TRIES ? null : restless();
		if (wrong !== null)
			return { rooms: [], refused: [], closed: [], results: [], problems: [wrong], files: [] };
		if (!("error" in names)) read = readSeries(from, names);
	}
	const { readers, files } = read;
	const newest = new Newest();
	const problems: LogProblem[] = [];
	const results: LoggedResult[] = [];
	for (const [series, reader] of readers) {
		problems.push(...reader.problems);
		for (const track of reader.tracks.values()) {
			newest.add(track, series);
			for (const result of track.results) results.push({ series, result });
		}
	}
	const rooms: LoggedRoom[] = [];
	const refused: RefusedRoom[] = [];
	const closed: ClosedRoom[] = [];
	for (const { track, series, twice } of newest.values()) {
		const { id, epoch } = track;
		if (twice.length > 0) {
			const what = `room ${id}: ${[series, ...twice].join(" and ")} both had it in epoch ${epoch}`;
			refused.push({ id, epoch, series, problem: logProblem("ERR_LOG_TWICE", what, series) });
		} else if (track.closed !== null) closed.push({ id, epoch, ...track.closed });
		else {
			const room = finish(track, series);
			if ("problem" in room) refused.push(room);
			else rooms.push(room);
		}
	}
	return { rooms, refused, closed, results, problems, files };
}

/**
 * Files that nobody needs any more: each room in them is over, or `isElsewhere` says that it goes on in
 * another series, where its newer epoch has been written. Only those of `dead` series, which nobody writes, can go.
 */
export function expiredFiles(
	{ files, rooms, refused }: RoomLogContents,
	isElsewhere: (id: string, epoch: number) => boolean,
	dead: ReadonlySet<string>,
): string[] {
	const needed = new Set(
		[...rooms, ...refused]
			.filter(({ id, epoch }) => !isElsewhere(id, epoch))
			.map(({ series }) => series),
	);
	return files
		.filter(({ series }) => dead.has(series) && !needed.has(series))
		.map(({ name }) => name);
}
