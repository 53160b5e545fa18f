import { type DwarfReader, textAt } from "./dwarf-reader.ts";

/** What the program of lines of one unit begins with. */
export interface LineHeader {
	readonly minInstruction: number;
	readonly lineBase: number;
	readonly lineRange: number;
	readonly opcodeBase: number;
	/** Operands of each standard opcode, by its number. */
	readonly operands: readonly number[];
	/** Files by their numbers in the program. */
	readonly files: readonly string[];
}

/** Sections that texts of version 5 lie in. */
export interface TextSections {
	readonly lineTexts: Uint8Array | null;
	readonly texts: Uint8Array | null;
}

function isAbsolute(file: string): boolean {
	return file.startsWith("/") || /^[A-Za-z]:[\\/]/.test(file);
}

function join(folder: string, file: string): string {
	if (folder === "" || folder === "." || isAbsolute(file)) return file;
	return `${folder.replace(/[\\/]$/, "")}/${file}`;
}

function oldFiles(reader: DwarfReader): string[] {
	const folders = [""];
	for (let folder = reader.text(); folder !== ""; folder = reader.text()) folders.push(folder);
	const files = [""];
	for (let file = reader.text(); file !== ""; file = reader.text()) {
		files.push(join(folders[reader.uleb()] ?? "", file));
		reader.uleb();
		reader.uleb();
	}
	return files;
}

const FORM_BYTES: Readonly<Record<number, number>> = { 11: 1, 5: 2, 6: 4, 7: 8, 30: 16 };

/** One attribute of a folder or a file: a text, a number, or null for what is neither. */
function readForm(reader: DwarfReader, form: number, from: TextSections): string | number | null {
	if (form === 0x08) return reader.text();
	if (form === 0x1f) return textAt(from.lineTexts, reader.u32());
	if (form === 0x0e) return textAt(from.texts, reader.u32());
	if (form === 0x0f) return reader.uleb();
	if (form === 11) return reader.u8();
	if (form === 5) return reader.u16();
	if (form === 0x09) {
		reader.skip(reader.uleb());
		return null;
	}
	const bytes = FORM_BYTES[form];
	if (bytes === undefined) throw new RangeError(`form ${form}`);
	reader.skip(bytes);
	return null;
}

function entries(reader: DwarfReader, from: TextSections): { path: string; folder: number }[] {
	const formats = Array.from(
		{ length: reader.u8() },
		() => [reader.uleb(), reader.uleb()] as const,
	);
	const count = reader.uleb();
	const found: { path: string; folder: number }[] = [];
	for (let i = 0; i < count; i++) {
		const entry = { path: "", folder: 0 };
		for (const [content, form] of formats) {
			const value = readForm(reader, form, from);
			if (content === 1 && typeof value === "string") entry.path = value;
			if (content === 2 && typeof value === "number") entry.folder = value;
		}
		// an entry of no bytes could be said to stand there any number of times
		if (formats.length === 0) break;
		found.push(entry);
	}
	return found;
}

function newFiles(reader: DwarfReader, from: TextSections): string[] {
	const folders = entries(reader, from).map(({ path }) => path);
	// folder 0 is where the compiler ran: what stands below it is told from there
	const own = folders[0] ?? "";
	return entries(reader, from).map(({ path, folder }) => {
		const other = folders[folder] ?? "";
		return join(folder === 0 || other === own ? "" : other, path);
	});
}

/** Reads the header of a unit behind its length; null for a version that nobody writes. */
export function readLineHeader(
	reader: DwarfReader,
	from: TextSections,
): { header: LineHeader; program: number } | null {
	const version = reader.u16();
	if (version < 2 || version > 5) return null;
	if (version === 5) reader.skip(2);
	const length = reader.u32();
	const program = reader.at + length;
	const minInstruction = reader.u8();
	if (version >= 4) reader.u8();
	reader.u8();
	const lineBase = reader.i8();
	const lineRange = reader.u8();
	const opcodeBase = reader.u8();
	if (lineRange === 0 || opcodeBase === 0) return null;
	const operands = [0];
	for (let i = 1; i < opcodeBase; i++) operands.push(reader.u8());
	const files = version === 5 ? newFiles(reader, from) : oldFiles(reader);
	return { header: { minInstruction, lineBase, lineRange, opcodeBase, operands, files }, program };
}
