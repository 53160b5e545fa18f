/** Why something cannot be verified: a name of docs/errors.md, and what to do about it. */
export interface Refusal {
	readonly error: string;
	readonly detail: string;
}
