import type { RoomWarning } from "../protocol/admin-answers.ts";
import { element } from "./element.ts";
import { count, ms, percent } from "./format.ts";

type Kind = RoomWarning["kind"];

/** How a total names rooms with a warning, the gravest first. */
export const KIND_WORDS: Readonly<Record<Kind, string>> = {
	paused: "paused",
	failed: "failed ticks",
	dropped: "dropped time",
	late: "late",
	lagging: "clients lag",
	fuel: "short of fuel",
	probation: "on probation",
	rolledBack: "rolled back",
};

const WORDS: Readonly<Record<Kind, (value: number) => string>> = {
	paused: () => "paused",
	failed: (n) => `${count(n)} failed`,
	dropped: (n) => `${count(n)} dropped`,
	late: (value) => `${ms(value)} late`,
	lagging: (n) => (n === 1 ? "1 client lags" : `${count(n)} clients lag`),
	fuel: (share) => `fuel ${percent(share)}`,
	probation: () => "on probation",
	rolledBack: (n) => `${count(n)} rolled back`,
};

/** Shows warnings as words, each in its grade's colour; leaves the node alone when nothing has changed. */
export function showWarnings(node: HTMLElement, warnings: readonly RoomWarning[]): void {
	const words = warnings.map(({ grade, kind, value }) => ({ grade, text: WORDS[kind](value) }));
	const shown = words.map(({ grade, text }) => `${grade} ${text}`).join(" · ");
	if (node.dataset.shown === shown) return;
	node.dataset.shown = shown;
	node.replaceChildren(
		...words.flatMap(({ grade, text }, i) => [
			...(i > 0 ? [" · "] : []),
			element("span", { class: grade }, text),
		]),
	);
}
