import type { AuditAnswer, AuditLine } from "../protocol/operator-answers.ts";
import { ask } from "./admin-api.ts";
import { element } from "./element.ts";
import { count } from "./format.ts";

/** Lines shown before somebody asks for all. */
const FIRST = 10;

/** What operators changed, newest first. */
export class AuditView {
	readonly node: HTMLElement;
	private readonly body = element("tbody");
	private readonly nothing = element("p", { class: "nothing" }, "Nothing has been changed.");
	private readonly more = element("button", { type: "button", hidden: true });
	private lines: readonly AuditLine[] = [];
	private shown = FIRST;
	private revision = -1;

	constructor() {
		this.more.addEventListener("click", () => {
			this.shown = this.lines.length;
			this.draw();
		});
		this.node = element(
			"section",
			{ class: "audit panel", "aria-label": "Audit list" },
			element("h2", {}, "Who changed what"),
			element("table", {}, this.body),
			this.nothing,
			this.more,
		);
	}

	/** Asks for the list when `revision`, of the overview, says that it is another. */
	async refresh(revision: number, signal: AbortSignal): Promise<void> {
		if (revision === this.revision) return;
		this.lines = (await ask<AuditAnswer>("audit", signal)).lines;
		this.revision = revision;
		this.draw();
	}

	private draw(): void {
		const { lines, shown } = this;
		this.nothing.hidden = lines.length > 0;
		this.more.hidden = lines.length <= shown;
		this.more.textContent = `${count(lines.length - shown)} more`;
		this.body.replaceChildren(...lines.slice(0, shown).map(rowOf));
	}
}

function outcomeOf({ status, error }: AuditLine): string {
	if (status === 0) return "nobody waited";
	return status < 400 ? "done" : (error ?? String(status));
}

function rowOf(line: AuditLine): HTMLElement {
	const time = new Date(line.atMs);
	const isDone = line.status > 0 && line.status < 400;
	return element(
		"tr",
		{ "data-what": line.what },
		element("td", {}, element("time", { datetime: time.toISOString() }, time.toLocaleString())),
		element("td", { class: "what" }, line.what),
		element("td", { class: "target" }, line.target),
		element("td", { class: "detail" }, line.detail),
		element("td", { class: "by" }, line.by),
		element("td", { class: isDone ? "outcome" : "outcome problem" }, outcomeOf(line)),
	);
}
