import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { stateHash } from "../../protocol/abi/state-hash.ts";
import { runTick } from "../../server/history/stretch.ts";
import { JournalReader } from "../../server/journal/journal-reader.ts";
import { ENGINES } from "../../server/verify/engines.ts";
import { exportMatch } from "../../server/verify/export-match.ts";
import { VERIFY_LIMITS } from "../../server/verify/verify-limits.ts";
import { openBytes } from "../unit/journal/journal-match.ts";
import { recordOddMatch } from "../unit/verify/odd-match.ts";
import { readDocument, tableRows } from "./document.ts";

const document = readDocument("docs/engines.md");

/** Offset of each field of the page's table that begins with a field of this name. */
function offsets(first: string): Record<string, number> {
	const rows = tableRows(document, "The match file").map(([at = "", , name = ""]) => ({
		at,
		name,
	}));
	const from = rows.findIndex(({ name }) => name === first);
	const fields: Record<string, number> = {};
	for (const { at, name } of rows.slice(from)) {
		if (name !== first && at === "0") break;
		fields[name] = Number(at);
	}
	return fields;
}

it("docs/engines.md describes a match file byte by byte", async () => {
	const folder = mkdtempSync(path.join(tmpdir(), "hotstep-match-file-"));
	try {
		const journal = openBytes(await recordOddMatch(120));
		const stretches = exportMatch(journal, { folder });
		if ("error" in stretches) throw new Error(stretches.detail);
		const header = offsets("magic");
		const record = offsets("tick");
		expect(Object.keys(header)).toHaveLength(16);
		const reader = new JournalReader(journal);
		for (const [i, stretch] of stretches.entries()) {
			const file = readFileSync(stretch.file);
			const field = (name: string): number => file.readUInt32LE(header[name]);
			expect(file.toString("latin1", 0, 4)).toBe("HSX1");
			expect(field("magic")).toBe(0x31585348);
			expect(field("headerSize")).toBe(64);
			expect(field("start")).toBe(i);
			expect(field("seed")).toBe(journal.header.seed);
			expect(field("fuelPerTick")).toBe(journal.header.rules.fuelPerTick);
			expect([field("firstTick"), field("tickCount")]).toEqual([stretch.firstTick, stretch.ticks]);
			const part = (name: string): Buffer =>
				file.subarray(field(`${name}Offset`), field(`${name}Offset`) + field(`${name}Bytes`));
			expect(Buffer.compare(part("module"), stretch.game.bytes)).toBe(0);

			const simulation = stretch.begin();
			const image = { bytes: new Uint8Array(0), length: 0, globals: [] as (number | bigint)[] };
			simulation.save(image);
			expect(part("memory").equals(image.bytes.subarray(0, i === 1 ? image.length : 0))).toBe(true);
			const globals = part("globals");
			expect(globals.length).toBe(image.globals.length * 16);
			const read = [
				(at: number) => globals.readInt32LE(at),
				(at: number) => globals.readBigInt64LE(at),
				(at: number) => globals.readFloatLE(at),
				(at: number) => globals.readDoubleLE(at),
			];
			image.globals.forEach((value, g) => {
				const type = globals.readUInt32LE(g * 16);
				expect(read[type]?.(g * 16 + 8)).toBe(i === 1 ? value : type === 1 ? 0n : 0);
			});

			const ticks = part("ticks");
			expect(field("ticksOffset") + field("ticksBytes")).toBe(file.length);
			let at = 0;
			while (at < ticks.length) {
				const recorded = reader.next();
				if (recorded === null || "error" in recorded) throw new Error("the journal ends too early");
				if (recorded.type !== "tick") continue;
				const of = (name: string): number => ticks.readUInt32LE(at + (record[name] ?? Number.NaN));
				const inbox = ticks.subarray(
					at + (record.inbox ?? 0),
					at + (record.inbox ?? 0) + of("inboxBytes"),
				);
				expect(of("tick")).toBe(recorded.tick);
				expect(inbox.equals(recorded.inbox)).toBe(true);
				expect(runTick(simulation, recorded.tick, recorded.inbox)).toBeNull();
				expect(of("fuel")).toBe(simulation.fuelSpent);
				const hash = [of("hashHigh"), of("hashLow")].map((word) =>
					word.toString(16).padStart(8, "0"),
				);
				expect(hash.join("")).toBe(stateHash(simulation, recorded.tick + 1));
				at += (record.inbox ?? 0) + Math.ceil(inbox.length / 4) * 4;
			}
			expect(at).toBe(ticks.length);
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});

it("docs/engines.md names every engine and the limit of a file", () => {
	const named = tableRows(document, "The same match in other engines").map(([name = ""]) => name);
	expect(named.filter((name) => name.startsWith("`"))).toEqual(
		ENGINES.map(({ name }) => `\`${name}\``),
	);
	expect(document).toContain(`at most ${VERIFY_LIMITS.matchBytes / 2 ** 20} MiB of ticks`);
});
