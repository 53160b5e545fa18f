import type { RoomLine, WorkerLine } from "../protocol/admin-answers.ts";
import { tell } from "./admin-api.ts";
import { armedButton, element, setText } from "./element.ts";

interface Moved {
	readonly from: number;
	readonly to: number;
	readonly frozenMs: number | null;
}

/** Which worker has a room, and how to move it to another. Hidden where one process is all. */
export class RoomPlace {
	readonly node: HTMLElement;
	private readonly path: string;
	private readonly where = element("span");
	private readonly choice = element("select", { "aria-label": "Worker to move to" });
	private readonly move: HTMLButtonElement;
	private readonly said = element("span", { role: "status" });
	private shown = "";

	/** `path` is the room's in the admin API. */
	constructor(path: string) {
		this.path = path;
		this.move = armedButton("Move", "Move it now?", () => void this.moveRoom());
		this.move.title = "The room goes on at the other worker; its players stay connected";
		this.node = element(
			"div",
			{ class: "place", hidden: true },
			this.where,
			this.choice,
			this.move,
			this.said,
		);
	}

	update({ worker, epoch }: RoomLine, workers: readonly WorkerLine[]): void {
		this.node.hidden = worker === undefined;
		setText(this.where, `worker ${worker ?? "–"} · epoch ${epoch}`);
		const others = workers.filter((one) => one.worker !== worker && one.state === "running");
		const shown = others.map((one) => one.worker).join(" ");
		this.move.disabled = others.length === 0;
		this.choice.hidden = others.length === 0;
		if (shown === this.shown) return;
		this.shown = shown;
		this.choice.replaceChildren(
			...others.map((one) =>
				element("option", { value: `${one.worker}` }, `to worker ${one.worker}`),
			),
		);
	}

	private async moveRoom(): Promise<void> {
		this.move.disabled = true;
		this.said.className = "";
		setText(this.said, "Moving …");
		try {
			const body = JSON.stringify({ worker: Number(this.choice.value) });
			const { from, to } = await tell<Moved>(`${this.path}/move`, body);
			setText(this.said, `Moved from worker ${from} to ${to}.`);
		} catch (thrown) {
			this.said.className = "problem";
			setText(this.said, (thrown as Error).message);
		}
		this.move.disabled = false;
	}
}
