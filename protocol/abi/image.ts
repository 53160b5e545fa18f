/**
 * The whole state of a module between two ticks: its linear memory and its mutable globals. A sealed
 * module exports all of these, so a copy misses no state.
 */
export interface Image {
	/** Linear memory; may be longer than `length` when the buffer is used again. */
	bytes: Uint8Array<ArrayBuffer>;
	/** Bytes of memory that the module had. */
	length: number;
	globals: (number | bigint)[];
}

export function createImage(): Image {
	return { bytes: new Uint8Array(0), length: 0, globals: [] };
}

export function copyImage(image: Image): Image {
	return {
		bytes: image.bytes.slice(0, image.length),
		length: image.length,
		globals: [...image.globals],
	};
}
