import type { Report } from "./messages/report.ts";

/** What the supervisor must know of a room. */
interface ReportedRoom {
	readonly id: string;
	readonly population: number;
	readonly epoch: number;
	readonly game: { readonly name: string; readonly descriptor: { readonly maxPlayers: number } };
}

/** Tells the supervisor which rooms a worker has, and how many of their seats are taken. */
export class RoomReporter {
	private readonly told = new Map<string, { players: number; epoch: number }>();

	/**
	 * What is different from the last time; null when nothing is. `all`: every room's seats, since the supervisor counts
	 * clients on their way there, who may not come.
	 */
	report(
		rooms: ReadonlyMap<string, ReportedRoom>,
		all: boolean,
	): Extract<Report, { type: "rooms" }> | null {
		const opened: Extract<Report, { type: "rooms" }>["opened"] = [];
		const changed: { id: string; players: number }[] = [];
		for (const { id, population, epoch, game } of rooms.values()) {
			const told = this.told.get(id);
			// one that went and came again meanwhile is as new
			const before = told?.epoch === epoch ? told.players : undefined;
			if (before === population && !all) continue;
			this.told.set(id, { players: population, epoch });
			const { maxPlayers } = game.descriptor;
			if (before !== undefined) changed.push({ id, players: population });
			else opened.push({ id, game: game.name, maxPlayers, players: population, epoch });
		}
		const closed: { id: string; epoch: number }[] = [];
		for (const [id, { epoch }] of this.told) if (!rooms.has(id)) closed.push({ id, epoch });
		for (const { id } of closed) this.told.delete(id);
		if (opened.length + changed.length + closed.length === 0) return null;
		return { type: "rooms", opened, changed, closed };
	}
}
