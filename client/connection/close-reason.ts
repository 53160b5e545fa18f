import { CLOSE_CODES } from "../../protocol/errors.ts";

/** Why a room ended: the server's error name (`docs/errors.md`) or ERR_NETWORK. */
export interface Ending {
	readonly name: string;
	readonly code: number;
	/** The number that the game's rules gave when they refused or kicked the player. */
	readonly reason?: number;
	/** What this machine says about it, if anything. */
	readonly detail?: string;
}

/** The content of a close frame: an error's name, followed by a number if the rules gave one. */
export function endingOf(code: number, reason: string, detail?: string): Ending {
	const byCode = Object.entries(CLOSE_CODES).find(([, c]) => c === code)?.[0];
	const [given, number] = reason.split(" ", 2);
	const name = given || byCode || "ERR_NETWORK";
	return {
		name,
		code,
		...(number ? { reason: Number(number) } : {}),
		...(detail ? { detail } : {}),
	};
}
