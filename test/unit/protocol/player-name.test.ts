import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../protocol/limits.ts";
import { nameForRules, readPlayerName } from "../../../protocol/player-name.ts";

const FLAG_OF_ENGLAND = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}";
const FLAG_OF_TEXAS = "\u{1f3f4}\u{e0075}\u{e0073}\u{e0074}\u{e0078}\u{e007f}";

/** Names as they are given, and as they are shown. */
const TAKEN: readonly (readonly [what: string, given: string, shown?: string])[] = [
	["Latin", "Ann"],
	["a digit", "0"],
	["a plain emoji", "Bob 🐺"],
	["a heart with its look", "Ann ❤️"],
	["symbols with their look", "⚔️Rex⚔️"],
	["a symbol as text", "Max ☀︎"],
	["a skin tone", "Zoe 👋🏽"],
	["a flag", "Max 🇩🇪"],
	[
		"a flag of a part of a country",
		"Gwen 🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
	],
	["a family", "👨‍👩‍👧"],
	["a profession with a tone and a look", "👩🏽‍⚕️"],
	["a keycap", "Nr 1️⃣"],
	["Persian with its non-joiner", "می‌خواهم"],
	["Hindi", "क्षत्रिय"],
	["Hindi with its joiner", "क्‍ष"],
	["Sinhala with its joiner", "ශ්‍රී"],
	["Thai of 12 letters", "สวัสดีครับผม"],
	["Korean that is not composed", "김민수".normalize("NFD"), "김민수"],
	["Hebrew with its points", "שָׁלוֹם"],
	["Vietnamese", "Nguyễn Văn Ân"],
	["a space at its end, as phones put it", "Ann ", "Ann"],
	["spaces of other kinds at its ends", "\u00a0\t Ann\u3000\n", "Ann"],
	["a joiner at its end", "می‌", "می"],
	["32 letters", "a".repeat(32)],
	["32 Cyrillic letters", "ж".repeat(32)],
	["emoji with a selector", "❤️ ⚔️Rex⚔️ ☠︎"],
	["a skin tone", "Zoe 👋🏽"],
	["a joined family", "👨‍👩‍👧"],
	["joined emoji with tones and selectors", "🧑🏽‍🚀 👩‍❤️‍💋‍👩 🏳️‍🌈 🏴‍☠️"],
	["a flag", "Max 🇩🇪🇫🇷"],
	["the flag of England", FLAG_OF_ENGLAND],
	["a keycap", "Nr 1️⃣ #️⃣"],
	["Persian with its joiner", "می‌خواهم"],
	["Persian with a mark before the joiner", "مِیّ‌خواهم"],
	["Hindi", "क्षत्रिय"],
	["Hindi with joiners", "क्‍ष क्‌ष"],
	["Sinhala", "ශ්‍රී ලංකා"],
	["Malayalam, an old chillu at the end", "അവന്‍"],
	["Bengali", "র‍্যাব"],
	["12 Thai letters", "สวัสดีครับผม"],
	["Tamil", "தமிழ்ச்செல்வன்"],
	["Tibetan stacks", "སངས་རྒྱས"],
	["Hebrew with points", "שָׁלוֹם"],
	["Arabic with marks", "مُحَمَّد"],
	["Han with a chosen form", "葛\u{e0100}城"],
	["Mongolian with a chosen form", "ᠠ\u180bᠪ"],
	["32 Han characters", "名".repeat(32)],
	["letters and marks apart", "Zoe\u0308", "Zoë"],
	["half an emoji's joiner gone", "👨\u200d", "👨"],
];

const REFUSED: readonly (readonly [what: string, given: string])[] = [
	["nothing", ""],
	["spaces alone", "   "],
	["33 letters", "a".repeat(33)],
	["over 96 bytes", "👨‍👩‍👧".repeat(6)],
	["two spaces", "Ann  Lee"],
	["a tab inside", "Ann\tLee"],
	["a no-break space inside", "Ann\u00a0Lee"],
	["a line break", "An\nn"],
	["a control character", "An\u0007n"],
	["a right-to-left override", "Ann\u202e"],
	["an isolate", "\u2067Ann\u2069"],
	["a right-to-left mark", "An\u200fn"],
	["a zero-width space", "An\u200bn"],
	["a joiner between Latin letters", "An\u200dn"],
	["a non-joiner between Latin letters", "An\u200cn"],
	["two joiners in a row", "می\u200c\u200cخواهم"],
	["a word joiner", "An\u2060n"],
	["a soft hyphen", "An\u00adn"],
	["a byte order mark", "A\ufeffn"],
	["half an emoji", "wolf \ud83d"],
	["the other half", "\udc3a wolf"],
	["a look behind a letter", "An\ufe0fn"],
	["a look alone", "\ufe0f"],
	["marks alone", "\u0301\u0301"],
	["a heap of marks", `Z${"\u0301\u0300".repeat(4)}`],
	["tags without a flag", "Ann\u{e0067}\u{e0062}\u{e007f}"],
	["tags without an end", "🏴\u{e0067}\u{e0062}\u{e0077}"],
	["the Hangul filler", "\u3164"],
	["the Hangul fillers of syllables", "\u115f\u1160"],
	["a blank braille pattern", "\u2800\u2800"],
	["a private character", "An\ue000n"],
	["what no version of Unicode has", "An\u{10fffe}n"],
	["33 characters of three bytes", "名".repeat(33)],
	["more bytes than a name has", "👨‍👩‍👧‍👦".repeat(4)],
	["two spaces", "An  n"],
	["a no-break space", "An\u00a0n"],
	["a line break", "An\nn"],
	["a tab", "An\tn"],
	["a control character", "An\u0007n"],
	["a next-line character", "An\u0085n"],
	["a zero-width space", "An\u200bn"],
	["a word joiner", "An\u2060n"],
	["a soft hyphen", "An\u00adn"],
	["a byte order mark", "\ufeffAnn"],
	["a right-to-left override", "An\u202en"],
	["a right-to-left override at the end", "Ann\u202e"],
	["an isolate", "\u2067Ann\u2069"],
	["a right-to-left mark", "Ann\u200f"],
	["half a surrogate pair", "wolf \ud83d"],
	["the other half", "\udc3a wolf"],
	["a replacement character", "Ann\ufffd"],
	["half a flag", "🇩🇪🇫"],
	["a private character", "An\ue000n"],
	["an unassigned one", "An\u0378n"],
	["Hangul fillers", "\u3164 \u115f\u1160 \uffa0"],
	["blank braille", "\u2800\u2800"],
	["a null notehead", "\u{1d159}"],
	["a combining grapheme joiner", "A\u034fnn"],
	["a selector alone", "\ufe0f"],
	["a selector behind a letter", "A\ufe0fnn"],
	["a selector behind a digit", "Ann1\ufe0f"],
	["two selectors", "❤\ufe0f\ufe0f"],
	["an ideograph's selector behind a letter", "A\u{e0100}nn"],
	["a joiner alone", "\u200d"],
	["a joiner between letters", "An\u200dn"],
	["a non-joiner between letters", "An\u200cn"],
	["two joiners between emoji", "👨\u200d\u200d👩"],
	["a non-joiner where nothing joins", "را\u200cه"],
	["a joiner behind an Indic letter", "क\u200dष"],
	["tags behind a letter", "A\u{e0067}\u{e0062}\u{e007f}"],
	["a flag that nobody draws", FLAG_OF_TEXAS],
	["a flag's tags without their end", FLAG_OF_ENGLAND.slice(0, -2)],
	["a pile of marks", `Z${"\u0321\u0301".repeat(4)}algo`],
	["a mark on nothing", "\u0301Ann"],
	["a mark on a space", "Ann \u0301Lee"],
];

describe("a player's name", () => {
	it.each(TAKEN.map(([what, given, shown = given]) => [what, given, shown] as const))(
		"may be %s",
		(_, given, shown) => {
			expect(readPlayerName(given)).toBe(shown);
		},
	);

	it.each(REFUSED)("may not be %s", (_, given) => {
		expect(readPlayerName(given)).toBeNull();
	});

	it("is what it was when it is read again", () => {
		for (const [, given] of TAKEN) {
			const shown = readPlayerName(given) as string;
			expect(readPlayerName(shown)).toBe(shown);
		}
	});

	it("reaches rules in as many characters as fit", () => {
		expect(nameForRules("Ann")).toBe("Ann");
		expect(nameForRules("สวัสดีครับผม")).toBe("สวัสดีครับ");
		const family = "👨‍👩‍👧";
		expect(nameForRules(family.repeat(4))).toBe(family);
		for (const [, given] of TAKEN) {
			const bytes = new TextEncoder().encode(nameForRules(given)).length;
			expect(bytes).toBeGreaterThan(0);
			expect(bytes).toBeLessThanOrEqual(LIMITS.joinNameBytes);
		}
	});
});
