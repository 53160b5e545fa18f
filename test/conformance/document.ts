import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

export function readDocument(file: string): string {
	return readFileSync(path.join(root, file), "utf8");
}

/** Text of the fenced block that starts with "```language name". */
export function fencedBlock(document: string, language: string, name = ""): string {
	const open = `\`\`\`${language}${name === "" ? "" : ` ${name}`}\n`;
	const from = document.indexOf(open);
	if (from < 0) throw new Error(`there is no block ${language} ${name}`);
	const start = from + open.length;
	return document.slice(start, document.indexOf("```", start));
}

/** The bytes of a hex block; what follows a semicolon is a comment. */
export function hexBlock(document: string, name: string): Uint8Array {
	const digits = fencedBlock(document, "hex", name).replace(/;.*$/gm, "").replace(/\s+/g, "");
	if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`${name} is not hex`);
	return Uint8Array.from(Buffer.from(digits, "hex"));
}

/** Rows of every Markdown table under a heading, cell by cell, without their header rows. */
export function tableRows(document: string, heading: string): string[][] {
	const lines = document.split("\n");
	const from = lines.findIndex((line) => /^#+ /.test(line) && line.includes(heading));
	if (from < 0) throw new Error(`there is no heading "${heading}"`);
	const depth = lines[from]?.match(/^#+/)?.[0].length ?? 0;
	const rows: string[][] = [];
	for (let i = from + 1; i < lines.length; i++) {
		const line = lines[i];
		const hashes = line.match(/^(#+) /)?.[1];
		if (hashes && hashes.length <= depth) break;
		if (!line.startsWith("|") || /^\|[\s:|-]+\|$/.test(line)) continue;
		if (/^\|[\s:|-]+\|$/.test(lines[i + 1] ?? "")) continue;
		rows.push(
			line
				.slice(1, line.lastIndexOf("|"))
				.split("|")
				.map((cell) => cell.trim()),
		);
	}
	return rows;
}
