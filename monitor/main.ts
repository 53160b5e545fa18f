import type { ClosedAnswer, Overview } from "../protocol/admin-answers.ts";
import { AdminError, ask, hasToken, keepName, keepToken } from "./admin-api.ts";
import { element, setText } from "./element.ts";
import { RoomView } from "./room-view.ts";
import { RoomsView } from "./rooms-view.ts";
import { Vitals } from "./vitals.ts";

/** Times between two questions, ms. */
const OVERVIEW_MS = 500;
const STATE_MS = 250;

function byId<T extends HTMLElement>(id: string): T {
	const found = document.getElementById(id);
	if (!found) throw new Error(`the page has no #${id}`);
	return found as T;
}

const main = byId("main");
const gate = byId<HTMLFormElement>("gate");
const token = byId<HTMLInputElement>("token");
const vitalsList = byId("vitals");
const vitals = new Vitals(vitalsList);

/** What is shown, and how to ask for more of it; ends with `stop`. */
interface Screen {
	readonly node: HTMLElement;
	readonly stop: AbortController;
	/** Which rooms of the overview it wants; none unless said. */
	readonly query?: () => string;
	refresh(overview: Overview): Promise<void>;
	readonly state?: () => Promise<void>;
}

let screen: Screen | null = null;

function roomsScreen(): Screen {
	const view = new RoomsView(() => void refresh());
	const stop = new AbortController();
	return {
		node: view.node,
		stop,
		query: () => view.query,
		refresh: (overview) => view.refresh(overview, stop.signal),
	};
}

function roomScreen(path: string, isClosed: boolean): Screen {
	const view = new RoomView(path, isClosed);
	const stop = new AbortController();
	return {
		node: view.node,
		stop,
		refresh: (overview) => view.refresh(overview, stop.signal),
		state: () => view.refreshLive(),
	};
}

function route(): void {
	screen?.stop.abort();
	const [, kind, id] = location.hash.split("/");
	const isClosed = kind === "closed";
	const name = (isClosed || kind === "room") && id ? decodeURIComponent(id) : null;
	screen =
		name === null
			? roomsScreen()
			: roomScreen(`${isClosed ? "closed" : "rooms"}/${encodeURIComponent(name)}`, isClosed);
	const room = name !== null && isClosed ? `closed room ${name}` : name;
	setText(byId("place"), room ?? "");
	document.title = room === null ? "Hotstep monitor" : `${room} · Hotstep monitor`;
	main.replaceChildren(screen.node);
	scrollTo(0, 0);
}

function showLink(state: "ok" | "wait" | "bad", text: string): void {
	const link = byId("link");
	link.dataset.state = state;
	setText(link, text);
}

function showGate(problem: string): void {
	keepToken(null);
	gate.hidden = false;
	main.hidden = true;
	vitalsList.hidden = true;
	setText(byId("gate-problem"), problem);
	showLink("wait", "locked");
	token.focus();
}

/** Says that the room is gone, and where to look at what is left of it. */
async function showGone(thrown: AdminError): Promise<void> {
	const [, kind, id] = location.hash.split("/");
	const back = element("a", { href: "#/" }, "All rooms");
	const words = thrown.name === "ERR_ADMIN_ROOM" ? "This room has closed." : thrown.message;
	screen?.stop.abort();
	screen = null;
	const gone = element("div", { class: "gone" }, element("p", {}, words), back);
	main.replaceChildren(gone);
	if (kind !== "room" || !id) return;
	const { rooms } = await ask<ClosedAnswer>("closed");
	const left = rooms.find((room) => room.id === decodeURIComponent(id));
	if (!left) return;
	const { key, lastFault } = left;
	if (lastFault !== null) gone.prepend(element("p", { class: "problem" }, lastFault));
	back.before(element("a", { href: `#/closed/${key}` }, "What is known of it"), " · ");
}

async function refresh(): Promise<void> {
	const current = screen;
	try {
		const query = current?.query?.() ?? "limit=0";
		const overview = await ask<Overview>(`overview?${query}`);
		// what was asked for meanwhile is on its way too, and may be here already
		if (current !== screen || query !== (current?.query?.() ?? "limit=0")) return;
		gate.hidden = true;
		main.hidden = false;
		vitalsList.hidden = false;
		vitals.update(overview);
		showLink("ok", overview.version);
		await current?.refresh(overview);
	} catch (thrown) {
		if (current?.stop.signal.aborted) return;
		if (!(thrown instanceof AdminError)) showLink("bad", "no answer");
		else if (thrown.status === 401 || thrown.status === 403) showGate(thrown.message);
		else if (thrown.status === 404 && current === screen) await showGone(thrown);
		else showLink("bad", thrown.name);
	}
}

/** Runs again and again, never twice at a time, and not for a page that nobody sees. */
function repeat(run: () => Promise<void>, everyMs: number): void {
	const next = async (): Promise<void> => {
		if (hasToken() && !document.hidden) await run();
		setTimeout(() => void next(), everyMs);
	};
	void next();
}

gate.addEventListener("submit", (event) => {
	event.preventDefault();
	keepToken(token.value);
	keepName(byId<HTMLInputElement>("operator").value);
	token.value = "";
	void refresh();
});
addEventListener("hashchange", route);
route();
if (!hasToken()) showGate("");
repeat(refresh, OVERVIEW_MS);
repeat(async () => screen?.state?.(), STATE_MS);
