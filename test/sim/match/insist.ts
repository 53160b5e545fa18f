/** Says what is not as it must be. @throws Error */
export function insist(condition: boolean, what: string): asserts condition {
	if (!condition) throw new Error(what);
}
