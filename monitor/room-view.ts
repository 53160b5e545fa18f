import type { RoomAnswer, StateAnswer } from "../protocol/admin-answers.ts";
import { ask, tell } from "./admin-api.ts";
import { element, setText } from "./element.ts";
import { FaultList } from "./fault-list.ts";
import { bytes, count, ms, percent } from "./format.ts";
import { PlayersList } from "./players-list.ts";
import { Plot } from "./plot.ts";
import { RoomTrend } from "./room-trend.ts";
import { stateOf } from "./rooms-view.ts";
import { RowGrid } from "./row-grid.ts";
import { RulesPanel } from "./rules-panel.ts";
import { StateMap } from "./state-map.ts";
import { Timeline } from "./timeline.ts";

/** Inside one room. */
export class RoomView {
	readonly node: HTMLElement;
	private readonly path: string;
	private readonly trend = new RoomTrend();
	private readonly facts = element("p", { class: "facts" });
	private readonly state = element("p", { class: "unusual" });
	private readonly resume = element("button", { type: "button", hidden: true }, "Resume");
	private readonly problem = element("p", { class: "problem", role: "alert", hidden: true });
	private readonly plots = {
		frame: new Plot({ label: "Tick time, mean", colour: "hue-1", atLeast: 0.5, format: ms }),
		lateness: new Plot({ label: "Lateness, peak", colour: "hue-3", atLeast: 2, format: ms }),
		fuel: new Plot({ label: "Fuel, peak", colour: "hue-2", atLeast: 0.01, format: percent }),
		bytes: new Plot({
			label: "Snapshots",
			colour: "hue-0",
			atLeast: 1024,
			format: (value) => `${bytes(value)}/s`,
		}),
	};
	private readonly timeline: Timeline;
	private readonly grid = new RowGrid(() => void this.refreshState());
	private readonly map: StateMap;
	private readonly players = new PlayersList();
	private readonly faults: FaultList;
	private readonly rules = new RulesPanel();
	private room: RoomAnswer | null = null;
	private version = -1;
	private isAsking = false;
	private isStale = false;

	constructor(id: string) {
		this.path = `rooms/${encodeURIComponent(id)}`;
		const fail = (thrown: unknown): void => this.showProblem((thrown as Error).message);
		this.timeline = new Timeline(id, () => void this.refreshState(), fail);
		this.map = new StateMap((table, offset, row) => this.grid.show(table, offset, row));
		this.faults = new FaultList((tick) => void this.timeline.goTo(tick));
		this.resume.addEventListener("click", () => void tell(`${this.path}/resume`).catch(fail));
		const { frame, lateness, fuel, bytes: sent } = this.plots;
		this.node = element(
			"div",
			{ class: "room" },
			element("header", {}, this.facts, this.state, this.resume),
			element("div", { class: "plots" }, frame.node, lateness.node, fuel.node, sent.node),
			this.timeline.node,
			this.problem,
			element("div", { class: "pair" }, this.grid.node, this.map.node),
			element("div", { class: "panels" }, this.players.node, this.faults.node, this.rules.node),
		);
	}

	/** Asks for everything but the tables. @throws AdminError when the room is gone */
	async refresh(signal: AbortSignal): Promise<void> {
		const answer = await ask<RoomAnswer>(this.path, signal);
		this.room = answer;
		const { room } = answer;
		setText(
			this.facts,
			`${room.game} v${room.version} · ${room.players} of ${room.maxPlayers} players · tick ${count(room.tick)} at ${room.tickRate} Hz · memory ${bytes(answer.memoryBytes)} · history ${bytes(answer.historyBytes)}${answer.recorded.file ? ` · journal ${bytes(answer.recorded.bytes)}` : ""}`,
		);
		setText(this.state, stateOf(room).join(" · "));
		this.resume.hidden = !room.isPaused;
		const rates = this.trend.update(room, answer.timeMs);
		if (rates) {
			this.plots.frame.push(rates.frameMs);
			this.plots.lateness.push(rates.latenessMs);
			this.plots.fuel.push(rates.fuelShare);
			this.plots.bytes.push(rates.bytesPerSecond);
		}
		this.timeline.update(answer);
		this.players.update(answer.players, room.tickRate);
		this.faults.update(answer.faults);
		this.rules.update(answer);
	}

	/** Asks for the tables, unless a state of the past is shown already. */
	async refreshLive(): Promise<void> {
		if (this.timeline.moment === null) await this.refreshState();
	}

	/** One question at a time; what is wanted meanwhile is asked for afterwards. */
	private async refreshState(): Promise<void> {
		if (this.isAsking) {
			this.isStale = true;
			return;
		}
		this.isAsking = true;
		do {
			this.isStale = false;
			try {
				this.show(await ask<StateAnswer>(this.statePath()));
				this.showProblem(null);
			} catch (thrown) {
				this.showProblem((thrown as Error).message);
			}
		} while (this.isStale);
		this.isAsking = false;
	}

	private statePath(): string {
		const { moment } = this.timeline;
		const { offset, limit } = this.grid.window;
		const query = new URLSearchParams({ offset: `${offset}`, limit: `${limit}`, map: "1" });
		if (this.grid.table !== null) query.set("table", this.grid.table);
		if (moment) query.set("tick", String(moment.tick));
		if (moment?.hold) query.set("hold", String(moment.hold));
		return `${this.path}/state?${query}`;
	}

	private show(state: StateAnswer): void {
		if (state.version !== this.version) this.map.reset();
		this.version = state.version;
		const wanted = this.grid.table;
		this.grid.update(state);
		// the first answer says which tables there are
		if (wanted !== this.grid.table) this.isStale = true;
		this.map.update(state.map, this.room?.players ?? []);
	}

	private showProblem(text: string | null): void {
		this.problem.hidden = text === null;
		setText(this.problem, text ?? "");
	}
}
