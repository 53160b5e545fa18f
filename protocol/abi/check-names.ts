import { refuse } from "./descriptor-reader.ts";

/** No two of `items` may have one name. */
export function checkUnique(items: readonly { readonly name: string }[], what: string): void {
	const seen = new Set<string>();
	for (const { name } of items) {
		if (seen.has(name)) refuse("ERR_DESCRIPTOR_NAME", `${what} "${name}" stands twice`);
		seen.add(name);
	}
}

/** A former name must be gone and claimed only once, or renames could form a cycle. */
export function checkRenames(
	items: readonly { name: string; was: string | null }[],
	what: string,
): void {
	const names = new Set(items.map((item) => item.name));
	const claimed = new Set<string>();
	for (const { name, was } of items) {
		if (was === null) continue;
		if (names.has(was) || claimed.has(was)) {
			refuse("ERR_DESCRIPTOR_RENAME", `${what} "${name}" was "${was}", which is still in use`);
		}
		claimed.add(was);
	}
}
