/** Words of the language: no class or parameter of the generated layout may be called so. */
const KEYWORDS =
	"abstract as async await break case catch class const continue debugger declare default delete do else " +
	"enum export extends false finally for from function get if implements import in instanceof interface " +
	"is keyof let module namespace new null of override package private protected public readonly return " +
	"set static super switch this throw true try type typeof var void while with yield";

/** What the generated layout uses itself, of its own or of the language. */
const LAYOUT =
	"input emit ctx describe remember applyInput clearInput forgetFreeRows appendEvent angleAt lineAt " +
	"openSlot stepAt wrapAt freeRow spawnRow load store memory changetype " +
	"i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 bool isize usize v128";

/** Names that a table's class cannot have. */
export const TAKEN_BY_LAYOUT: ReadonlySet<string> = new Set(`${KEYWORDS} ${LAYOUT}`.split(" "));

/** Names that an event's parameter cannot have. */
export const TAKEN_BY_LANGUAGE: ReadonlySet<string> = new Set(KEYWORDS.split(" "));

/** Names that a table has beside its columns. */
export const TAKEN_BY_TABLE: ReadonlySet<string> = new Set(
	"gen used capacity spawn free alive jumpCount rows constructor".split(" "),
);
