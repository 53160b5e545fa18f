import type { RoomLine } from "../protocol/admin-answers.ts";
import { element, setText } from "./element.ts";
import { count, ms, percent } from "./format.ts";
import { Plot } from "./plot.ts";
import { RoomTrend } from "./room-trend.ts";
import { showWarnings } from "./warnings.ts";

/** One line of the list of rooms. */
export class RoomRow {
	readonly node: HTMLElement;
	private readonly trend = new RoomTrend();
	private readonly game = element("td", { class: "game" });
	private readonly players = element("td", { class: "number players" });
	private readonly tick = element("td", { class: "number tick" });
	private readonly worker = element("td", { class: "number worker" });
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
			this.worker,
			this.state,
		);
	}

	update(room: RoomLine, timeMs: number): void {
		setText(this.game, `${room.game} v${room.version}`);
		this.game.title = room.hash;
		setText(this.players, `${room.players} / ${room.maxPlayers}`);
		setText(this.tick, count(room.tick));
		setText(this.worker, room.worker === undefined ? "" : `worker ${room.worker}`);
		this.worker.title = `epoch ${room.epoch}`;
		showWarnings(this.state, room.warnings);
		this.node.classList.toggle(
			"alarm",
			room.warnings.some(({ grade }) => grade === "alarm"),
		);
		const rates = this.trend.update(room, timeMs);
		if (!rates) return;
		this.frame.push(rates.frameMs);
		this.lateness.push(rates.latenessMs);
		this.fuel.push(rates.fuelShare);
	}
}
