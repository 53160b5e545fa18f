import { colourOf } from "./colours.ts";
import type { ArenaState } from "./draw-world.ts";

const SHOWN = 8;
const INTERVAL_MS = 250;

interface Line {
	readonly item: HTMLLIElement;
	readonly dot: HTMLElement;
	readonly name: HTMLElement;
	readonly score: HTMLElement;
}

/** Names and scores, best first; the own line is always among them. */
export class ScoreBoard {
	private readonly lines: Line[] = [];
	private shownMs = Number.NEGATIVE_INFINITY;

	constructor(list: HTMLElement) {
		for (let i = 0; i < SHOWN; i++) {
			const [item, dot, name, score] = [
				document.createElement("li"),
				document.createElement("i"),
				document.createElement("b"),
				document.createElement("span"),
			];
			item.append(dot, name, score);
			item.hidden = true;
			list.append(item);
			this.lines.push({ item, dot, name, score });
		}
	}

	update(
		{ ship }: ArenaState,
		roster: ReadonlyMap<number, string>,
		own: number,
		nowMs: number,
	): void {
		if (nowMs - this.shownMs < INTERVAL_MS) return;
		this.shownMs = nowMs;
		const ranking: { player: number; score: number }[] = [];
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] === 0) continue;
			ranking.push({ player: ship.player[i] as number, score: ship.score[i] as number });
		}
		ranking.sort((a, b) => b.score - a.score || a.player - b.player);
		const place = ranking.findIndex(({ player }) => player === own);
		const shown = ranking.slice(0, SHOWN);
		if (place >= SHOWN) shown[SHOWN - 1] = ranking[place] as (typeof ranking)[number];
		this.lines.forEach(({ item, dot, name, score }, i) => {
			const entry = shown[i];
			item.hidden = entry === undefined;
			if (!entry) return;
			item.classList.toggle("own", entry.player === own);
			item.dataset.player = String(entry.player);
			dot.style.background = colourOf(entry.player);
			name.textContent = roster.get(entry.player) ?? `seat ${entry.player}`;
			score.textContent = String(entry.score);
		});
	}
}
