import type { HoldAnswer, RoomAnswer } from "../protocol/admin-answers.ts";
import { tell } from "./admin-api.ts";
import { element, setText } from "./element.ts";
import { count } from "./format.ts";
import { MomentMarks } from "./moment-marks.ts";

/** Which state is looked at: the present, or one of the past. */
export type Moment = { readonly tick: number; readonly hold: number | null } | null;

function keptWhere({ file, stopped }: RoomAnswer["recorded"]): string {
	if (stopped !== null) return `on disk until recording stopped (${stopped})`;
	return file === null ? "in memory" : "on disk";
}

/** Scrubs through what a room remembers. The past is held on the server while it is looked at. */
export class Timeline {
	readonly node: HTMLElement;
	moment: Moment = null;
	private readonly slider = element("input", {
		type: "range",
		min: "0",
		max: "0",
		step: "1",
		"aria-label": "Tick",
	});
	private readonly live = element("button", { type: "button", class: "live" });
	private readonly marks = new MomentMarks((tick) => void this.goTo(tick));
	private readonly label = element("output");
	private readonly about = element("span", { class: "about" });
	private readonly path: string;
	private readonly isClosed: boolean;
	private readonly changed: () => void;
	private readonly failed: (thrown: unknown) => void;
	private room: RoomAnswer | null = null;
	private held: HoldAnswer | null = null;
	private holding = false;

	/** `path` is the room's in the admin API. One that is over has no present, and nothing to hold. */
	constructor(
		path: string,
		isClosed: boolean,
		changed: () => void,
		failed: (thrown: unknown) => void,
	) {
		this.path = `${path}/hold`;
		this.isClosed = isClosed;
		this.live.textContent = isClosed ? "End" : "Live";
		this.changed = changed;
		this.failed = failed;
		const step = (label: string, title: string, by: number) => {
			const button = element("button", { type: "button", title, "aria-label": title }, label);
			button.addEventListener("click", () => void this.goTo(Number(this.slider.value) + by));
			return button;
		};
		this.node = element(
			"section",
			{ class: "timeline", "aria-label": "Journal" },
			this.live,
			step("‹", "One tick back", -1),
			element("div", { class: "track" }, this.marks.node, this.slider),
			step("›", "One tick on", 1),
			this.label,
			this.about,
		);
		this.slider.addEventListener("input", () => void this.goTo(Number(this.slider.value)));
		this.live.addEventListener("click", () => this.goLive());
		this.showState();
	}

	update(room: RoomAnswer): void {
		this.room = room;
		// the thumb stays where it was moved to while the past is being held
		if (this.moment === null && !this.holding) {
			this.setRange(room.recorded.fromTick, room.recorded.toTick);
		}
		this.showState();
	}

	goLive(): void {
		this.moment = null;
		this.held = null;
		if (this.room) this.setRange(this.room.recorded.fromTick, this.room.recorded.toTick);
		this.showState();
		this.changed();
	}

	/** Looks at the state before `wanted`, as far as there is one. */
	async goTo(wanted: number): Promise<void> {
		if (this.holding || !this.room) return;
		const { slider } = this;
		let asked = wanted;
		if (this.held === null && !this.isClosed) {
			this.holding = true;
			try {
				this.held = await tell<HoldAnswer>(this.path);
			} catch (thrown) {
				this.failed(thrown);
				return;
			} finally {
				this.holding = false;
			}
			// the thumb may have moved on meanwhile, and a new range moves it
			if (slider === document.activeElement) asked = Number(slider.value);
			const { file, fromTick } = this.room.recorded;
			this.setRange(file === null ? this.held.fromTick : fromTick, this.held.toTick);
		}
		const { held } = this;
		const tick = Math.max(Number(slider.min), Math.min(Number(slider.max), asked));
		slider.value = String(tick);
		this.moment = { tick, hold: held && tick >= held.fromTick ? held.hold : null };
		this.showState();
		this.changed();
	}

	private setRange(from: number, to: number): void {
		this.slider.min = String(from);
		this.slider.max = String(to);
		if (this.moment === null) this.slider.value = String(to);
	}

	private showState(): void {
		const { room, moment, live, slider, marks } = this;
		live.setAttribute("aria-pressed", String(moment === null));
		this.node.classList.toggle("past", moment !== null);
		const tick = moment?.tick ?? room?.recorded.toTick ?? 0;
		setText(this.label, `tick ${count(tick)}`);
		if (!room) return;
		marks.update(room.moments, Number(slider.min), Number(slider.max));
		const rate = room.room.tickRate;
		const seconds = (from: number) => `${((Number(slider.max) - from) / rate).toFixed(2)} s`;
		const kept = `${seconds(Number(slider.min))} kept ${keptWhere(room.recorded)}`;
		const from = moment?.hold === null ? "from the journal" : "from memory";
		setText(this.about, moment === null ? kept : `${seconds(tick)} before, ${from}`);
	}
}
