import type { MessageAnswer } from "../protocol/operator-answers.ts";
import { tell } from "./admin-api.ts";
import { armedButton, element, setText } from "./element.ts";
import { count } from "./format.ts";

/** Shows a line to players, and takes it away again. */
export class MessageForm {
	readonly node: HTMLElement;
	private readonly path: string;
	private readonly text = element("input", {
		type: "text",
		class: "message-text",
		// protocol/limits.ts: noticeChars
		maxlength: "2000",
		placeholder: "A line for their screens",
		autocomplete: "off",
	});
	private readonly said = element("p", { class: "said", role: "status" });

	/** `room` is a room's id; null speaks to everybody. */
	constructor(room: string | null) {
		this.path = room === null ? "message" : `message?room=${encodeURIComponent(room)}`;
		const label = room === null ? "Message to all players" : "Message to this room";
		const question = room === null ? "Show it to all?" : "Show it to the room?";
		this.text.setAttribute("aria-label", label);
		const send = armedButton("Send", question, () => void this.send(this.text.value));
		send.classList.add("send");
		const back = element("button", { type: "button", class: "take-back" }, "Take it back");
		back.addEventListener("click", () => void this.send(null));
		this.node = element(
			"section",
			{ class: "message panel" },
			element("h2", {}, label),
			element("div", { class: "line" }, this.text, send, back),
			this.said,
		);
	}

	private async send(text: string | null): Promise<void> {
		this.said.classList.remove("problem");
		try {
			const { clients } = await tell<MessageAnswer>(this.path, JSON.stringify({ text }));
			const who = `${count(clients)} ${clients === 1 ? "client" : "clients"}`;
			setText(this.said, text === null ? `Taken back from ${who}.` : `Shown to ${who}.`);
			if (text !== null) this.text.value = "";
		} catch (thrown) {
			this.said.classList.add("problem");
			setText(this.said, (thrown as Error).message);
		}
	}
}
