import type { FaultLine } from "../protocol/admin-answers.ts";
import { element } from "./element.ts";
import { bytes, count } from "./format.ts";

const OUTCOMES: Readonly<Record<string, string>> = {
	postponed: "Out of fuel: the next tick ran without inputs.",
	rolledBack: "The rules from before the swap are back.",
	paused: "The room stands still.",
	closed: "The room closed.",
};

function outcomeOf({ outcome, withoutPlayer }: FaultLine): string {
	if (outcome !== "retried") return OUTCOMES[outcome] ?? outcome;
	return withoutPlayer === -1
		? "The tick ran again without any input."
		: `The tick ran again without the input of player ${withoutPlayer}.`;
}

/** The faults of a room, the last one first; one that repeats is one entry. */
export class FaultList {
	readonly node: HTMLElement;
	private readonly list = element("ol", { reversed: true });
	private readonly nothing = element("p", { class: "nothing" }, "No tick has failed.");
	private readonly look: (tick: number) => void;
	private shown = "";

	constructor(look: (tick: number) => void) {
		this.look = look;
		this.node = element(
			"section",
			{ class: "faults panel" },
			element("h2", {}, "Faults"),
			this.list,
			this.nothing,
		);
	}

	update(faults: readonly FaultLine[]): void {
		this.nothing.hidden = faults.length > 0;
		const shown = JSON.stringify(faults);
		if (this.shown === shown) return;
		this.shown = shown;
		this.list.replaceChildren(...[...faults].reverse().map((fault) => this.item(fault)));
	}

	private item(fault: FaultLine): HTMLElement {
		const tick = element("button", { type: "button", class: "plain" }, `tick ${count(fault.tick)}`);
		tick.title = "Look at the state before it";
		tick.addEventListener("click", () => this.look(fault.tick));
		const repeated =
			fault.count > 1 ? ` ${count(fault.count)} times since tick ${count(fault.firstTick)}` : "";
		const details = element("details", {});
		details.append(
			element("summary", {}, "Inbox and fuel"),
			element(
				"p",
				{},
				`${count(fault.fuelSpent)} units of fuel, ${bytes(fault.inboxBytes)} of inbox, rules ${fault.hash.slice(0, 12)}`,
			),
			element("code", { class: "hex" }, fault.inbox || "empty"),
		);
		return element(
			"li",
			{ "data-tick": String(fault.tick) },
			element("p", {}, element("b", {}, fault.kind), ` v${fault.version} `, tick, repeated),
			element("p", { class: "detail" }, fault.detail),
			element("pre", {}, fault.frames.map((frame) => `at ${frame}`).join("\n")),
			element("p", { class: "outcome" }, outcomeOf(fault)),
			details,
		);
	}
}
