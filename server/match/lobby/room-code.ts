import { randomInt } from "node:crypto";

/** Letters and digits that nobody takes for one another, said aloud or written down. */
const LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789";
const CODE_LENGTH = 6;

/** One of 729 million, so that guessing meets the limits for failures first. */
export function newCode(): string {
	return Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

/** A code as it was given out, whatever case and spaces somebody typed; null for none. */
export function readCode(given: unknown): string | null {
	if (typeof given !== "string" || given.length > 4 * CODE_LENGTH) return null;
	const code = given.toUpperCase().replace(/[\s-]/g, "");
	const isCode = code.length === CODE_LENGTH && [...code].every((one) => LETTERS.includes(one));
	return isCode ? code : null;
}
