import { LIMITS } from "./limits.ts";

const utf8 = new TextEncoder();
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Letters, marks, numbers, punctuation, symbols, spaces, and what joins some of them; no controls. */
const CHARACTERS = /^(?:[\p{L}\p{M}\p{N}\p{P}\p{S} ]|\u200c|\u200d|[\u{e0020}-\u{e007f}])+$/u;
const ENDS = /^[\p{White_Space}\u200c\u200d]+|[\p{White_Space}\u200c\u200d]+$/gu;
/** Something to see: not marks and joiners alone. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** An emoji as Unicode's UTS #51 builds them: one with its look or tone, or several joined. */
const EMOJI_PART = "\\p{Extended_Pictographic}[\\ufe0e\\ufe0f]?[\\u{1f3fb}-\\u{1f3ff}]?";
const SEQUENCES = new RegExp(
	[
		// keycaps
		"[0-9#*]\\ufe0f?\\u20e3",
		// flags of parts of a country
		"\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{3,6}\\u{e007f}",
		`${EMOJI_PART}(?:\\u200d${EMOJI_PART})*`,
		// a choice between two looks, of symbols that are no emoji by themselves
		"[\\p{S}\\p{N}\\p{P}][\\ufe0e\\ufe0f]",
	].join("|"),
	"gu",
);

/** Scripts whose letters change their shape beside one another, where a joiner or its opposite is spelling. */
const JOINING = [
	"Arabic",
	"Syriac",
	"Nko",
	"Mongolian",
	"Devanagari",
	"Bengali",
	"Gurmukhi",
	"Gujarati",
	"Oriya",
	"Tamil",
	"Telugu",
	"Kannada",
	"Malayalam",
	"Sinhala",
	"Khmer",
	"Myanmar",
];
const joining = `[${JOINING.map((script) => `\\p{Script_Extensions=${script}}`).join("")}]`;
const JOINED = new RegExp(`(?<=${joining})[\\u200c\\u200d](?=${joining})`, "gu");

/** What may be drawn as nothing, or turns the text around: spoofs. And the braille pattern without a dot. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/u;
/** More marks on one letter than any script has. */
const HEAP = /\p{M}{5,}/u;

/**
 * The name that a player is shown by, or null for one that nobody may carry: composed (NFC), its ends
 * trimmed, single spaces inside. It has at most {@link LIMITS.playerNameChars} characters as a reader counts
 * them and {@link LIMITS.playerNameBytes} bytes. Emoji sequences, and joiners where a script needs them,
 * are taken; whatever else cannot be seen, or hides what is, is not.
 */
export function readPlayerName(given: string): string | null {
	// half a surrogate pair has no encoding
	if (/\p{Surrogate}/u.test(given)) return null;
	const name = given.normalize("NFC").replace(ENDS, "");
	if (utf8.encode(name).length > LIMITS.playerNameBytes || !VISIBLE.test(name)) return null;
	const rest = name.replace(SEQUENCES, "").replace(JOINED, "");
	if (INVISIBLE.test(rest) || HEAP.test(name) || /\s{2}/.test(name)) return null;
	if (!CHARACTERS.test(name)) return null;
	return [...graphemes.segment(name)].length <= LIMITS.playerNameChars ? name : null;
}

/** As much of a name as a module's inbox has room for, cut between two characters. */
export function nameForRules(name: string): string {
	let kept = "";
	let bytes = 0;
	for (const { segment } of graphemes.segment(name)) {
		bytes += utf8.encode(segment).length;
		if (bytes > LIMITS.joinNameBytes) break;
		kept += segment;
	}
	return kept || "?";
}
