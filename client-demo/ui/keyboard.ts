import type { Hold } from "./controls.ts";

const KEYS: Readonly<Record<string, Hold>> = {
	ArrowLeft: "left",
	KeyA: "left",
	ArrowRight: "right",
	KeyD: "right",
	ArrowUp: "thrust",
	KeyW: "thrust",
	Space: "fire",
	KeyF: "laser",
	KeyE: "laser",
};

/** The keys held down that mean something. */
export class Keyboard {
	/** Codes of keys, not holds: D and → are one hold, which lasts until both are up. */
	private readonly down = new Set<string>();
	/** While false, keys belong to the page: someone types a name. */
	private isActive = false;
	private readonly onChange: () => void;

	constructor(onChange: () => void) {
		this.onChange = onChange;
		addEventListener("keydown", (event) => {
			const { code, target, ctrlKey, altKey, metaKey } = event;
			if (!this.isActive || !(code in KEYS) || ctrlKey || altKey || metaKey) return;
			// a button that has the focus keeps its space bar
			if (target instanceof HTMLButtonElement && code === "Space") return;
			event.preventDefault();
			this.down.add(code);
			onChange();
		});
		addEventListener("keyup", ({ code }) => {
			if (this.down.delete(code)) onChange();
		});
		addEventListener("blur", () => this.release());
	}

	activate(isActive: boolean): void {
		this.isActive = isActive;
		if (!isActive) this.release();
	}

	has(hold: Hold): boolean {
		for (const code of this.down) if (KEYS[code] === hold) return true;
		return false;
	}

	private release(): void {
		if (this.down.size === 0) return;
		this.down.clear();
		this.onChange();
	}
}
