import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Simulation } from "../../protocol/abi/simulation.ts";
import { checkGame } from "../../server/check/check-game.ts";
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

/** A mistake of an index, and what a draft says of it: table, column, row, file and line where the language can. */
const OUTSIDE: Record<LanguageName, { main: string; from: string; to: string; told: RegExp }> = {
	assemblyscript: {
		main: "main.ts",
		from: "orb.vx[o] =",
		to: "orb.vx[o + 190] =",
		told: /row 200 is outside of orb\.vx, which has rows 0 to 199\n[\s\S]*main\.ts:LINE:/,
	},
	c: {
		main: "main.c",
		from: "orb_vx[o] =",
		to: "orb_vx[o + 190] =",
		told: /main\.c:LINE:\d+: index 200 is outside of 'orb_vx_column_t' \(aka 'float\s?\[200\]'\)/,
	},
	cpp: {
		main: "main.cpp",
		from: "orb::vx[o] =",
		to: "orb::vx[o + 190] =",
		told: /main\.cpp:LINE:\d+: index 200 is outside of '(?:::)?orb_vx_column_t' \(aka 'float\s?\[200\]'\)/,
	},
	rust: {
		main: "main.rs",
		from: "new.set_vx(",
		to: "orb::VX.set(new.index() + 190, ",
		told: /main\.rs:LINE:\d+[\s\S]*row 200 is outside of orb\.vx, which has rows 0 to 199|row 200 is outside of orb\.vx, which has rows 0 to 199[\s\S]*main\.rs:LINE:\d+/,
	},
	zig: {
		main: "main.zig",
		from: "orb.vx[o] =",
		to: "orb.vx[o + 190] =",
		told: /index out of bounds: index 200, len 200[\s\S]*main\.zig:LINE:/,
	},
	go: {
		main: "main.go",
		from: "orb.Vx[o] =",
		to: "orb.Vx[o+190] =",
		told: /index out of range \[200\] with length 200[\s\S]*main\.go:LINE\b/,
	},
};

describe.each(Object.keys(OUTSIDE) as LanguageName[])("a draft in %s", (language) => {
	it("says where an index leaves its column", async () => {
		const { main, from, to, told } = OUTSIDE[language];
		const folder = await copyOrbs(language);
		const file = path.join(folder, main);
		const source = await readFile(file, "utf8");
		expect(source).toContain(from);
		const line = source.slice(0, source.indexOf(from)).split("\n").length;
		await writeFile(file, source.replace(from, to));
		const game = await tryBuild(folder, true);
		await rm(folder, { recursive: true, force: true });
		if (game === null) return;
		if (typeof game === "string") throw new Error(game);
		const lines: string[] = [];
		const made = Simulation.create(game.module, (_, line) => lines.push(line));
		if ("error" in made) throw new Error(made.detail);
		const fault = made.simulation.init(1);
		expect(fault).not.toBeNull();
		const places = game.locate(fault?.stack ?? "", fault?.message ?? "");
		const said = [...lines, fault?.detail, ...places].join("\n");
		expect(said).toMatch(new RegExp(told.source.replaceAll("LINE", String(line))));
	}, 120_000);
});

/** A trap in the middle of a tick, after the line that it takes the place of. */
const TRAPS: Record<(typeof others)[number], { main: string; after: string; trap: string }> = {
	c: {
		main: "main.c",
		after: "\torb_age[o]++;",
		trap: "\tif (orb_age[o] == 30) __builtin_trap();",
	},
	cpp: {
		main: "main.cpp",
		after: "\torb::age[o]++;",
		trap: "\tif (orb::age[o] == 30) __builtin_trap();",
	},
	rust: {
		main: "main.rs",
		after: "    one.set_age(one.age() + 1);",
		trap: "    if one.age() == 30 { panic!() }",
	},
	go: { main: "main.go", after: "\torb.Age[o]++", trap: "\tif orb.Age[o] == 30 { panic(o) }" },
	zig: {
		main: "main.zig",
		after: "    orb.age[o] += 1;",
		trap: "    if (orb.age[o] == 30) @trap();",
	},
};

describe.each(others)("a trap in %s", (language) => {
	it("is told with the file and line of an optimised build", async () => {
		const { main, after, trap } = TRAPS[language];
		const folder = await copyOrbs(language);
		const file = path.join(folder, main);
		const lines = (await readFile(file, "utf8")).split("\n");
		const at = lines.indexOf(after);
		expect(at).toBeGreaterThan(0);
		await writeFile(file, lines.toSpliced(at + 1, 0, trap).join("\n"));
		const game = await tryBuild(folder);
		await rm(folder, { recursive: true, force: true });
		if (game === null) return;
		if (typeof game === "string") throw new Error(game);
		const said: string[] = [];
		const made = Simulation.create(game.module, (_, line) => said.push(line));
		if ("error" in made) throw new Error(made.detail);
		const { simulation } = made;
		expect(simulation.init(1)).toBeNull();
		let fault = null;
		for (let tick = 0; tick < 100 && !fault; tick++) fault = simulation.tick(tick);
		// Go handles its panics itself, and says where they were
		expect(fault?.kind).toBe(language === "go" ? "status" : "trap");
		const places = [...said, ...game.locate(fault?.stack ?? "", fault?.message ?? "")];
		// a panic of Rust is first in what handles it; line at + 1 is the one before the trap, counted from 1
		const place = places.find((one) => one.includes(`${main}:`));
		expect(place, places.join("\n")).toMatch(new RegExp(`${main}:${at + 2}[:)]`));
	}, 120_000);
});

describe.each(others)("a room in %s", (language) => {
	it("runs again the same way, and fills no memory in ten minutes", async () => {
		const game = await orbsIn(language);
		if (game === null) return;
		const { play, sync, growth } = checkGame(game, { seed: 3, ticks: 300, players: 8 }, () => 0);
		expect(play.fault).toBeNull();
		expect(sync.failure).toBeNull();
		expect(growth.growth).toBeNull();
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
