import type { ClosedRoomLine } from "../protocol/admin-answers.ts";
import { element } from "./element.ts";
import { count } from "./format.ts";

const WHY: Readonly<Record<ClosedRoomLine["why"], string>> = {
	empty: "nobody was left",
	fault: "its rules failed",
	shutdown: "the server stopped",
	replaced: "another build took its place",
};
/** Lines shown before somebody asks for all. */
const FIRST = 10;

/** The rooms that closed last, those that failed first; what was recorded of them can be looked at. */
export class ClosedList {
	readonly node: HTMLElement;
	private readonly body = element("tbody");
	private readonly more = element("button", { type: "button", hidden: true });
	private rooms: readonly ClosedRoomLine[] = [];
	private shown = FIRST;

	constructor() {
		this.more.addEventListener("click", () => {
			this.shown = this.rooms.length;
			this.draw();
		});
		this.node = element(
			"section",
			{ class: "closed", "aria-label": "Closed rooms", hidden: true },
			element("h2", {}, "Closed rooms"),
			element("table", {}, this.body),
			this.more,
		);
	}

	update(rooms: readonly ClosedRoomLine[]): void {
		const hasFailed = ({ why }: ClosedRoomLine) => why === "fault";
		this.rooms = [...rooms.filter(hasFailed), ...rooms.filter((room) => !hasFailed(room))];
		this.draw();
	}

	private draw(): void {
		const { rooms, shown } = this;
		this.node.hidden = rooms.length === 0;
		this.more.hidden = rooms.length <= shown;
		this.more.textContent = `${count(rooms.length - shown)} more`;
		this.body.replaceChildren(...rooms.slice(0, shown).map(lineOf));
	}
}

function lineOf(room: ClosedRoomLine): HTMLElement {
	const time = new Date(room.closedAtMs);
	const words = [WHY[room.why]];
	if (room.faults > 1) words.push(`${count(room.faults)} failed ticks`);
	if (room.lastFault !== null) words.push(room.lastFault);
	return element(
		"tr",
		{ "data-closed": String(room.key), class: room.why },
		element("td", { class: "id" }, element("a", { href: `#/closed/${room.key}` }, room.id)),
		element("td", {}, `${room.game} v${room.version}`),
		element("td", {}, element("time", { datetime: time.toISOString() }, time.toLocaleTimeString())),
		element("td", { class: "why" }, words.join(" · ")),
		element("td", {}, room.file === null ? "" : "journal"),
	);
}
