import type { StateAnswer, TableLine } from "../protocol/admin-answers.ts";
import { element, setText } from "./element.ts";
import { count } from "./format.ts";

/** Height of a row, px: as in room.css. */
const ROW = 24;
/** Rows kept ready above and below what is seen. */
const SPARE = 8;

/** One table as a grid of live values; only the rows that are seen are asked for and drawn. */
export class RowGrid {
	readonly node: HTMLElement;
	/** The table that is shown; the first one when it is not there. */
	table: string | null = null;
	private readonly chips = element("div", {
		class: "chips",
		role: "tablist",
		"aria-label": "Tables",
	});
	private readonly scroll = element("div", { class: "grid-scroll", tabindex: "0" });
	private readonly head = element("tr");
	private readonly body = element("tbody");
	private readonly above = element("tr", { "aria-hidden": "true" });
	private readonly below = element("tr", { "aria-hidden": "true" });
	private readonly rows: HTMLTableRowElement[] = [];
	private readonly changed: () => void;
	/** Names of what the heads show, so that they are made once. */
	private headed = "";
	private lastTick = -1;
	private marked = -1;

	constructor(changed: () => void) {
		this.changed = changed;
		const table = element("table", {}, element("thead", {}, this.head), this.body);
		this.body.append(this.above, this.below);
		this.scroll.append(table);
		this.node = element(
			"section",
			{ class: "grid", "aria-label": "Tables" },
			this.chips,
			this.scroll,
		);
		this.scroll.addEventListener("scroll", () => this.changed(), { passive: true });
	}

	/** Rows to ask for. */
	get window(): { offset: number; limit: number } {
		const first = Math.floor(this.scroll.scrollTop / ROW) - SPARE;
		const seen = Math.ceil(this.scroll.clientHeight / ROW) + 2 * SPARE;
		return { offset: Math.max(0, first), limit: Math.min(200, Math.max(seen, 2 * SPARE)) };
	}

	/** Brings the row with so many live rows before it into view, and marks it. */
	show(table: string, offset: number, row: number): void {
		this.table = table;
		this.marked = row;
		this.scroll.scrollTop = Math.max(0, offset * ROW - this.scroll.clientHeight / 2);
		this.changed();
	}

	update({ tables, page, tick }: StateAnswer): void {
		this.updateChips(tables);
		const table = tables.find(({ name }) => name === page?.table);
		if (!table || !page) return;
		this.updateHead(table);
		const isNew = tick !== this.lastTick;
		this.scroll.dataset.shownTick = String(tick);
		this.lastTick = tick;
		this.setHeight(this.above, page.offset);
		this.setHeight(this.below, Math.max(0, table.live - page.offset - page.rows.length));
		page.rows.forEach((cells, i) => {
			const row = this.rowAt(i, cells.length);
			const isSame = row.dataset.row === `${table.name} ${cells[0]}`;
			row.dataset.row = `${table.name} ${cells[0]}`;
			row.classList.toggle("marked", cells[0] === this.marked);
			cells.forEach((value, c) => {
				const cell = row.cells[c];
				const hasChanged = setText(cell, String(value));
				if (isNew || hasChanged) cell.classList.toggle("hot", hasChanged && isSame);
			});
		});
		for (const row of this.rows.splice(page.rows.length)) row.remove();
	}

	private updateChips(tables: readonly TableLine[]): void {
		if (!tables.some(({ name }) => name === this.table)) this.table = tables[0]?.name ?? null;
		const names = tables.map(({ name }) => name).join("\n");
		if (this.chips.dataset.names !== names) {
			this.chips.dataset.names = names;
			this.chips.replaceChildren(
				...tables.map(({ name }) => {
					const chip = element("button", { type: "button", role: "tab", "data-table": name });
					chip.append(element("span", {}, name), " ", element("small"));
					chip.addEventListener("click", () => {
						this.marked = -1;
						this.show(name, 0, -1);
					});
					return chip;
				}),
			);
		}
		tables.forEach(({ name, live, capacity }, i) => {
			const chip = this.chips.children[i];
			chip.setAttribute("aria-selected", String(name === this.table));
			setText(chip.lastElementChild as HTMLElement, `${count(live)} / ${count(capacity)}`);
		});
	}

	private updateHead({ name, columns }: TableLine): void {
		const headed = `${name}\n${columns.map((column) => `${column.name} ${column.type}`).join("\n")}`;
		if (this.headed === headed) return;
		this.headed = headed;
		for (const row of this.rows.splice(0)) row.remove();
		this.head.replaceChildren(
			element("th", { scope: "col" }, "row"),
			element("th", { scope: "col", title: "Changes with each new occupant" }, "gen"),
			...columns.map((column) => {
				const head = element(
					"th",
					{ scope: "col" },
					column.name,
					element("small", {}, column.type),
				);
				if (column.private) head.classList.add("private");
				head.title = column.private ? "Private: never sent to clients" : "Sent to clients";
				return head;
			}),
		);
	}

	private rowAt(index: number, cells: number): HTMLTableRowElement {
		let row = this.rows[index];
		if (!row) {
			row = element("tr", {}, ...Array.from({ length: cells }, () => element("td")));
			this.rows[index] = row;
			this.below.before(row);
		}
		return row;
	}

	private setHeight(row: HTMLTableRowElement, rows: number): void {
		row.hidden = rows === 0;
		row.style.height = `${rows * ROW}px`;
	}
}
