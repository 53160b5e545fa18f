import { SERVER_LIMITS } from "../../../limits.ts";

/** A source map of a wasm file (revision 3 of the format): one line whose columns are its bytes. */
export interface SourceMap {
	readonly sources: readonly string[];
	/** Bytes of the raw file, ascending; then, for each, source, line and column, from 0; source -1 for none. */
	readonly offsets: Uint32Array;
	readonly places: Int32Array;
}

export interface SourcePlace {
	readonly file: string;
	/** From 1, as editors count. */
	readonly line: number;
	readonly column: number;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGIT_OF = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++) DIGIT_OF[DIGITS.charCodeAt(i)] = i;
const COMMA = 0x2c;

/** Base-64 VLQ numbers of one line of mappings. */
class Mappings {
	private readonly text: string;
	at = 0;
	failed = false;

	constructor(text: string) {
		this.text = text;
	}

	get isAtEnd(): boolean {
		return this.at >= this.text.length;
	}

	/** True at a comma, which it steps over. */
	next(): boolean {
		if (this.text.charCodeAt(this.at) !== COMMA) return false;
		this.at++;
		return true;
	}

	get hasNumber(): boolean {
		return !this.isAtEnd && this.text.charCodeAt(this.at) !== COMMA;
	}

	number(): number {
		let value = 0;
		for (let shift = 0; shift < 35; shift += 5) {
			const digit = DIGIT_OF[this.text.charCodeAt(this.at++)] ?? -1;
			if (digit < 0) break;
			value += (digit & 31) * 2 ** shift;
			if (digit < 32) return value % 2 === 1 ? -Math.floor(value / 2) : value / 2;
		}
		this.failed = true;
		return 0;
	}
}

/**
 * Places that are kept, 16 bytes each. A map with more cannot belong to a module that may be loaded.
 */
const MOST_PLACES = 1024 * 1024;

function decode(sources: readonly string[], text: string): SourceMap | null {
	const mappings = new Mappings(text);
	let capacity = 1;
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === COMMA) capacity++;
	if (capacity > MOST_PLACES) return null;
	const offsets = new Uint32Array(capacity);
	const places = new Int32Array(capacity * 3);
	let count = 0;
	let offset = 0;
	let source = 0;
	let line = 0;
	let column = 0;
	while (!mappings.isAtEnd && !mappings.failed) {
		offset += mappings.number();
		if (mappings.hasNumber) {
			source += mappings.number();
			line += mappings.number();
			column += mappings.number();
			if (mappings.hasNumber) mappings.number(); // a name, of which we have better ones
			if (!sources[source] || offset < 0 || line < 0) return null;
			if (count > 0 && offset < offsets[count - 1]) return null;
			offsets[count] = offset;
			places.set([source, line, column], count * 3);
			count++;
		} else if (count > 0 && offset >= offsets[count - 1]) {
			offsets[count] = offset;
			places[count++ * 3] = -1;
		}
		if (!mappings.next() && !mappings.isAtEnd) return null;
	}
	if (mappings.failed) return null;
	return { sources, offsets: offsets.subarray(0, count), places: places.subarray(0, count * 3) };
}

/**
 * Reads a `.wasm.map`; null for anything that is not a source map of a wasm file, or too large. It
 * takes up to half a second: never call it on a thread that runs rooms.
 */
export function readSourceMap(json: string | Uint8Array): SourceMap | null {
	if (json.length > SERVER_LIMITS.mapBytes) return null;
	let map: unknown;
	try {
		map = JSON.parse(typeof json === "string" ? json : new TextDecoder().decode(json));
	} catch {
		return null;
	}
	if (typeof map !== "object" || map === null) return null;
	const { sources, mappings } = map as Record<string, unknown>;
	if (!Array.isArray(sources) || typeof mappings !== "string") return null;
	if (!sources.every((source): source is string => typeof source === "string")) return null;
	return decode(sources, mappings);
}

/** How many places are mapped up to a byte of the raw file. */
function countUpTo({ offsets }: SourceMap, rawOffset: number): number {
	let low = 0;
	let high = offsets.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (offsets[middle] <= rawOffset) low = middle + 1;
		else high = middle;
	}
	return low;
}

function placeAt({ sources, places }: SourceMap, index: number): SourcePlace {
	const [source, line, column] = places.subarray(index * 3, index * 3 + 3);
	return { file: sources[source], line: line + 1, column: column + 1 };
}

/** The source of the instruction at a byte of the raw file: that of the last one mapped before it. */
export function sourcePlace(map: SourceMap, rawOffset: number): SourcePlace | null {
	const count = countUpTo(map, rawOffset);
	return count === 0 || map.places[(count - 1) * 3] < 0 ? null : placeAt(map, count - 1);
}

/** Files of a language's own library and of the SDK, which a compiler likes to inline. */
function isLibrary(file: string): boolean {
	return file.startsWith("~lib/") || file.startsWith("generated/");
}

/**
 * Where a function that reached library code last was in a file of its own: the call that was inlined.
 * Null when the place itself is no library's, or when there is nothing else in the function before it.
 */
export function callerPlace(
	map: SourceMap,
	functionStart: number,
	rawOffset: number,
): SourcePlace | null {
	const last = countUpTo(map, rawOffset) - 1;
	if (last < 0 || map.places[last * 3] < 0 || !isLibrary(placeAt(map, last).file)) return null;
	for (let i = last; i >= 0 && map.offsets[i] >= functionStart; i--) {
		if (map.places[i * 3] < 0) continue;
		const place = placeAt(map, i);
		if (!isLibrary(place.file)) return place;
	}
	return null;
}

/** Where the code from one byte of the raw file up to another begins, in a file of its own if it has any. */
export function firstPlace(map: SourceMap, from: number, to: number): SourcePlace | null {
	let library: SourcePlace | null = null;
	for (let i = countUpTo(map, from - 1); i < map.offsets.length && map.offsets[i] < to; i++) {
		if (map.places[i * 3] < 0) continue;
		const place = placeAt(map, i);
		if (!isLibrary(place.file)) return place;
		library ??= place;
	}
	return library;
}
