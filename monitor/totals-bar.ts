import type { Overview } from "../protocol/admin-answers.ts";
import { element, setText } from "./element.ts";
import { count } from "./format.ts";
import { KIND_WORDS } from "./warnings.ts";

/** What there is of everything; pressing one shows the rooms it counts. */
export class TotalsBar {
	readonly node: HTMLElement;
	/** The grade or kind of warning whose rooms are shown; empty for all. */
	only = "";
	private readonly chips = new Map<string, { button: HTMLButtonElement; number: HTMLElement }>();
	private readonly people = element("p", { class: "people" });
	private readonly failed = element("button", {
		type: "button",
		class: "failed",
		title: "Show the closed rooms",
	});
	private readonly changed: () => void;

	constructor(changed: () => void, showClosed: () => void) {
		this.changed = changed;
		this.failed.addEventListener("click", showClosed);
		this.node = element(
			"section",
			{ class: "totals", "aria-label": "Totals" },
			this.chip("", "rooms"),
			this.chip("alarm", "alarm"),
			this.chip("attention", "attention"),
			...Object.entries(KIND_WORDS).map(([kind, words]) => this.chip(kind, words)),
			this.failed,
			this.people,
		);
	}

	update({ roomCount, totals, closed }: Overview): void {
		const numbers: Readonly<Record<string, number>> = {
			"": roomCount,
			alarm: totals.alarm,
			attention: totals.attention,
			...totals.kinds,
		};
		const isGrade = (key: string) => key === "" || key === "alarm" || key === "attention";
		for (const [key, { button, number }] of this.chips) {
			const value = numbers[key] ?? 0;
			setText(number, count(value));
			button.hidden = value === 0 && !isGrade(key) && key !== this.only;
			button.classList.toggle("none", value === 0);
			button.setAttribute("aria-pressed", String(key === this.only));
		}
		const people = [`${count(totals.players)} players`];
		if (totals.spectators > 0) people.push(`${count(totals.spectators)} spectators`);
		this.failed.hidden = closed.failed === 0;
		setText(this.failed, `${count(closed.failed)} ended by a fault`);
		setText(this.people, people.join(" · "));
	}

	private chip(key: string, words: string): HTMLButtonElement {
		const number = element("b", {}, "0");
		const button = element(
			"button",
			{ type: "button", "data-only": key || "all", "aria-pressed": String(key === "") },
			number,
			` ${words}`,
		);
		button.addEventListener("click", () => {
			this.only = this.only === key ? "" : key;
			this.changed();
		});
		this.chips.set(key, { button, number });
		return button;
	}
}
