import type { CloseName, JoinErrorName } from "../../protocol/errors.ts";

/** Why somebody does not come in: a stable name, and words for the log. */
export interface Refusal {
	readonly error: CloseName | JoinErrorName;
	readonly detail: string;
}

export function refusal<const N extends Refusal["error"]>(
	error: N,
	detail: string,
): { readonly error: N; readonly detail: string } {
	return { error, detail };
}
