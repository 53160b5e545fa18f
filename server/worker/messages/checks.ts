/** Says whether a value that came from another process has the shape it must have. */
export type Check<T> = (value: unknown) => value is T;
/** What a check lets through. */
type Checked<C> = C extends Check<infer T> ? T : never;

export const flag: Check<boolean> = (value): value is boolean => typeof value === "boolean";

/** A whole number from 0. */
export const count: Check<number> = (value): value is number =>
	Number.isSafeInteger(value) && (value as number) >= 0;

/** A number from 0, not infinite. */
export const amount: Check<number> = (value): value is number =>
	Number.isFinite(value) && (value as number) >= 0;

export function text(mostChars: number): Check<string> {
	return (value): value is string => typeof value === "string" && value.length <= mostChars;
}

export function bytes(most: number): Check<Uint8Array> {
	return (value): value is Uint8Array => value instanceof Uint8Array && value.length <= most;
}

export function word<const T extends string>(...words: readonly T[]): Check<T> {
	return (value): value is T => words.includes(value as T);
}

export function orNull<T>(check: Check<T>): Check<T | null> {
	return (value): value is T | null => value === null || check(value);
}

/** A field that an older version, whose workers go on under a newer supervisor, does not have. */
export function maybe<T>(check: Check<T>): Check<T | undefined> {
	return (value): value is T | undefined => value === undefined || check(value);
}

export function list<T>(check: Check<T>, most: number): Check<T[]> {
	return (value): value is T[] =>
		Array.isArray(value) && value.length <= most && value.every((item) => check(item));
}

/** Values by name, such as the headers of a request. */
export function record<T>(check: Check<T>, most: number): Check<Record<string, T>> {
	return (value): value is Record<string, T> => {
		if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
		const values = Object.values(value);
		return values.length <= most && values.every((item) => check(item));
	};
}

type Fields<F> = { [K in keyof F]: Checked<F[K]> };

/** An object with these fields; others beside them are nobody's business. */
export function fields<F extends Record<string, Check<unknown>>>(checks: F): Check<Fields<F>> {
	const entries = Object.entries(checks);
	return (value): value is Fields<F> =>
		typeof value === "object" &&
		value !== null &&
		entries.every(([name, check]) => check((value as Record<string, unknown>)[name]));
}

/** A message that says by `type` which of these it is; null when it is none of them, or not as it must be. */
export function readMessage<K extends Record<string, Check<unknown>>>(
	kinds: K,
	value: unknown,
): { [T in keyof K & string]: { type: T } & Checked<K[T]> }[keyof K & string] | null {
	const type = (value as { type?: unknown } | null | undefined)?.type;
	if (typeof type !== "string" || !Object.hasOwn(kinds, type)) return null;
	return (kinds[type] as Check<unknown>)(value) ? (value as never) : null;
}

/** All messages of these kinds. */
export type MessageOf<K extends Record<string, Check<unknown>>> = {
	[T in keyof K & string]: { type: T } & Checked<K[T]>;
}[keyof K & string];
