import { CTX } from "./context";

/** xoshiro128** 1.1 by Blackman and Vigna (public domain); its four words live in ctx, seeded by the host. */
function next(): u32 {
	const s0 = load<u32>(CTX, 20);
	let s1 = load<u32>(CTX, 24);
	let s2 = load<u32>(CTX, 28);
	let s3 = load<u32>(CTX, 32);
	const result = rotl<u32>(s1 * 5, 7) * 9;
	const t = s1 << 9;
	s2 ^= s0;
	s3 ^= s1;
	s1 ^= s2;
	store<u32>(CTX, s0 ^ s3, 20);
	store<u32>(CTX, s1, 24);
	store<u32>(CTX, s2 ^ t, 28);
	store<u32>(CTX, rotl<u32>(s3, 11), 32);
	return result;
}

/** A number from 0 up to but not including 1, of 24 bits. */
export function random(): f32 {
	return <f32>(next() >> 8) * <f32>(1.0 / 16777216.0);
}

export function randomBetween(least: f32, most: f32): f32 {
	return least + (most - least) * random();
}

/** A whole number from 0 up to but not including `n`; `n` must be above 0. */
export function randomInt(n: i32): i32 {
	return <i32>((<u64>next() * <u64>(<u32>n)) >> 32);
}

/**
 * A number from 0 up to but not including 1 that follows from the tick and `key` alone. A client that
 * predicts draws the same as the server, and anybody else could too: not for what players must not know.
 */
export function randomAt(key: u32): f32 {
	// the mixing of splitmix32 over both
	let z = load<u32>(CTX) * 0x9e3779b9 + key * 0x85ebca6b;
	z = (z ^ (z >>> 16)) * 0x85ebca6b;
	z = (z ^ (z >>> 13)) * 0xc2b2ae35;
	z ^= z >>> 16;
	return <f32>(z >> 8) * <f32>(1.0 / 16777216.0);
}
