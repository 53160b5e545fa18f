import type { Scene } from "../draw/scene.ts";
import { seatTint, tintOf } from "../draw/tints.ts";

const SHOWN = 8;
const INTERVAL_MS = 250;

interface Line {
	readonly item: HTMLLIElement;
	readonly place: HTMLElement;
	readonly dot: HTMLElement;
	readonly name: HTMLElement;
	readonly score: HTMLElement;
}

function createLine(list: HTMLElement): Line {
	const item = document.createElement("li");
	const place = document.createElement("small");
	const dot = document.createElement("i");
	const name = document.createElement("b");
	const score = document.createElement("span");
	item.append(place, dot, name, score);
	item.hidden = true;
	list.append(item);
	return { item, place, dot, name, score };
}

/** Names and scores, best first; the own line is always among them. */
export class ScoreBoard {
	private readonly lines: Line[] = [];
	private readonly count: HTMLElement;
	private shownMs = Number.NEGATIVE_INFINITY;

	constructor(list: HTMLElement, count: HTMLElement) {
		this.count = count;
		for (let i = 0; i < SHOWN; i++) this.lines.push(createLine(list));
	}

	update(scene: Scene, nowMs: number): void {
		const { state, player: own } = scene;
		if (!state || nowMs - this.shownMs < INTERVAL_MS) return;
		this.shownMs = nowMs;
		const { ship } = state;
		const ranking: { player: number; score: number }[] = [];
		for (let i = 0; i < ship.used; i++) {
			if (ship.gen[i] === 0) continue;
			ranking.push({ player: ship.player[i], score: ship.score[i] });
		}
		ranking.sort((a, b) => b.score - a.score || a.player - b.player);
		this.count.textContent = String(ranking.length);
		const ownPlace = ranking.findIndex(({ player }) => player === own);
		this.lines.forEach((line, i) => {
			// who is too far down to be seen gets the last line
			const place = i === SHOWN - 1 && ownPlace >= SHOWN ? ownPlace : i;
			const entry = ranking[place];
			line.item.hidden = entry === undefined;
			if (!entry) return;
			line.item.classList.toggle("own", entry.player === own);
			line.item.dataset.player = String(entry.player);
			line.place.textContent = String(place + 1);
			line.dot.style.background = tintOf(seatTint(entry.player)).line;
			line.name.textContent = scene.nameOf(entry.player);
			line.score.textContent = String(entry.score);
		});
	}
}
