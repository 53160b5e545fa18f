import type { Report } from "./messages/report.ts";

/** What the supervisor must know of a room. */
interface ReportedRoom {
	readonly id: string;
	readonly population: number;
	readonly game: { readonly name: string; readonly descriptor: { readonly maxPlayers: number } };
}

/** Tells the supervisor which rooms a worker has, and how many of their seats are taken. */
export class RoomReporter {
	private readonly told = new Map<string, number>();

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
		for (const { id, population, game } of rooms.values()) {
			const before = this.told.get(id);
			if (before === population && !all) continue;
			this.told.set(id, population);
			const { maxPlayers } = game.descriptor;
			if (before !== undefined) changed.push({ id, players: population });
			else opened.push({ id, game: game.name, maxPlayers, players: population });
		}
		const closed = [...this.told.keys()].filter((id) => !rooms.has(id));
		for (const id of closed) this.told.delete(id);
		if (opened.length + changed.length + closed.length === 0) return null;
		return { type: "rooms", opened, changed, closed };
	}
}
