import fc from "fast-check";

/** SEED=… runs the very cases of an earlier run again. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 0x7fffffff));
process.stdout.write(`property seed: SEED=${seed}\n`);

/** Checks a property on random cases; a failure names the seed and the smallest case found. */
export function holds<T>(property: fc.IProperty<T>, runs = 200): void {
	fc.assert(property, { seed, numRuns: runs });
}

/** The same for a property that takes its time. */
export async function holdsAsync<T>(property: fc.IAsyncProperty<T>, runs: number): Promise<void> {
	await fc.assert(property, { seed, numRuns: runs });
}

/** One change of a byte string: a byte flipped, put in, taken out, or the end cut off. */
export type Mutation = readonly [kind: number, at: number, byte: number];

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
	fc.tuple(fc.nat(3), fc.nat(), fc.nat(255)),
	{ minLength: 1, maxLength: 4 },
);

export function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
	const out = [...bytes];
	for (const [kind, where, byte] of changes) {
		const at = where % (out.length + 1);
		if (kind === 0 && at < out.length) out[at] = byte;
		else if (kind === 1) out.splice(at, 0, byte);
		else if (kind === 2) out.splice(at, 1);
		else if (kind === 3) out.length = at;
	}
	return Uint8Array.from(out);
}
