import { LIMITS } from "../../protocol/limits.ts";
import { readPlayerName } from "../../protocol/player-name.ts";

const utf8 = new TextEncoder();

/** What is wrong with a player's name, as a sentence, or null. It is the server's own rule. */
export function nameProblem(name: string): string | null {
	if (readPlayerName(name) !== null) return null;
	if (name.trim() === "") return "Please enter a name.";
	const isLong =
		utf8.encode(name).length > LIMITS.playerNameBytes || [...name].length > LIMITS.playerNameChars;
	if (isLong) return "This name is too long.";
	return "A name has visible characters only, with single spaces between them.";
}
