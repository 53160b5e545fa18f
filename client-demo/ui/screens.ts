import { elementById } from "./element-by-id.ts";
import { sentenceFor } from "./error-sentences.ts";
import { nameProblem } from "./name-problem.ts";
import { recallName, rememberName } from "./remembered-name.ts";

/** What the panel is about: `waiting` goes on by itself, `ended` needs the player. */
type Kind = "start" | "connecting" | "waiting" | "ended";

export interface ScreenActions {
	/** The player wants to fly, or to try again, under this name. */
	play(name: string): void;
	/** The player wants to be back at the start. */
	back(): void;
}

/** What the button says after these errors; trying the same again could not help. */
const REMEDIES: Readonly<Record<string, string>> = {
	ERR_PROTOCOL_VERSION: "Reload the page",
	ERR_ROOM_UNKNOWN: "Play in another room",
	ERR_ROOM_FULL: "Play in another room",
};

/** The panel over the game: the start, and everything that keeps one from playing. */
export class Screens {
	private readonly screen = elementById("screen");
	private readonly message = elementById("message");
	private readonly problem = elementById("problem");
	private readonly nameField = elementById("name-field");
	private readonly name = elementById<HTMLInputElement>("name");
	private readonly play = elementById<HTMLButtonElement>("play");
	private readonly backButton = elementById<HTMLButtonElement>("back");
	/** Always in the page, so that it is read out whatever is shown. */
	private readonly status = elementById("status");

	constructor({ play, back }: ScreenActions) {
		this.name.value = recallName();
		elementById<HTMLFormElement>("panel").addEventListener("submit", (event) => {
			event.preventDefault();
			const name = this.name.value.trim();
			const problem = nameProblem(name);
			this.showProblem(problem);
			if (problem !== null) return;
			rememberName(name);
			play(name);
		});
		this.name.addEventListener("input", () => this.showProblem(null));
		this.backButton.addEventListener("click", back);
	}

	set playerName(name: string) {
		this.name.value = name;
	}

	start(problem: string | null = null): void {
		this.show("start", "Shoot asteroids, and one another.", "Fly");
		this.showProblem(problem);
		this.name.focus();
	}

	connecting(): void {
		this.show("connecting", "Connecting …", "Try again");
	}

	/** The connection is gone or never came about; it is tried again without a word of the player. */
	waiting(error: string, isReconnecting: boolean): void {
		const what = isReconnecting ? "Reconnecting …" : "Trying again …";
		this.show("waiting", `${sentenceFor(error)} ${what}`, "Try now");
	}

	ended(error: string): void {
		this.show("ended", sentenceFor(error), REMEDIES[error] ?? "Try again");
		if (error === "ERR_NAME_INVALID") {
			this.nameField.hidden = false;
			this.name.focus();
		} else this.play.focus();
	}

	hide(): void {
		this.screen.hidden = true;
		this.status.textContent = "You are flying.";
		if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
	}

	private show(kind: Kind, message: string, button: string): void {
		this.screen.hidden = false;
		this.screen.dataset.kind = kind;
		this.message.textContent = message;
		this.status.textContent = message;
		this.showProblem(null);
		this.nameField.hidden = kind !== "start";
		this.backButton.hidden = kind === "start";
		this.play.textContent = button;
	}

	private showProblem(problem: string | null): void {
		this.problem.textContent = problem ?? "";
		this.name.setAttribute("aria-invalid", String(problem !== null));
	}
}
