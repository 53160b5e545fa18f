import { LIMITS } from "./limits.ts";

const utf8 = new TextEncoder();

/** Letters, marks, numbers, punctuation, symbols, and single spaces between them. */
const VISIBLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u;
/**
 * Characters that Unicode says may be invisible, and those that many fonts draw so: the empty braille
 * pattern, the musical null notehead, the Khitan filler. Also the replacement for lost text.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\u{16fe4}\ufffd]/u;
/** A mark without anything to stand on. */
const LONE_MARK = /(?:^| )\p{M}/u;
/** Marks piled upon one another. No living language needs more than four. */
const HEAP = /[\p{Mn}\p{Me}]{5}/u;
const FLAG_PAIR = /\p{Regional_Indicator}{2}/gu;
const HALF_FLAG = /\p{Regional_Indicator}/u;

/** Signs that remove a consonant's vowel; what follows may join it, or be kept from joining. */
const VIRAMA =
	"\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u1039\\u103a\\u17d2\\u1a60\\u1b44\\u1baa\\ua9c0";
const START = /^[\p{White_Space}\u200c\u200d]+/u;
/** A joiner after a virama is how half a letter is written. */
const END = new RegExp(`([${VIRAMA}]\\u200d)?[\\p{White_Space}\\u200c\\u200d]*$`, "u");
/** Letters of the Arabic script that never join the next one. */
const ENDS_ITS_STROKE =
	"\\u0621-\\u0625\\u0627\\u0629\\u062f-\\u0632\\u0648\\u0671-\\u0677\\u0688-\\u0699\\u06c0\\u06c3-\\u06cb\\u06cd\\u06cf\\u06d2\\u06d3\\u06d5\\u06ee\\u06ef";

/** Where invisible characters belong to the visible text; `$1` is what precedes them. */
const NEEDED: readonly RegExp[] = [
	// the flags of England, Scotland and Wales
	/(\u{1f3f4})\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/gu,
	// keycaps, and the choice between a symbol in colours and one in ink
	/([0-9#*])\ufe0f(?=\u20e3)/gu,
	/((?![0-9#*])\p{Emoji})[\ufe0e\ufe0f]/gu,
	// emoji joined into one; comes after the selectors, which must be gone
	/(\p{Extended_Pictographic}|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})/gu,
	// another form of an ideograph, or of a Mongolian letter
	/(\p{Script=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]/gu,
	/(\p{Script=Mongolian})[\u180b-\u180d\u180f]/gu,
	// Indic conjuncts: after a virama, and in Bengali before one
	new RegExp(`(\\p{L}\\p{M}?[${VIRAMA}])(?:\\u200c(?=\\p{L})|\\u200d(?!\\p{M}))`, "gu"),
	/(\u09b0)\u200d(?=\u09cd\p{L})/gu,
	// between two letters of the Arabic script that would join
	new RegExp(
		`((?![${ENDS_ITS_STROKE}])(?=\\p{L})\\p{Script=Arabic}\\p{Mn}{0,4})\\u200c(?=(?!\\u0621)(?=\\p{L})\\p{Script=Arabic})`,
		"gu",
	),
];

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * A player's name as shown, or null if it is not allowed: composed (NFC), trimmed, with single spaces
 * inside. It has at most {@link LIMITS.playerNameChars} characters as a reader counts them and {@link
 * LIMITS.playerNameBytes} bytes. Emoji sequences, and joiners where a script needs them, are allowed;
 * other characters that are invisible or hide visible ones are not. PROTOCOL.md §2.3 states the rule.
 */
export function readPlayerName(given: string): string | null {
	const name = given.normalize("NFC").replace(START, "").replace(END, "$1");
	if (utf8.encode(name).length > LIMITS.playerNameBytes) return null;
	let seen = name;
	for (const needed of NEEDED) seen = seen.replace(needed, "$1");
	const isSeen =
		VISIBLE.test(seen) &&
		!INVISIBLE.test(seen) &&
		!LONE_MARK.test(seen) &&
		!HEAP.test(seen) &&
		!HALF_FLAG.test(seen.replace(FLAG_PAIR, ""));
	if (!isSeen) return null;
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
