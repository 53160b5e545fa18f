import type { Hold } from "./controls.ts";

/** A finger counts as on a button within so many of its widths from the middle. */
const REACH = 0.72;

interface Button {
	readonly hold: Hold;
	readonly element: HTMLElement;
	isHeld: boolean;
}

/** Buttons that lie side by side: a finger may slide from one to the next, or hold two at once. */
class ButtonGroup {
	readonly buttons: readonly Button[];
	private readonly fingers = new Map<number, { x: number; y: number }>();
	private readonly onChange: () => void;

	constructor(group: HTMLElement, onChange: () => void) {
		this.onChange = onChange;
		this.buttons = [...group.querySelectorAll<HTMLElement>("[data-hold]")].map((element) => ({
			hold: element.dataset.hold as Hold,
			element,
			isHeld: false,
		}));
		const put = ({ pointerId, clientX, clientY }: PointerEvent): void => {
			this.fingers.set(pointerId, { x: clientX, y: clientY });
			this.press();
		};
		group.addEventListener("pointerdown", (event) => {
			group.setPointerCapture(event.pointerId);
			put(event);
		});
		group.addEventListener("pointermove", (event) => {
			if (this.fingers.has(event.pointerId)) put(event);
		});
		for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
			group.addEventListener(end, ({ pointerId }) => {
				if (this.fingers.delete(pointerId)) this.press();
			});
		}
		group.addEventListener("contextmenu", (event) => event.preventDefault());
	}

	private press(): void {
		let isChanged = false;
		for (const button of this.buttons) {
			const isHeld = this.isUnderFinger(button.element);
			if (isHeld === button.isHeld) continue;
			button.isHeld = isHeld;
			button.element.classList.toggle("held", isHeld);
			isChanged = true;
		}
		if (isChanged) this.onChange();
	}

	private isUnderFinger(element: HTMLElement): boolean {
		const { left, top, width, height } = element.getBoundingClientRect();
		for (const { x, y } of this.fingers.values()) {
			if (Math.hypot(x - left - width / 2, y - top - height / 2) < width * REACH) return true;
		}
		return false;
	}
}

/** The buttons of a touch screen. */
export class TouchPad {
	private readonly groups: readonly ButtonGroup[];

	constructor(pad: HTMLElement, onChange: () => void) {
		this.groups = [...pad.querySelectorAll<HTMLElement>(".pair")].map(
			(group) => new ButtonGroup(group, onChange),
		);
	}

	has(hold: Hold): boolean {
		return this.groups.some(({ buttons }) =>
			buttons.some((button) => button.hold === hold && button.isHeld),
		);
	}
}
