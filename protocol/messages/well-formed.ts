const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text as UTF-8 can carry it: half a surrogate pair becomes the replacement character, U+FFFD. */
export function wellFormed(given: string): string {
	return text.decode(utf8.encode(given));
}
