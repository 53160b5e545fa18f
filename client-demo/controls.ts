/** What a player can hold down. */
export type Hold = "left" | "right" | "thrust" | "fire";

const KEYS: Readonly<Record<string, Hold>> = {
	ArrowLeft: "left",
	KeyA: "left",
	ArrowRight: "right",
	KeyD: "right",
	ArrowUp: "thrust",
	KeyW: "thrust",
	Space: "fire",
};

/** Keyboard and touch buttons as one set of things held. */
export class Controls {
	private readonly keys = new Set<Hold>();
	private readonly touched = new Set<Hold>();
	/** While false, keys belong to the page: someone types a name. */
	isActive = false;

	constructor(touch: HTMLElement) {
		addEventListener("keydown", (event) => {
			const hold = KEYS[event.code];
			if (!hold || !this.isActive) return;
			event.preventDefault();
			this.keys.add(hold);
		});
		addEventListener("keyup", ({ code }) => {
			const hold = KEYS[code];
			if (hold) this.keys.delete(hold);
		});
		addEventListener("blur", () => this.keys.clear());
		for (const button of touch.querySelectorAll<HTMLButtonElement>("[data-hold]")) {
			const hold = button.dataset.hold as Hold;
			const set = (isHeld: boolean): void => {
				button.classList.toggle("held", isHeld);
				if (isHeld) this.touched.add(hold);
				else this.touched.delete(hold);
			};
			button.addEventListener("pointerdown", (event) => {
				button.setPointerCapture(event.pointerId);
				set(true);
			});
			for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
				button.addEventListener(end, () => set(false));
			}
			button.addEventListener("contextmenu", (event) => event.preventDefault());
		}
	}

	has(hold: Hold): boolean {
		return this.keys.has(hold) || this.touched.has(hold);
	}

	/** -127 to 127. */
	get turn(): number {
		return (this.has("right") ? 127 : 0) - (this.has("left") ? 127 : 0);
	}
}
