import { isPlayerName } from "../protocol/messages/client-message.ts";

/** What a player is told when the server ends a connection, by its error name. */
const SENTENCES: Readonly<Record<string, string>> = {
	ERR_NETWORK: "The server cannot be reached.",
	ERR_SERVER_SHUTDOWN: "The server is restarting.",
	ERR_SERVER_FULL: "The server is full. Try again in a moment.",
	ERR_ROOM_FULL: "This room is full.",
	ERR_ROOM_UNKNOWN: "This room does not exist any more.",
	ERR_GAME_UNKNOWN: "The server does not offer this game.",
	ERR_NAME_INVALID: "Please choose another name.",
	ERR_PROTOCOL_VERSION: "This page is out of date: reload it.",
	ERR_ROOM_FAULT: "The rules of this room failed, so it had to end.",
	ERR_KICKED: "You were removed from the room.",
	ERR_REFUSED: "The room did not let you in.",
	ERR_RATE_LIMITED: "This page sent too much at once.",
	ERR_CLIENT_TOO_SLOW: "Your connection could not keep up.",
	ERR_HEARTBEAT_TIMEOUT: "Your connection went silent.",
};

/** A plain sentence for an error name. */
export function sentenceFor(name: string): string {
	return SENTENCES[name] ?? `The server ended the connection (${name}).`;
}

type Kind = "start" | "connecting" | "reconnecting" | "ended";

function element<T extends HTMLElement>(id: string): T {
	const found = document.getElementById(id);
	if (!found) throw new Error(`the page has no #${id}`);
	return found as T;
}

/** The panel over the game: the start, and everything that keeps one from playing. */
export class Screens {
	private readonly screen = element("screen");
	private readonly message = element("message");
	private readonly problem = element("problem");
	private readonly nameField = element("name-field");
	private readonly name = element<HTMLInputElement>("name");
	private readonly play = element<HTMLButtonElement>("play");

	constructor(onPlay: (name: string) => void) {
		this.name.value = localStorage.getItem("hotstep.name") ?? "";
		element<HTMLFormElement>("panel").addEventListener("submit", (event) => {
			event.preventDefault();
			const name = this.name.value.trim();
			if (!isPlayerName(name)) {
				this.problem.textContent = "A name has 1 to 32 visible characters.";
				return;
			}
			localStorage.setItem("hotstep.name", name);
			onPlay(name);
		});
	}

	set playerName(name: string) {
		this.name.value = name;
	}

	start(): void {
		this.show("start", "Shoot asteroids, and one another.");
		this.name.focus();
	}

	connecting(): void {
		this.show("connecting", "Connecting …");
	}

	reconnecting(name: string): void {
		this.show("reconnecting", `${sentenceFor(name)} Reconnecting …`);
	}

	ended(name: string): void {
		this.show("ended", "");
		this.problem.textContent = sentenceFor(name);
		this.play.textContent = "Try again";
		this.play.focus();
	}

	hide(): void {
		this.screen.hidden = true;
	}

	private show(kind: Kind, message: string): void {
		this.screen.hidden = false;
		this.screen.dataset.kind = kind;
		this.message.textContent = message;
		this.problem.textContent = "";
		const asks = kind === "start" || kind === "ended";
		this.nameField.hidden = !asks;
		this.play.hidden = !asks;
		this.play.textContent = "Fly";
	}
}
