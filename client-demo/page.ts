import { type ArenaRoom, Scene } from "./draw/scene.ts";
import { GameView } from "./game-view.ts";
import { NetGraph } from "./net/net-graph.ts";
import { NetTools } from "./net/net-tools.ts";
import { SimulatedLink } from "./net/simulated-link.ts";
import { Controls } from "./ui/controls.ts";
import { elementById } from "./ui/element-by-id.ts";
import { KillFeed } from "./ui/kill-feed.ts";
import { OwnShipPanel } from "./ui/own-ship-panel.ts";
import { ScoreBoard } from "./ui/score-board.ts";
import { type ScreenActions, Screens } from "./ui/screens.ts";

const SWAP_SHOWN_MS = 4000;
/** After a pause that long between two frames, what happened in it is not shown. */
const LONG_PAUSE_MS = 1000;
const LONGEST_STEP_SECONDS = 0.1;

/** All that the player sees, fed with one room at a time. */
export class Page {
	readonly screens: Screens;
	private readonly scene = new Scene();
	private readonly touch = elementById("touch");
	private readonly hud = elementById("hud");
	private readonly notice = elementById("notice");
	private readonly controls = new Controls(this.touch);
	private readonly view = new GameView(
		elementById<HTMLCanvasElement>("view"),
		new KillFeed(elementById("feed")),
	);
	private readonly graph = new NetGraph(
		elementById<HTMLCanvasElement>("graph"),
		elementById("net"),
		elementById("graph-toggle"),
	);
	/** The line of the next connections, too. */
	readonly link = new SimulatedLink();
	private readonly tools = new NetTools(elementById("net-tools"), this.link);
	private readonly scores = new ScoreBoard(elementById("scores"), elementById("pilots"));
	private readonly ownShip = new OwnShipPanel({
		gauge: elementById("gauge"),
		bar: elementById("gauge-bar"),
		shield: elementById("gauge-value"),
		respawn: elementById("respawn"),
		cause: elementById("respawn-cause"),
		countdown: elementById("respawn-countdown"),
	});
	private lastMs = performance.now();

	constructor(actions: ScreenActions) {
		this.screens = new Screens(actions);
		elementById("leave").addEventListener("click", actions.back);
		if (matchMedia("(pointer: coarse)").matches) this.useTouch();
		else {
			addEventListener("pointerdown", ({ pointerType }) => {
				if (pointerType === "touch") this.useTouch();
			});
		}
	}

	private useTouch(): void {
		document.body.classList.add("touch");
	}

	listenTo(room: ArenaRoom): void {
		this.view.listenTo(room);
		this.ownShip.listenTo(room);
		this.showNotice(room.notice);
		room.onNotice((text) => this.showNotice(text));
		room.onSwap(({ version }) => {
			const text = `New rules: version ${version}`;
			this.showNotice(text, true);
			setTimeout(() => {
				if (this.notice.textContent === text) this.showNotice(null);
			}, SWAP_SHOWN_MS);
		});
	}

	/** Hands the controls to `room`, or takes them away. */
	fly(room: ArenaRoom | null): void {
		this.controls.steer(room);
		this.tools.attend(room);
		this.hud.hidden = room === null;
		this.touch.hidden = room === null;
		if (room) this.screens.hide();
	}

	/** Draws one frame. The one place that calls `room.update`. */
	frame(room: ArenaRoom | null, nowMs: number): void {
		const pauseMs = nowMs - this.lastMs;
		this.lastMs = nowMs;
		this.view.mute(pauseMs > LONG_PAUSE_MS);
		if (room) {
			room.update();
			this.scene.take(room);
			if (room.status === "playing") {
				this.scores.update(this.scene, nowMs);
				this.ownShip.update(this.scene);
				this.graph.update(room, nowMs);
			}
		}
		const dt = Math.min(LONGEST_STEP_SECONDS, pauseMs / 1000);
		this.view.draw(this.scene, room, this.tools.isGhostShown, nowMs, dt);
	}

	private showNotice(text: string | null, isGood = false): void {
		this.notice.hidden = text === null;
		this.notice.textContent = text ?? "";
		this.notice.classList.toggle("good", isGood);
	}
}
