import type { Overview, WorkerLine } from "../protocol/admin-answers.ts";
import type { RoomLogLine } from "../protocol/operator-answers.ts";
import { tell } from "./admin-api.ts";
import { armedButton, element, setText } from "./element.ts";
import { bytes, count, ms, percent } from "./format.ts";

const HEADS: readonly (readonly [label: string, title: string])[] = [
	["Worker", ""],
	["Process", ""],
	["CPU", "Of one core"],
	["Late p99", "How late its rooms' ticks began, the hundredth part that was latest"],
	["Players", ""],
	["Rooms", ""],
	["Sockets", ""],
	["Memory", ""],
	["Room log", "What is not yet where --durability wants it"],
	["Restarts", ""],
];

const STATES: Readonly<Record<WorkerLine["state"], string>> = {
	starting: "starting",
	running: "running",
	waiting: "waits to start",
	leftOut: "left out",
	stopped: "stopped",
};

/** How rooms are protected, in a word or two. */
export function logWords(log: RoomLogLine | null): string {
	if (log === null) return "none";
	return log.isHeld ? `${bytes(log.lagBytes)} behind` : "not protected";
}

/** One worker's line; its buttons stay the same nodes, since one may have the focus. */
class WorkerRow {
	readonly node = element("tr");
	private readonly cells = HEADS.map(([label]) => element("td", { "data-label": label }));
	private readonly state = element("span");
	private readonly drain: HTMLButtonElement;
	private readonly undrain: HTMLButtonElement;
	private readonly progress = element("small");

	constructor(worker: number, fail: (thrown: unknown) => void) {
		const order = (what: string) => () => void tell(`workers/${worker}/${what}`).catch(fail);
		this.drain = armedButton("Drain", `Empty worker ${worker}?`, order("drain"));
		this.drain.title = "Its rooms move to the others while they are played; it gets no new ones";
		this.undrain = armedButton("Take rooms", "Take rooms again?", order("undrain"));
		this.node.dataset.worker = String(worker);
		this.cells[0]?.append(element("b", {}, String(worker)), " ", this.state);
		const actions = element("td", { class: "actions" }, this.progress, this.drain, this.undrain);
		this.node.append(...this.cells, actions);
	}

	update({ state, pid, restarts, load, drain }: WorkerLine): void {
		const words = drain && state === "running" ? "drained" : STATES[state];
		const isDraining = drain !== null && drain.roomsLeft > 0;
		setText(this.state, isDraining ? "draining" : words);
		this.state.className = state !== "running" ? "alarm" : drain ? "attention" : "fine";
		const isUnheld = load !== null && load.roomLog !== null && !load.roomLog.isHeld;
		const texts = [
			pid === null ? "–" : String(pid),
			load ? percent(load.cpu) : "–",
			load ? ms(load.latenessP99Ms) : "–",
			load ? count(load.seats) : "–",
			load ? `${count(load.rooms)}${load.isFull ? ", full" : ""}` : "–",
			load ? count(load.connections) : "–",
			load ? bytes(load.rssBytes) : "–",
			load ? logWords(load.roomLog) : "–",
			count(restarts),
		];
		texts.forEach((text, i) => {
			setText(this.cells[i + 1] as Node, text);
		});
		this.cells[8]?.classList.toggle("alarm", isUnheld);
		this.drain.hidden = drain !== null;
		this.undrain.hidden = drain === null;
		const left = drain?.roomsLeft ?? 0;
		setText(
			this.progress,
			isDraining ? `${count(left)} ${left === 1 ? "room" : "rooms"} left` : "",
		);
	}
}

/** The processes that share the rooms: how they do, and how to empty one. Hidden where one process is all. */
export class WorkersPanel {
	readonly node: HTMLElement;
	private readonly body = element("tbody");
	private readonly problem = element("p", { class: "problem", role: "alert", hidden: true });
	private readonly rows = new Map<number, WorkerRow>();

	constructor() {
		const heads = [...HEADS, ["", ""] as const].map(([label, title]) =>
			element("th", { title, scope: "col" }, label),
		);
		const head = element("thead", {}, element("tr", {}, ...heads));
		this.node = element(
			"section",
			{ class: "workers", "aria-label": "Workers", hidden: true },
			element("h2", {}, "Workers"),
			element("div", { class: "wide" }, element("table", {}, head, this.body)),
			this.problem,
		);
	}

	update({ workers = [] }: Overview): void {
		this.node.hidden = workers.length === 0;
		const seen = new Set(workers.map(({ worker }) => worker));
		for (const line of workers) {
			let row = this.rows.get(line.worker);
			if (!row) {
				row = new WorkerRow(line.worker, (thrown) => this.fail(thrown));
				this.rows.set(line.worker, row);
				this.body.append(row.node);
			}
			row.update(line);
		}
		for (const [worker, { node }] of this.rows) {
			if (seen.has(worker)) continue;
			node.remove();
			this.rows.delete(worker);
		}
	}

	private fail(thrown: unknown): void {
		this.problem.hidden = false;
		setText(this.problem, (thrown as Error).message);
	}
}
