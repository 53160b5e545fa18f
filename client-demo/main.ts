import type { ArenaRoom } from "./draw/scene.ts";
import { SeatTaker } from "./net/seat-taker.ts";
import { serverAddress } from "./net/server-address.ts";
import { Page } from "./page.ts";
import { nameProblem } from "./ui/name-problem.ts";

declare global {
	interface Window {
		/** For tests and the curious. */
		readonly hotstep: { readonly room: ArenaRoom | null };
	}
}

const query = new URLSearchParams(location.search);
const url = serverAddress(location);
let wantedRoom = query.get("room");
/** Why the last seat was lost or not given. */
let lastError = "";
let room: ArenaRoom | null = null;
Object.defineProperty(window, "hotstep", {
	value: Object.freeze({
		get room() {
			return room;
		},
	}),
});

const page = new Page({ play, back });
const seats = new SeatTaker(
	{
		seated: enter,
		unreachable: (error) => page.screens.waiting(error, false),
		refused: end,
	},
	page.link.open,
);

function play(name: string): void {
	if (lastError === "ERR_PROTOCOL_VERSION") {
		location.reload();
		return;
	}
	// to ask for the same room again would get the same answer
	if (lastError === "ERR_ROOM_UNKNOWN" || lastError === "ERR_ROOM_FULL") wantedRoom = null;
	lastError = "";
	drop();
	if (url === null) {
		end("ERR_ADDRESS");
		return;
	}
	page.screens.connecting();
	void seats.take(url, name, wantedRoom);
}

function back(): void {
	seats.giveUp();
	drop();
	page.screens.start();
}

function end(error: string): void {
	lastError = error;
	page.fly(null);
	page.screens.ended(error);
}

/** Gives up the seat, if there is one; what it still reports is nobody's concern. */
function drop(): void {
	const old = room;
	room = null;
	page.fly(null);
	old?.leave();
}

function enter(seat: ArenaRoom): void {
	room = seat;
	page.listenTo(seat);
	seat.onStatus((status) => {
		if (seat !== room) return;
		const error = seat.ending?.name ?? "ERR_NETWORK";
		if (status === "playing") page.fly(seat);
		else if (status === "closed") end(error);
		else {
			page.fly(null);
			page.screens.waiting(error, true);
		}
	});
	page.fly(seat);
}

function frame(nowMs: number): void {
	requestAnimationFrame(frame);
	page.frame(room, nowMs);
}
requestAnimationFrame(frame);

const name = query.get("name");
if (name === null) page.screens.start();
else {
	page.screens.playerName = name;
	const problem = nameProblem(name);
	if (problem === null) play(name);
	else page.screens.start(problem);
}
