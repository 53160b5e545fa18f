/** Writes wasm by hand, for modules that no assembler would make. */

export function u32(value: number): number[] {
	const bytes: number[] = [];
	let v = value >>> 0;
	do {
		bytes.push((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>>= 7;
	} while (v > 0);
	return bytes;
}

export function s32(value: number): number[] {
	const bytes: number[] = [];
	let v = value | 0;
	while (v < -64 || v > 63) {
		bytes.push((v & 0x7f) | 0x80);
		v >>= 7;
	}
	return [...bytes, v & 0x7f];
}

export function text(value: string): number[] {
	const bytes = [...new TextEncoder().encode(value)];
	return [...u32(bytes.length), ...bytes];
}

export function vector(items: readonly (readonly number[])[]): number[] {
	return [...u32(items.length), ...items.flat()];
}

export function section(id: number, payload: readonly number[]): number[] {
	return [id, ...u32(payload.length), ...payload];
}

export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export const I32 = 0x7f;
export const EMPTY_BLOCK = 0x40;

/** () -> i32, () -> (), (i32) -> i32, log's and abort's type, in this order. */
export const TYPES = {
	status: 0,
	action: 1,
	unary: 2,
	log: 3,
	abort: 4,
} as const;

const TYPE_SECTION = vector([
	[0x60, 0, 1, I32],
	[0x60, 0, 0],
	[0x60, 1, I32, 1, I32],
	[0x60, 3, I32, I32, I32, 0],
	[0x60, 4, I32, I32, I32, I32, 0],
]);

export interface Handmade {
	/** Bodies of functions of type () -> i32: local declarations and code, `end` included. The first
	 * is hs_tick. */
	bodies: readonly (readonly number[])[];
	/** Payloads of further sections, or of other ones in place of the usual, by id. */
	sections?: Readonly<Record<number, readonly number[]>>;
}

/** A body that returns 0. */
export const RETURNS_0 = [0, 0x41, 0, 0x0b];

const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** A module that a server would take, but for what the caller puts in. No imports. */
export function handmade({ bodies, sections = {} }: Handmade): Uint8Array<ArrayBuffer> {
	const all: Record<number, readonly number[]> = {
		1: TYPE_SECTION,
		3: vector([...bodies, RETURNS_0].map(() => [TYPES.status])),
		5: vector([[1, 1, 16]]),
		7: vector([
			[...text("memory"), 2, 0],
			[...text("hs_tick"), 0, 0],
			[...text("hs_describe"), 0, ...u32(bodies.length)],
		]),
		10: vector([...bodies, RETURNS_0].map((body) => [...u32(body.length), ...body])),
		...sections,
	};
	const bytes = [...HEADER];
	for (const id of ORDER) if (all[id]) for (const byte of section(id, all[id])) bytes.push(byte);
	return new Uint8Array(bytes);
}

/** `count` copies of some code. */
export function times(count: number, code: readonly number[]): number[] {
	const bytes: number[] = [];
	for (let i = 0; i < count; i++) for (const byte of code) bytes.push(byte);
	return bytes;
}
