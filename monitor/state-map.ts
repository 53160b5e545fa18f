import type { StateMap as MapAnswer, PlayerLine, PointSet } from "../protocol/admin-answers.ts";
import { element, setText } from "./element.ts";
import { count } from "./format.ts";
import { colour, hue, prepare } from "./palette.ts";

const MARGIN = 20;
/** Beyond so many points they are drawn as dots. */
const MANY = 400;

function decode(base64: string): Uint16Array {
	const text = atob(base64);
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return new Uint16Array(bytes.buffer);
}

interface Points {
	readonly set: PointSet;
	readonly rows: Uint16Array;
	readonly x: Uint16Array;
	readonly y: Uint16Array;
	readonly owners: Uint16Array | null;
}

/** Where the rows of the spatial tables are, seen from above. */
export class StateMap {
	readonly node: HTMLElement;
	private readonly canvas = element("canvas", { role: "img", "aria-label": "Map of the room" });
	private readonly legend = element("div", { class: "legend" });
	private readonly hint = element("p", { class: "hint" });
	private readonly hidden = new Set<string>();
	private readonly pick: (table: string, offset: number, row: number) => void;
	private map: MapAnswer | null = null;
	private points: Points[] = [];
	private names = new Map<number, string>();
	/** What the view shows, in world units: grows at once, and shrinks slowly, so that it stands still. */
	private view: { minX: number; minY: number; maxX: number; maxY: number } | null = null;

	constructor(pick: StateMap["pick"]) {
		this.pick = pick;
		this.node = element(
			"section",
			{ class: "map", "aria-label": "Map" },
			this.legend,
			this.canvas,
			this.hint,
		);
		this.canvas.addEventListener("click", (event) => {
			const found = this.nearest(event.offsetX, event.offsetY);
			if (found) this.pick(found.points.set.table, found.index, found.points.rows[found.index]);
		});
		new ResizeObserver(() => this.draw()).observe(this.canvas);
	}

	update(map: MapAnswer | null, players: readonly PlayerLine[]): void {
		this.node.hidden = map === null;
		this.map = map;
		if (map === null) return;
		this.names = new Map(players.map(({ number, name }) => [number, name]));
		this.points = map.sets.map((set) => ({
			set,
			rows: decode(set.rows),
			x: decode(set.x),
			y: decode(set.y),
			owners: set.owners === null ? null : decode(set.owners),
		}));
		this.follow(map);
		this.updateLegend(map);
		this.draw();
	}

	/** Forgets the view: another game, another world. */
	reset(): void {
		this.view = null;
	}

	private follow({ minX, minY, maxX, maxY }: MapAnswer): void {
		const { view } = this;
		if (!view) {
			this.view = { minX, minY, maxX, maxY };
			return;
		}
		const ease = (old: number, now: number, isOut: boolean): number =>
			isOut ? now : old + (now - old) * 0.02;
		view.minX = ease(view.minX, minX, minX < view.minX);
		view.minY = ease(view.minY, minY, minY < view.minY);
		view.maxX = ease(view.maxX, maxX, maxX > view.maxX);
		view.maxY = ease(view.maxY, maxY, maxY > view.maxY);
	}

	private updateLegend({ sets, every }: MapAnswer): void {
		const names = sets.map(({ table }) => table).join("\n");
		if (this.legend.dataset.names !== names) {
			this.legend.dataset.names = names;
			this.legend.replaceChildren(...sets.map(({ table }, i) => this.legendItem(table, i)));
		}
		sets.forEach(({ count: points }, i) => {
			const item = this.legend.children[i];
			setText(item.lastElementChild as HTMLElement, count(points));
		});
		setText(this.hint, every > 1 ? `One row of ${every} is shown.` : "");
	}

	private legendItem(table: string, index: number): HTMLElement {
		const item = element("button", { type: "button", "aria-pressed": "true" });
		item.append(
			element("i", { class: `hue-${index % 5}` }),
			element("span", {}, table),
			" ",
			element("small"),
		);
		item.addEventListener("click", () => {
			if (!this.hidden.delete(table)) this.hidden.add(table);
			item.setAttribute("aria-pressed", String(!this.hidden.has(table)));
			this.draw();
		});
		return item;
	}

	/** From the answer's own scale to pixels. */
	private transform(
		width: number,
		height: number,
	): ((x: number, y: number) => [number, number]) | null {
		const { map, view } = this;
		if (!map || !view) return null;
		const spanX = view.maxX - view.minX || 1;
		const spanY = view.maxY - view.minY || 1;
		const scale = Math.min((width - 2 * MARGIN) / spanX, (height - 2 * MARGIN) / spanY);
		const left = (width - spanX * scale) / 2;
		const top = (height - spanY * scale) / 2;
		const unitX = (map.maxX - map.minX) / 65_535;
		const unitY = (map.maxY - map.minY) / 65_535;
		return (x, y) => [
			left + (map.minX + x * unitX - view.minX) * scale,
			top + (map.minY + y * unitY - view.minY) * scale,
		];
	}

	private draw(): void {
		const prepared = prepare(this.canvas);
		if (!prepared) return;
		const { context, width, height } = prepared;
		const place = this.transform(width, height);
		if (!place) return;
		this.points.forEach((points, i) => {
			if (!this.hidden.has(points.set.table)) this.drawSet(context, place, points, hue(i));
		});
	}

	private drawSet(
		context: CanvasRenderingContext2D,
		place: (x: number, y: number) => [number, number],
		{ set, x, y, owners }: Points,
		ink: string,
	): void {
		context.fillStyle = ink;
		const size = set.count > MANY ? 1.5 : 5;
		context.beginPath();
		for (let i = 0; i < set.count; i++) {
			const [px, py] = place(x[i], y[i]);
			if (size < 3) context.rect(px, py, size, size);
			else {
				context.moveTo(px + size / 2, py);
				context.arc(px, py, size / 2, 0, 2 * Math.PI);
			}
		}
		context.fill();
		if (!owners || set.count > MANY) return;
		context.font = "11px system-ui, sans-serif";
		context.fillStyle = colour("ink");
		for (let i = 0; i < set.count; i++) {
			const name = this.names.get(owners[i]);
			if (name === undefined) continue;
			const [px, py] = place(x[i], y[i]);
			context.fillText(name, px + 7, py - 5);
		}
	}

	private nearest(px: number, py: number): { points: Points; index: number } | null {
		const place = this.transform(this.canvas.clientWidth, this.canvas.clientHeight);
		if (!place || this.map?.every !== 1) return null;
		let best: { points: Points; index: number } | null = null;
		let bestDistance = 16;
		for (const points of this.points) {
			if (this.hidden.has(points.set.table)) continue;
			for (let i = 0; i < points.set.count; i++) {
				const [x, y] = place(points.x[i], points.y[i]);
				const distance = Math.hypot(x - px, y - py);
				if (distance >= bestDistance) continue;
				bestDistance = distance;
				best = { points, index: i };
			}
		}
		return best;
	}
}
