import { DwarfReader } from "./dwarf-reader.ts";
import { type LineHeader, readLineHeader, type TextSections } from "./line-header.ts";
import { codeSection, readSections } from "./wasm-sections.ts";

/** Which source the instructions of a wasm file come from. */
export interface LineTable {
	readonly sources: readonly string[];
	/** Bytes of the file, ascending: each row holds up to the next one. */
	readonly offsets: Uint32Array;
	/** For each row source, line and column, from 0; source -1 where there is none. */
	readonly places: Int32Array;
}

/** Rows that are kept: far more than the code of a module may have instructions on lines of their own. */
const MOST_ROWS = 1024 * 1024;

interface Row {
	readonly address: number;
	readonly source: number;
	readonly line: number;
	readonly column: number;
}

/** Collects rows of all units; files of one name are one source. */
class Rows {
	readonly all: Row[] = [];
	private readonly numbers = new Map<string, number>();

	source(file: string): number {
		const known = this.numbers.get(file) ?? this.numbers.size;
		this.numbers.set(file, known);
		return known;
	}

	get sources(): string[] {
		return [...this.numbers.keys()];
	}
}

/** Runs the program of one unit, as DWARF 5 §6.2.5 describes it. */
function runProgram(reader: DwarfReader, end: number, header: LineHeader, rows: Rows): void {
	const { minInstruction, lineBase, lineRange, opcodeBase, operands, files } = header;
	const sources = files.map((file) => rows.source(file));
	let address = 0;
	let file = 1;
	let line = 1;
	let column = 0;
	let sequence: Row[] = [];
	const add = (source: number): void => {
		// line 0 is code of no line: that before it says more
		if (line > 0 || source < 0) sequence.push({ address, source, line: line - 1, column });
	};
	const finish = (): void => {
		add(-1);
		// what the linker has dropped is left at address 0 or at the very end
		const first = sequence[0]?.address ?? 0;
		if (first > 0 && first < 0xfffffff0 && rows.all.length + sequence.length <= MOST_ROWS) {
			// no spread: as arguments, a long sequence would not fit the stack
			for (const row of sequence) rows.all.push(row);
		}
		sequence = [];
		address = 0;
		file = 1;
		line = 1;
		column = 0;
	};
	const own = (): number => sources[file] ?? -1;
	const extended = (): void => {
		const length = reader.uleb();
		const next = reader.at + length;
		const opcode = length > 0 ? reader.u8() : 0;
		if (opcode === 1) finish();
		else if (opcode === 2) address = reader.u32();
		reader.at = next;
	};
	while (reader.at < end && sequence.length < MOST_ROWS) {
		const opcode = reader.u8();
		if (opcode >= opcodeBase) {
			const step = opcode - opcodeBase;
			address += Math.floor(step / lineRange) * minInstruction;
			line += lineBase + (step % lineRange);
			add(own());
		} else if (opcode === 0) extended();
		else if (opcode === 1) add(own());
		else if (opcode === 2) address += reader.uleb() * minInstruction;
		else if (opcode === 3) line += reader.sleb();
		else if (opcode === 4) file = reader.uleb();
		else if (opcode === 5) column = Math.max(reader.uleb() - 1, 0);
		else if (opcode === 8) address += Math.floor((255 - opcodeBase) / lineRange) * minInstruction;
		else if (opcode === 9) address += reader.u16();
		else for (let i = operands[opcode] ?? 0; i > 0; i--) reader.uleb();
	}
}

function readUnits(lines: Uint8Array, texts: TextSections): Rows {
	const reader = new DwarfReader(lines);
	const rows = new Rows();
	while (reader.at + 4 < lines.length) {
		const length = reader.u32();
		const end = reader.at + length;
		// 64-bit DWARF is not for 32-bit memories
		if (length >= 0xfffffff0 || end > lines.length) break;
		const read = readLineHeader(reader, texts);
		if (read) {
			reader.at = read.program;
			runProgram(reader, end, read.header, rows);
		}
		reader.at = end;
	}
	return rows;
}

/**
 * Reads the line table (`.debug_line`, DWARF 2 to 5) in a wasm file; null if it has none, or one that makes no
 * sense. Addresses in it count from the content of the code section. It takes up to half a second: not for a thread
 * that rooms tick in.
 */
export function readDwarfLines(wasm: Uint8Array): LineTable | null {
	const sections = readSections(wasm);
	const code = sections && codeSection(sections);
	const named = (name: string): Uint8Array | null => {
		const found = sections?.find((section) => section.name === name);
		return found ? wasm.subarray(found.content, found.end) : null;
	};
	const lines = named(".debug_line");
	if (!code || !lines) return null;
	let rows: Rows;
	try {
		const texts = { lineTexts: named(".debug_line_str"), texts: named(".debug_str") };
		rows = readUnits(lines, texts);
	} catch (thrown) {
		if (!(thrown instanceof RangeError)) throw thrown;
		return null;
	}
	// of rows at one address the last counts; the end of a function comes before the next one's first
	const end = (row: Row): number => (row.source < 0 ? 0 : 1);
	const sorted = rows.all.sort((a, b) => a.address - b.address || end(a) - end(b));
	return {
		sources: rows.sources,
		offsets: Uint32Array.from(sorted, ({ address }) => code.content + address),
		places: Int32Array.from(sorted.flatMap(({ source, line, column }) => [source, line, column])),
	};
}
