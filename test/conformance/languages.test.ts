import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Simulation } from "../../protocol/abi/simulation.ts";
import {
	copyOrbs,
	LANGUAGES,
	type LanguageName,
	orbsIn,
	tryBuild,
} from "../support/build-language.ts";
import { playOrbs } from "../support/orbs-match.ts";

const others = LANGUAGES.filter((name) => name !== "assemblyscript");

async function moduleIn(language: LanguageName): Promise<WebAssembly.Module | null> {
	return (await orbsIn(language))?.module ?? null;
}

/** A mistake of an index, and what a draft says of it. */
const OUTSIDE: Partial<
	Record<LanguageName, { main: string; from: string; to: string; told: RegExp }>
> = {
	c: {
		main: "main.c",
		from: "orb_vx[o] =",
		to: "orb_vx[o + 190] =",
		told: /main\.c:\d+:\d+: index 200 is outside of 'float\s?\[200\]'/,
	},
};

describe.each(Object.keys(OUTSIDE) as LanguageName[])("a draft in %s", (language) => {
	it("says where an index leaves its column", async () => {
		const outside = OUTSIDE[language];
		if (!outside) throw new Error("no case");
		const { main, from, to, told } = outside;
		const folder = await copyOrbs(language);
		const file = path.join(folder, main);
		await writeFile(file, (await readFile(file, "utf8")).replace(from, to));
		const game = await tryBuild(folder, true);
		await rm(folder, { recursive: true, force: true });
		if (game === null) return;
		if (typeof game === "string") throw new Error(game);
		const lines: string[] = [];
		const made = Simulation.create(game.module, (_, line) => lines.push(line));
		if ("error" in made) throw new Error(made.detail);
		expect(made.simulation.init(1)?.kind).toBe("trap");
		expect(lines.join("\n")).toMatch(told);
	}, 120_000);
});

describe.each(others)("a build in %s", (language) => {
	it("gives the same bytes for the same source, in any folder", async () => {
		const build = async (): Promise<Uint8Array | null> => {
			const folder = await copyOrbs(language);
			const game = await tryBuild(folder);
			await rm(folder, { recursive: true, force: true });
			if (typeof game === "string") throw new Error(game);
			return game?.raw ?? null;
		};
		const raw = await build();
		expect(await build()).toEqual(raw);
	}, 120_000);
});

describe("one game in many languages", () => {
	it.each(others)(
		"is the same match in %s as in AssemblyScript, tick by tick",
		async (language) => {
			const original = (await moduleIn("assemblyscript")) as WebAssembly.Module;
			const other = await moduleIn(language);
			if (!other) return;
			for (const seed of [1, 2, 3]) {
				const match = { seed, ticks: 2_000, looksBack: true };
				const heard = playOrbs([original], match);
				expect(playOrbs([other], match), `seed ${seed}`).toEqual(heard);
				const kinds = new Set(
					heard.flat().map((said) => String(said).split(" ").slice(0, 2).join(" ")),
				);
				for (const kind of ["event 0", "event 1", "event 2", "near 0"])
					expect(kinds).toContain(kind);
			}
		},
		120_000,
	);
});
