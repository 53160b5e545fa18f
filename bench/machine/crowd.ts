import { setTimeout as pause } from "node:timers/promises";
import { ChildError } from "../load/child.ts";
import { MachineServer } from "./machine-server.ts";
import { Players } from "./players.ts";

/** A server with players in its rooms. */
export interface Crowd {
	readonly server: MachineServer;
	readonly players: Players;
	readonly rooms: readonly string[];
	readonly count: number;
	/** What was wanted and could not be had, in words; none when all came in. */
	readonly missed: readonly string[];
}

/** Where nobody is behind any more. */
const SETTLE_MS = 5_000;
/** A gap that a machine with too much to do shows before anything happens to it, ms. */
const SOUND_GAP_MS = 150;
const LOOK_MS = 3_000;
/** A machine that cannot hold the wanted load is tried with half of it, so often. */
const HALVINGS = 4;

async function tryCrowd(rooms: number, perRoom: number, missed: readonly string[]): Promise<Crowd> {
	const server = await MachineServer.start(2);
	let players: Players | null = null;
	try {
		const ids = await server.openRooms(rooms);
		const count = rooms * perRoom;
		players = new Players({ port: server.port, rooms: ids, players: count });
		await players.join();
		await pause(SETTLE_MS);
		const gapMs = (await players.observe(LOOK_MS)).gaps.percentileMs(0.99);
		if (gapMs > SOUND_GAP_MS)
			throw new ChildError(`gap p99 ${Math.round(gapMs)} ms before it begins`);
		return { server, players, rooms: ids, count, missed };
	} catch (thrown) {
		await players?.stop();
		await server.stop();
		throw thrown;
	}
}

/**
 * Runs with so many rooms of arena on two workers, or with as many as this machine holds beside their players: a
 * measurement of a machine that has too much to do says nothing.
 *
 * @throws ChildError when it holds not even a sixteenth
 */
export async function withCrowd<T>(
	rooms: number,
	perRoom: number,
	run: (crowd: Crowd) => Promise<T>,
): Promise<T> {
	const missed: string[] = [];
	for (let i = 0; ; i++) {
		const some = Math.max(1, Math.round(rooms / 2 ** i));
		let crowd: Crowd;
		try {
			crowd = await tryCrowd(some, perRoom, missed);
		} catch (thrown) {
			const { message } = thrown as Error;
			if (i === HALVINGS || !(thrown instanceof ChildError)) throw thrown;
			missed.push(`${some} rooms × ${perRoom}: ${message}`);
			continue;
		}
		try {
			return await run(crowd);
		} finally {
			await crowd.players.stop();
			await crowd.server.stop();
		}
	}
}
