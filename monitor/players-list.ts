import type { PlayerLine } from "../protocol/admin-answers.ts";
import { armedButton, element, setText } from "./element.ts";
import { count, ms } from "./format.ts";

const HEADS: readonly (readonly [label: string, title: string])[] = [
	["#", "Seat"],
	["Name", ""],
	// for a button, where a phone shows it without scrolling
	["", ""],
	["Ping", "Of the last heartbeat"],
	["Slack", "Ticks by which the last input came before the tick it was for"],
	["Lag", "Ticks between the last snapshot sent and the last one applied"],
	["Late", "Inputs after their tick"],
	["Repeated", "Ticks without an input"],
	["Skipped", "Snapshots not sent while behind"],
];

/** Who is here and how their connections do. */
export class PlayersList {
	readonly node: HTMLElement;
	private readonly body = element("tbody");
	private readonly nothing = element("p", { class: "nothing" }, "Nobody is here.");

	private readonly kick: (player: PlayerLine) => void;

	/** `kick` removes a player for good. */
	constructor(kick: (player: PlayerLine) => void) {
		this.kick = kick;
		const heads = HEADS.map(([label, title]) => element("th", { title }, label));
		const table = element(
			"table",
			{},
			element("thead", {}, element("tr", {}, ...heads)),
			this.body,
		);
		this.node = element(
			"section",
			{ class: "players panel" },
			element("h2", {}, "Players"),
			element("div", { class: "wide" }, table),
			this.nothing,
		);
	}

	update(players: readonly PlayerLine[], tickRate: number): void {
		this.nothing.hidden = players.length > 0;
		while (this.body.rows.length > players.length) this.body.deleteRow(-1);
		players.forEach((player, i) => {
			const row = this.body.rows[i] ?? this.body.insertRow();
			while (row.cells.length < HEADS.length) row.insertCell();
			const lagMs = (player.lagTicks * 1000) / tickRate;
			const texts = [
				String(player.number),
				player.name,
				null,
				player.pingMs === null ? "–" : ms(player.pingMs),
				String(player.slackTicks),
				`${player.lagTicks} (${Math.round(lagMs)} ms)`,
				count(player.inputsLate),
				count(player.inputsRepeated),
				count(player.skippedSnapshots),
			];
			texts.forEach((text, c) => {
				if (text !== null) setText(row.cells[c], text);
			});
			this.offerKick(row, player);
			row.classList.toggle("bad", player.isBehind);
		});
	}

	/** A button is pressed for whoever was in the row when it was made, and for nobody who comes into it later. */
	private offerKick(row: HTMLTableRowElement, player: PlayerLine): void {
		const who = `${player.number} ${player.name}`;
		if (row.dataset.who === who) return;
		row.dataset.who = who;
		const button = armedButton("Kick", "Really?", () => this.kick(player));
		button.setAttribute("aria-label", `Kick ${player.name}`);
		row.cells[2]?.replaceChildren(button);
	}
}
