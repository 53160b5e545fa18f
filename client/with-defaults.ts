/** `given` over `defaults`; what is `undefined` counts as left out. */
export function withDefaults<T extends object>(
	defaults: T,
	given: { readonly [K in keyof T]?: T[K] | undefined },
): T {
	const all = { ...defaults };
	for (const key of Object.keys(given) as (keyof T)[]) {
		const value = given[key];
		if (value !== undefined) all[key] = value as T[keyof T];
	}
	return all;
}
