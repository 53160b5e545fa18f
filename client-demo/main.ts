import { ConnectError, connect, type Room } from "../client/index.ts";
import type arena from "../game-logic/arena/schema.ts";
import { Controls } from "./controls.ts";
import { GameView } from "./game-view.ts";
import { NetGraph } from "./net-graph.ts";
import { ScoreBoard } from "./score-board.ts";
import { Screens } from "./screens.ts";

declare global {
	interface Window {
		/** For tests and the curious. */
		hotstep: { room: Room<typeof arena> | null; steer: boolean };
	}
}

const RETRY_MS = 1500;
const SWAP_SHOWN_MS = 4000;

const query = new URLSearchParams(location.search);
const url =
	query.get("server") ?? `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

window.hotstep = { room: null, steer: true };
const touch = byId("touch");
const notice = byId("notice");
const controls = new Controls(touch);
const view = new GameView(byId("view"), byId("feed"), byId("shield"));
const graph = new NetGraph(byId("graph"), byId("graph-toggle"));
const scores = new ScoreBoard(byId("scores"));
const screens = new Screens((name) => void play(name));

function setPlaying(isPlaying: boolean): void {
	controls.isActive = isPlaying;
	byId("hud").hidden = !isPlaying;
	touch.hidden = !isPlaying || !matchMedia("(pointer: coarse)").matches;
	if (isPlaying) screens.hide();
}

function showNotice(text: string | null, isGood = false): void {
	notice.hidden = text === null;
	notice.textContent = text ?? "";
	notice.classList.toggle("good", isGood);
}

/** Takes a seat; a server that cannot be reached is tried again until it can. */
async function play(name: string): Promise<void> {
	screens.connecting();
	for (;;) {
		try {
			enter(await connect<typeof arena>(url, { game: "arena", name, room: query.get("room") }));
			return;
		} catch (thrown) {
			const reason = thrown instanceof ConnectError ? thrown.name : "ERR_NETWORK";
			if (reason !== "ERR_NETWORK" && reason !== "ERR_SERVER_SHUTDOWN") {
				screens.ended(reason);
				return;
			}
			screens.reconnecting(reason);
			await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
		}
	}
}

function enter(room: Room<typeof arena>): void {
	window.hotstep.room = room;
	view.listenTo(room);
	room.onStatus((status) => {
		setPlaying(status === "playing");
		if (status === "reconnecting") screens.reconnecting(room.ending?.name ?? "ERR_NETWORK");
		if (status === "closed") screens.ended(room.ending?.name ?? "ERR_NETWORK");
	});
	room.onSwap(({ version }) => {
		const text = `New rules: version ${version}`;
		showNotice(text, true);
		setTimeout(() => {
			if (notice.textContent === text) showNotice(null);
		}, SWAP_SHOWN_MS);
	});
	room.onNotice((text) => showNotice(text));
	setPlaying(true);
}

let lastMs = performance.now();
function frame(nowMs: number): void {
	requestAnimationFrame(frame);
	const dt = Math.min(0.1, (nowMs - lastMs) / 1000);
	lastMs = nowMs;
	const { room, steer } = window.hotstep;
	if (room) {
		if (steer) {
			room.input.turn = controls.turn;
			room.input.thrust = controls.has("thrust");
			room.input.fire = controls.has("fire");
		}
		room.update();
		if (room.status === "playing") {
			scores.update(room.state, room.roster, room.player, nowMs);
			graph.update(room as unknown as Room, nowMs);
		}
	}
	view.draw(room, nowMs, dt);
}
requestAnimationFrame(frame);

const name = query.get("name");
if (name === null) screens.start();
else {
	screens.playerName = name;
	void play(name);
}
