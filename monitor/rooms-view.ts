import type { ClosedAnswer, Overview } from "../protocol/admin-answers.ts";
import { ask } from "./admin-api.ts";
import { AuditView } from "./audit-view.ts";
import { ClosedList } from "./closed-list.ts";
import { element, setText } from "./element.ts";
import { count } from "./format.ts";
import { MessageForm } from "./message-form.ts";
import { RoomRow } from "./room-row.ts";
import { TotalsBar } from "./totals-bar.ts";
import { WorkersPanel } from "./workers-panel.ts";

/** The most rooms that one answer has. */
const MOST = 200;
/** Rooms shown at first, and with each press of "More": some screens of a phone, or of a desk. */
const pageSize = (): number => (matchMedia("(max-width: 760px)").matches ? 20 : 100);

const ORDERS = [
	["attention", "What needs attention"],
	["opened", "Oldest first"],
	["players", "Most players"],
	["lateness", "Latest"],
	["time", "Longest ticks"],
	["fuel", "Most fuel"],
] as const;

/** All rooms: totals, what needs attention first, and those that are over. */
export class RoomsView {
	readonly node: HTMLElement;
	private offset = 0;
	private limit = pageSize();
	private readonly totals: TotalsBar;
	private readonly search = element("input", {
		type: "search",
		maxlength: "64",
		placeholder: "Room, game, v2 or player",
		"aria-label": "Search rooms",
		autocomplete: "off",
		spellcheck: "false",
	});
	private readonly sort = element(
		"select",
		{ "aria-label": "Order" },
		...ORDERS.map(([value, label]) => element("option", { value }, label)),
	);
	private readonly rows = new Map<string, RoomRow>();
	private readonly body = element("tbody");
	private readonly nothing = element("p", { class: "nothing", hidden: true });
	private readonly pager = element("nav", { class: "pager", "aria-label": "Pages", hidden: true });
	private readonly more = element("button", { type: "button" }, "More");
	private readonly previous = element("button", { type: "button" }, "Previous");
	private readonly next = element("button", { type: "button" }, "Next");
	private readonly pages = element("span");
	private readonly closed = new ClosedList();
	private readonly workers = new WorkersPanel();
	private readonly audit = new AuditView();
	private closedRevision = 0;

	/** `changed` is called when other rooms are wanted than before. */
	constructor(changed: () => void) {
		const again = (offset = 0): void => {
			this.offset = Math.max(0, offset);
			changed();
		};
		this.totals = new TotalsBar(again, () => this.closed.node.scrollIntoView());
		this.search.addEventListener("input", () => again());
		this.sort.addEventListener("change", () => again());
		this.previous.addEventListener("click", () => again(this.offset - this.limit));
		this.next.addEventListener("click", () => again(this.offset + this.limit));
		this.more.addEventListener("click", () => {
			this.limit = Math.min(MOST, this.limit + pageSize());
			again(this.offset);
		});
		this.pager.append(this.more, this.previous, this.pages, this.next);
		const heads = [
			"Room",
			"Game",
			"Players",
			"Tick",
			"Tick time",
			"Lateness",
			"Fuel",
			"Worker",
			"",
		];
		const table = element(
			"table",
			{ class: "rooms" },
			element("thead", {}, element("tr", {}, ...heads.map(headOf))),
			this.body,
		);
		this.node = element(
			"section",
			{ class: "list", "aria-label": "Rooms" },
			this.totals.node,
			this.workers.node,
			element("div", { class: "find" }, this.search, this.sort),
			table,
			this.nothing,
			this.pager,
			this.closed.node,
			element("div", { class: "operate" }, new MessageForm(null).node, this.audit.node),
		);
	}

	/** What to ask the overview for. */
	get query(): string {
		return new URLSearchParams({
			offset: String(this.offset),
			limit: String(this.limit),
			search: this.search.value,
			sort: this.sort.value,
			only: this.totals.only,
		}).toString();
	}

	async refresh(overview: Overview, signal: AbortSignal): Promise<void> {
		this.totals.update(overview);
		this.workers.update(overview);
		this.node.classList.toggle("alone", overview.workers === undefined);
		this.showRooms(overview);
		this.showPages(overview);
		await this.audit.refresh(overview.auditRevision, signal);
		const { revision } = overview.closed;
		if (revision === this.closedRevision) return;
		this.closed.update((await ask<ClosedAnswer>("closed", signal)).rooms);
		this.closedRevision = revision;
	}

	private showRooms({ rooms, timeMs, roomCount }: Overview): void {
		const seen = new Set<string>();
		rooms.forEach((room, i) => {
			seen.add(room.id);
			let row = this.rows.get(room.id);
			if (!row) {
				row = new RoomRow(room.id);
				this.rows.set(room.id, row);
			}
			// a row that stands where it should is left alone: it may have the focus
			const there = this.body.children[i] ?? null;
			if (there !== row.node) this.body.insertBefore(row.node, there);
			row.update(room, timeMs);
		});
		for (const [id, row] of this.rows) {
			if (seen.has(id)) continue;
			row.node.remove();
			this.rows.delete(id);
		}
		this.nothing.hidden = rooms.length > 0;
		setText(
			this.nothing,
			roomCount > 0 ? "No room is like that." : "No room is open. One opens with its first player.",
		);
	}

	private showPages({ rooms, matched, offset }: Overview): void {
		const last = offset + rooms.length;
		if (offset > 0 && rooms.length === 0) this.offset = 0;
		this.pager.hidden = last >= matched && offset === 0;
		this.more.hidden = this.limit >= MOST || last >= matched;
		this.previous.hidden = offset === 0;
		this.next.hidden = !this.more.hidden || last >= matched;
		setText(this.pages, `${count(offset + 1)} to ${count(last)} of ${count(matched)}`);
	}
}

function headOf(head: string): HTMLElement {
	return element("th", head === "Worker" ? { class: "worker" } : {}, head);
}
