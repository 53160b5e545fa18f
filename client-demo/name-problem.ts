import { LIMITS } from "../protocol/limits.ts";
import { isPlayerName } from "../protocol/messages/client-message.ts";

const utf8 = new TextEncoder();

/** What is wrong with a player's name, as a sentence, or null. It is the server's own rule. */
export function nameProblem(name: string): string | null {
	if (isPlayerName(name)) return null;
	if (name === "") return "Please enter a name.";
	if (utf8.encode(name).length > LIMITS.playerNameBytes) return "This name is too long.";
	return "A name has visible characters only, with single spaces between them.";
}
