import type { ErrorName } from "./errors.ts";

/** Why something is not done, as a value: a name that `docs/errors.md` explains, and what exactly is wrong. */
export interface Refusal<Name extends ErrorName = ErrorName> {
	readonly error: Name;
	readonly detail: string;
}

export function refusal<const Name extends ErrorName>(error: Name, detail: string): Refusal<Name> {
	return { error, detail };
}
