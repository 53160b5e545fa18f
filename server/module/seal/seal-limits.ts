import { LIMITS } from "../../../protocol/limits.ts";

/**
 * What a module file may hold, each with its reason. The size of the file and its memory stand in
 * `LIMITS`. Real code it was tested with: box2d, SQLite, QuickJS, a WebP codec, rapier (whose two
 * largest functions are twice too large).
 */
export const SEAL_LIMITS = {
	/** Bytes of one function: V8's optimising compiler may take 0.5 s; QuickJS's largest has 51 KiB. */
	bodyBytes: 128 * 1024,
	/** Blocks inside one another: a `switch` nests one for each case, SQLite's and QuickJS's 280, Go's runtime 534. */
	nesting: 1_024,
	/** Parameters and locals of a function, each copied at every branch: rapier's largest has 589. */
	locals: 1_000,
	/** Values on the operand stack at once, copied just like locals: real code stays below 40. */
	operands: 1_000,
	/**
	 * (locals + operands) × branches, of one function and of the file: V8's quick compiler, for which
	 * a function's first call waits, takes 15 to 25 ms for a million; 1,000 locals × 20,000 ifs took
	 * 0.6 s. QuickJS's largest function has 0.6 million, the whole of it 4.4 million, rapier 8.5.
	 */
	branchWork: 2_000_000,
	branchWorkInAll: 12_000_000,
	/** Bytes of loop bodies, nested loops again: each is scanned ahead, 5 ms for a million. */
	loopWork: 8 * 1024 * 1024,
	/** Targets of one br_table: SQLite's largest has 342, that of Go's runtime 534. */
	branchTargets: 1_024,
	/** Functions: 2 MiB of real code have about 5,000. */
	functions: 16_384,
	/** Function types: rapier has 243. */
	types: 4_096,
	/** Parameters of a function type: far above what compilers make, far below V8's 1,000. */
	params: 64,
	/** Results of a function type or block: each is moved at every branch to the block's end. */
	results: 16,
	/** Globals, of which AssemblyScript makes one for each constant it exports. */
	globals: 4_096,
	/** Mutable globals are part of every image: 20 ns each to save, 16 ns to restore. */
	mutableGlobals: 256,
	/** Exports: box2d has 1,168. */
	exports: 2_048,
	/** Imports: two exist; compilers may name each several times. */
	imports: 16,
	/** Bytes of an import's or export's name: a mangled C++ name fits. */
	nameBytes: 512,
	/** Sections that are not wasm's own: all but `name` are dropped. */
	customSections: 64,
	/** Each string constant of AssemblyScript is one; Go's linker leaves out runs of zeros, and makes 21,500. */
	dataSegments: 32_768,
	/** Element segments: compilers write one. */
	elementSegments: 256,
	/** Functions named in all element segments together. */
	elements: 16_384,
	/** Elements of the table: one for each function whose address is taken; Go's runtime has 5,400. */
	tableElements: 8_192,
	/** Pages of 64 KiB. */
	memoryPages: LIMITS.memoryBytes / 65_536,
	/**
	 * Bytes of stack that recursive functions may take, and that all others may take together before
	 * they are counted too. Frames are estimated from above. Browsers and Node give 984 KiB or more.
	 */
	stackBytes: 512 * 1024,
	uncountedStackBytes: 128 * 1024,
	/** Bytes after sealing: real code grows by a fifth; one made of calls beside a loop by four. */
	sealedBytes: 2 * LIMITS.moduleBytes,
	/** Characters of a function's name that are kept for reports. */
	functionNameCharacters: 128,
} as const;
