import type { Overview, PlayerLine, RoomAnswer, StateAnswer } from "../protocol/admin-answers.ts";
import { ask, tell } from "./admin-api.ts";
import { element, setText } from "./element.ts";
import { FaultList } from "./fault-list.ts";
import { bytes, count, ms, percent } from "./format.ts";
import { MessageForm } from "./message-form.ts";
import { MomentList } from "./moment-list.ts";
import { PlayersList } from "./players-list.ts";
import { Plot } from "./plot.ts";
import { RoomPlace } from "./room-place.ts";
import { RoomTrend } from "./room-trend.ts";
import { RowGrid } from "./row-grid.ts";
import { RulesPanel } from "./rules-panel.ts";
import { StateMap } from "./state-map.ts";
import { Timeline } from "./timeline.ts";
import { showWarnings } from "./warnings.ts";

const WHY = {
	empty: "closed when nobody was left",
	fault: "ended by a fault",
	shutdown: "closed with the server",
	replaced: "replaced by another build",
} as const;

/** Inside one room, which may be over: then its journal is what can be looked at. */
export class RoomView {
	readonly node: HTMLElement;
	private readonly path: string;
	private readonly isClosed: boolean;
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
	private readonly players = new PlayersList((player) => void this.kick(player));
	private readonly place: RoomPlace;
	private readonly faults: FaultList;
	private readonly moments: MomentList;
	private readonly rules = new RulesPanel();
	private readonly pair: HTMLElement;
	private room: RoomAnswer | null = null;
	private version = -1;
	private isAsking = false;
	private isStale = false;

	/** `path` is the room's in the admin API. */
	constructor(path: string, isClosed: boolean) {
		this.path = path;
		this.isClosed = isClosed;
		this.place = new RoomPlace(path);
		const fail = (thrown: unknown): void => this.showProblem((thrown as Error).message);
		this.timeline = new Timeline(path, isClosed, () => void this.refreshState(), fail);
		this.map = new StateMap((table, offset, row) => this.grid.show(table, offset, row));
		this.faults = new FaultList((tick) => void this.timeline.goTo(tick));
		this.moments = new MomentList((tick) => void this.timeline.goTo(tick));
		this.resume.addEventListener("click", () => void tell(`${this.path}/resume`).catch(fail));
		this.pair = element("div", { class: "pair" }, this.grid.node, this.map.node);
		const { frame, lateness, fuel, bytes: sent } = this.plots;
		this.node = element(
			"div",
			{ class: "room" },
			element("header", {}, this.facts, this.place.node, this.state, this.resume),
			...(isClosed
				? []
				: [element("div", { class: "plots" }, frame.node, lateness.node, fuel.node, sent.node)]),
			this.timeline.node,
			this.problem,
			this.pair,
			element(
				"div",
				{ class: "panels" },
				...(isClosed ? [] : [this.players.node]),
				this.faults.node,
				this.moments.node,
				...(isClosed ? [] : [this.rules.node, new MessageForm(idOf(path)).node]),
			),
		);
	}

	/** Asks for everything but the tables. @throws AdminError when the room is gone */
	async refresh({ workers = [] }: Overview, signal: AbortSignal): Promise<void> {
		// nothing changes any more in a room that is over
		if (this.isClosed && this.room) return;
		const answer = await ask<RoomAnswer>(this.path, signal);
		this.room = answer;
		const { room, closed } = answer;
		this.timeline.update(answer);
		this.faults.update(answer.faults);
		this.moments.update(answer.moments);
		setText(this.facts, closed ? closedFacts(answer, closed) : liveFacts(answer));
		if (closed) return this.showEnd(answer);
		showWarnings(this.state, room.warnings);
		this.resume.hidden = !room.isPaused;
		const rates = this.trend.update(room, answer.timeMs);
		if (rates) {
			this.plots.frame.push(rates.frameMs);
			this.plots.lateness.push(rates.latenessMs);
			this.plots.fuel.push(rates.fuelShare);
			this.plots.bytes.push(rates.bytesPerSecond);
		}
		this.players.update(answer.players, room.tickRate);
		this.place.update(room, workers);
		this.rules.update(answer);
	}

	/** The name says whom it means: the seat may be another's by now. */
	private async kick({ number, name }: PlayerLine): Promise<void> {
		try {
			await tell(`${this.path}/players/${number}/kick?name=${encodeURIComponent(name)}`);
		} catch (thrown) {
			this.showProblem((thrown as Error).message);
		}
	}

	/** The last state that was recorded, if any was. */
	private async showEnd({ recorded }: RoomAnswer): Promise<void> {
		const isRecorded = recorded.file !== null;
		this.pair.hidden = !isRecorded;
		this.timeline.node.hidden = !isRecorded;
		if (isRecorded) await this.refreshState();
		else this.showProblem("It was not recorded (--record), so its tables are gone.");
	}

	/** Asks for the tables, unless a state of the past is shown already. */
	async refreshLive(): Promise<void> {
		if (this.isClosed) return;
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

/** The id in a room's path. */
function idOf(path: string): string {
	return decodeURIComponent(path.slice(path.indexOf("/") + 1));
}

function liveFacts({ room, memoryBytes, historyBytes, recorded }: RoomAnswer): string {
	const facts = [
		`${room.game} v${room.version}`,
		`${room.players} of ${room.maxPlayers} players`,
		`tick ${count(room.tick)} at ${room.tickRate} Hz`,
		`memory ${bytes(memoryBytes)}`,
		`history ${bytes(historyBytes)}`,
	];
	if (recorded.file) facts.push(`journal ${bytes(recorded.bytes)}`);
	return facts.join(" · ");
}

function closedFacts(
	{ room, recorded }: RoomAnswer,
	{ why, closedAtMs }: NonNullable<RoomAnswer["closed"]>,
): string {
	const facts = [
		`room ${room.id}`,
		`${room.game} v${room.version}`,
		`${WHY[why]} at ${new Date(closedAtMs).toLocaleString()}`,
		`after tick ${count(room.tick - 1)} at ${room.tickRate} Hz`,
	];
	if (recorded.file) facts.push(`journal ${recorded.file}`);
	return facts.join(" · ");
}
