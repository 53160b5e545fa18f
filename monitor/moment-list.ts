import type { MomentLine } from "../protocol/admin-answers.ts";
import { element } from "./element.ts";
import { count } from "./format.ts";
import { momentWords } from "./moment-marks.ts";

/** What happened to a room, newest first. */
export class MomentList {
	readonly node: HTMLElement;
	private readonly list = element("ol", { reversed: true });
	private readonly nothing = element("p", { class: "nothing" }, "Nothing has happened.");
	private readonly look: (tick: number) => void;
	private shown = "";

	constructor(look: (tick: number) => void) {
		this.look = look;
		this.node = element(
			"section",
			{ class: "moments panel" },
			element("h2", {}, "What happened"),
			this.list,
			this.nothing,
		);
	}

	update(moments: readonly MomentLine[]): void {
		this.nothing.hidden = moments.length > 0;
		const shown = JSON.stringify(moments);
		if (this.shown === shown) return;
		this.shown = shown;
		this.list.replaceChildren(...[...moments].reverse().map((moment) => this.item(moment)));
	}

	private item(moment: MomentLine): HTMLElement {
		const tick = element(
			"button",
			{ type: "button", class: "plain" },
			`tick ${count(moment.tick)}`,
		);
		tick.title = "Look at the state before it";
		tick.addEventListener("click", () => this.look(moment.tick));
		const words = element("span", { class: "words" }, momentWords(moment));
		return element("li", { "data-kind": moment.kind }, tick, " ", words);
	}
}
