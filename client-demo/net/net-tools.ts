import type { ArenaRoom } from "../draw/scene.ts";
import type { SimulatedLink } from "./simulated-link.ts";

type Tool = "predict" | "interpolate" | "ghost" | "link";

const KEYS: Readonly<Record<string, Tool>> = {
	KeyP: "predict",
	KeyI: "interpolate",
	KeyG: "ghost",
	KeyL: "link",
};

/** Switches below the net graph: what the client does against the line, and what the line is like. */
export class NetTools {
	/** Show where the server has the own ship. */
	isGhostShown = false;
	private predict = true;
	private interpolate = true;
	private readonly link: SimulatedLink;
	private readonly buttons: readonly HTMLButtonElement[];
	private room: ArenaRoom | null = null;

	constructor(tools: HTMLElement, link: SimulatedLink) {
		this.link = link;
		this.buttons = [...tools.querySelectorAll<HTMLButtonElement>("[data-net]")];
		for (const button of this.buttons) {
			button.addEventListener("click", () => {
				this.flip(button.dataset.net as Tool);
				// else the space bar would press it again instead of firing
				button.blur();
			});
		}
		addEventListener("keydown", ({ code, target, repeat, ctrlKey, metaKey, altKey }) => {
			const tool = KEYS[code];
			if (!tool || !this.room || repeat || ctrlKey || metaKey || altKey) return;
			if (!(target instanceof HTMLInputElement)) this.flip(tool);
		});
		this.show();
	}

	/** What is switched off stays off in the next room. */
	attend(room: ArenaRoom | null): void {
		this.room = room;
		this.apply();
	}

	private flip(tool: Tool): void {
		if (tool === "predict") this.predict = !this.predict;
		else if (tool === "interpolate") this.interpolate = !this.interpolate;
		else if (tool === "ghost") this.isGhostShown = !this.isGhostShown;
		else this.link.next();
		this.apply();
		this.show();
	}

	private apply(): void {
		if (!this.room) return;
		this.room.predict = this.predict;
		this.room.interpolate = this.interpolate;
	}

	private show(): void {
		const { predict, interpolate, isGhostShown: ghost, link } = this;
		const isOn = { predict, interpolate, ghost, link: link.isWorse };
		for (const button of this.buttons) {
			const tool = button.dataset.net as Tool;
			button.setAttribute("aria-pressed", String(isOn[tool]));
			if (tool === "link") button.textContent = link.isWorse ? link.label : "Line";
		}
	}
}
