import type { Overview, RoomLine } from "../protocol/admin-answers.ts";
import { element, setText } from "./element.ts";
import { count, ms, percent } from "./format.ts";
import { Plot } from "./plot.ts";
import { RoomTrend } from "./room-trend.ts";

/** One line of the list. */
class RoomRow {
	readonly node: HTMLElement;
	private readonly trend = new RoomTrend();
	private readonly game = element("td", { class: "game" });
	private readonly players = element("td", { class: "number players" });
	private readonly tick = element("td", { class: "number tick" });
	private readonly state = element("td", { class: "state" });
	private readonly frame = new Plot({
		label: "tick",
		colour: "hue-1",
		atLeast: 0.5,
		format: ms,
		bare: true,
	});
	private readonly lateness = new Plot({
		label: "late",
		colour: "hue-3",
		atLeast: 2,
		format: ms,
		bare: true,
	});
	private readonly fuel = new Plot({
		label: "fuel",
		colour: "hue-2",
		atLeast: 0.01,
		format: percent,
		bare: true,
	});

	constructor(id: string) {
		const link = element("a", { href: `#/room/${encodeURIComponent(id)}` }, id);
		this.node = element(
			"tr",
			{ "data-room": id },
			element("td", { class: "id" }, link),
			this.game,
			this.players,
			this.tick,
			element("td", { class: "trend", "data-label": "tick time" }, this.frame.node),
			element("td", { class: "trend", "data-label": "lateness" }, this.lateness.node),
			element("td", { class: "trend", "data-label": "fuel" }, this.fuel.node),
			this.state,
		);
	}

	update(room: RoomLine, timeMs: number): void {
		setText(this.game, `${room.game} v${room.version}`);
		this.game.title = room.hash;
		setText(this.players, `${room.players} / ${room.maxPlayers}`);
		setText(this.tick, count(room.tick));
		setText(this.state, stateOf(room).join(" · "));
		const rates = this.trend.update(room, timeMs);
		if (!rates) return;
		this.frame.push(rates.frameMs);
		this.lateness.push(rates.latenessMs);
		this.fuel.push(rates.fuelShare);
	}
}

/** What is unusual about a room, in a few words. */
export function stateOf(room: RoomLine): string[] {
	const words: string[] = [];
	if (room.isPaused) words.push("paused");
	if (room.onProbation) words.push("on probation");
	if (room.abortedTicks > 0) words.push(`${count(room.abortedTicks)} failed`);
	if (room.droppedTicks > 0) words.push(`${count(room.droppedTicks)} dropped`);
	if (room.rollbacks > 0) words.push(`${count(room.rollbacks)} rolled back`);
	return words;
}

/** All rooms, a screenful at a time. */
export class RoomsView {
	readonly node: HTMLElement;
	offset = 0;
	private readonly rows = new Map<string, RoomRow>();
	private readonly body = element("tbody");
	private readonly nothing = element(
		"p",
		{ class: "nothing", hidden: true },
		"No room is open. One opens with its first player.",
	);
	private readonly pager = element("nav", { class: "pager", "aria-label": "Pages", hidden: true });
	private readonly pages = element("span");

	constructor(turn: (offset: number) => void) {
		const heads = ["Room", "Game", "Players", "Tick", "Tick time", "Lateness", "Fuel", ""];
		const table = element(
			"table",
			{ class: "rooms" },
			element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {}, head)))),
			this.body,
		);
		this.node = element("section", { "aria-label": "Rooms" }, table, this.nothing, this.pager);
		const button = (label: string, by: number) => {
			const made = element("button", { type: "button" }, label);
			made.addEventListener("click", () => turn(Math.max(0, this.offset + by)));
			return made;
		};
		this.pager.append(button("Previous", -200), this.pages, button("Next", 200));
	}

	update({ rooms, timeMs, roomCount, offset }: Overview): void {
		const seen = new Set<string>();
		for (const room of rooms) {
			seen.add(room.id);
			let row = this.rows.get(room.id);
			if (!row) {
				row = new RoomRow(room.id);
				this.rows.set(room.id, row);
				this.body.append(row.node);
			}
			row.update(room, timeMs);
		}
		for (const [id, row] of this.rows) {
			if (seen.has(id)) continue;
			row.node.remove();
			this.rows.delete(id);
		}
		this.nothing.hidden = roomCount > 0;
		this.pager.hidden = roomCount <= rooms.length && offset === 0;
		setText(
			this.pages,
			`${count(offset + 1)} to ${count(offset + rooms.length)} of ${count(roomCount)}`,
		);
	}
}
