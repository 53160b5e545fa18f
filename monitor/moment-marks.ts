import type { MomentLine } from "../protocol/admin-answers.ts";
import { element } from "./element.ts";
import { count } from "./format.ts";

const WORDS: Readonly<Record<MomentLine["kind"], string>> = {
	join: "joined",
	leave: "left",
	fault: "failed",
	dropped: "time dropped",
	swap: "new rules",
	rollback: "rules taken back",
	pause: "paused",
	resume: "went on",
};

export function momentWords({ kind, count: times, toTick, detail }: MomentLine): string {
	if (kind === "join" || kind === "leave") return `${detail} ${WORDS[kind]}`;
	const repeated = times > 1 ? ` ${count(times)} times, until tick ${count(toTick)}` : "";
	return `${WORDS[kind]}${repeated}${detail ? `: ${detail}` : ""}`;
}

/** What happened, as marks above a slider: pressing one goes there. The list of moments has the same in words. */
export class MomentMarks {
	readonly node = element("div", { class: "marks", "aria-hidden": "true" });
	private readonly go: (tick: number) => void;
	private moments: readonly MomentLine[] = [];
	private shown = "";

	constructor(go: (tick: number) => void) {
		this.go = go;
	}

	update(moments: readonly MomentLine[], from: number, to: number): void {
		const inRange = moments.filter(({ tick, toTick }) => toTick >= from && tick <= to);
		const shown = inRange.map(({ kind, tick }) => `${kind} ${tick}`).join();
		this.moments = inRange;
		if (shown !== this.shown) {
			this.shown = shown;
			this.node.replaceChildren(...inRange.map((_, i) => this.mark(i)));
		}
		const share = (tick: number) =>
			(Math.min(Math.max(tick, from), to) - from) / Math.max(1, to - from);
		inRange.forEach(({ tick, toTick }, i) => {
			const mark = this.node.children[i] as HTMLElement;
			mark.style.setProperty("--from", String(share(tick)));
			mark.style.setProperty("--to", String(share(toTick)));
		});
	}

	private mark(index: number): HTMLElement {
		const { kind, tick } = this.moments[index];
		const title = `tick ${count(tick)}: ${momentWords(this.moments[index])}`;
		const mark = element("button", { type: "button", tabindex: "-1", "data-kind": kind, title });
		mark.addEventListener("click", () => this.go(tick));
		return mark;
	}
}
