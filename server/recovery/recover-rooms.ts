import { setImmediate as nextTurn } from "node:timers/promises";
import type { Refusal } from "../../protocol/refusal.ts";
import type { Attempts } from "../journal/room-log/attempts.ts";
import type { LoggedRoom } from "../journal/room-log/read-room-log.ts";
import { planRecovery } from "../journal/room-log/recovery-plan.ts";
import type { Log } from "../log.ts";
import type { GameModule } from "../module/game-module.ts";
import type { ModuleFiles } from "../module/module-files.ts";
import type { Room } from "../room/room.ts";
import type { RoomDirectory } from "../room/room-directory.ts";
import { rebuildRoom } from "./rebuild-room.ts";

export interface RecoveryOptions {
	readonly directory: RoomDirectory;
	readonly modules: ModuleFiles;
	readonly attempts: Attempts;
	readonly log: Log;
	/** Milliseconds since 1970. */
	readonly wallClock: () => number;
	/** Hears of each room at once; null for one that could not be had. */
	readonly onRoom: (id: string, room: Room | null) => void;
}

/** What came of a recovery. */
export interface Recovered {
	readonly rooms: readonly Room[];
	/** Rooms that could not be brought back as they were, and why. */
	readonly lost: readonly (Refusal & { readonly id: string })[];
}

/**
 * Brings rooms back from their log, one after the other, so that rooms that run get their turns in between. Each
 * attempt is noted on the disk before it is made: a room that kills its process is tried with less the next time.
 */
export async function recoverRooms(
	logged: readonly LoggedRoom[],
	options: RecoveryOptions,
): Promise<Recovered> {
	const rooms: Room[] = [];
	const lost: (Refusal & { id: string })[] = [];
	const games = new Map<string, GameModule | Refusal>();
	for (const room of logged) {
		await nextTurn();
		const found = games.get(room.rawHash) ?? (await findGame(room, options));
		games.set(room.rawHash, found);
		const result = "error" in found ? found : await recoverRoom(room, found, options);
		if ("error" in result) {
			lost.push({ id: room.id, error: result.error, detail: result.detail });
			const { error, detail } = result;
			options.log("error", "room not recovered", { room: room.id, error, detail });
			options.onRoom(room.id, null);
		} else {
			rooms.push(result);
			options.onRoom(room.id, result);
		}
	}
	return { rooms, lost };
}

async function findGame(
	{ moduleHash, rawHash }: LoggedRoom,
	{ directory, modules }: RecoveryOptions,
): Promise<GameModule | Refusal> {
	for (const game of directory.games.values()) if (game.hash === moduleHash) return game;
	try {
		const game = await modules.load(rawHash);
		if (game.hash === moduleHash) return game;
		return {
			error: "ERR_LOG_MODULE",
			detail: `this version seals the module ${rawHash} in another way`,
		};
	} catch (thrown) {
		return { error: "ERR_LOG_MODULE", detail: (thrown as Error).message };
	}
}

async function recoverRoom(
	logged: LoggedRoom,
	game: GameModule,
	{ directory, attempts, log, wallClock }: RecoveryOptions,
): Promise<Room | Refusal> {
	const { tickRate } = game.descriptor;
	const plan = planRecovery(logged, attempts.count(logged, tickRate), tickRate);
	if (plan.report !== null) log("error", "room kills its process", { report: plan.report });
	const { stretch } = plan;
	if (stretch === null) return { error: "ERR_LOG_POISON", detail: plan.report ?? "" };
	const unnoted = attempts.note(logged);
	if (unnoted !== null) log("error", "attempt not noted", { room: logged.id, detail: unnoted });
	const saved = rebuildRoom(logged, { ...plan, stretch }, game, directory.settings, wallClock());
	if ("error" in saved) return saved;
	const room = directory.adopt(saved, game);
	if ("error" in room) return room;
	const { id, tick, epoch } = room;
	log("info", "room recovered", { room: id, tick, epoch, seats: saved.seats.length });
	return room;
}
