import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { buildGame } from "../../../game-logic/sdk/build-game.ts";
import { missingTools } from "../../../game-logic/sdk/build-tools.ts";
import { bool, defineGame, f32, i8, u8 } from "../../../protocol/schema/index.ts";

const column = (x: unknown) => ({ tables: { t: { capacity: 8, columns: { x } } } });

/** `defineGame` as JavaScript may call it: what the types forbid, too. */
function define(change: object): ReturnType<typeof defineGame> {
	const game = { name: "g", version: 1, tickRate: 60, snapshotRate: 20, maxPlayers: 200 };
	return defineGame({ ...game, input: { a: i8 }, ...column(f32), ...change } as never);
}

describe("a schema is refused, with its place, for", () => {
	it.each<[string, object, string]>([
		["a part that nobody reads", { tickrate: 30 }, 'the game has no "tickrate", only name, '],
		[
			"a part of a table that nobody reads",
			{ tables: { t: { capacity: 8, predicts: true, columns: { x: f32 } } } },
			'tables.t has no "predicts"',
		],
		["an interest that is a number", { interest: 400 }, "interest must be an object"],
		["no input", { input: undefined }, "input must be an object"],
		["no tables", { tables: undefined }, "tables must be an object"],
		["no columns", { tables: { t: { capacity: 8 } } }, "tables.t.columns must be an object"],
		["a called input type", { input: { a: i8() } }, "input.a must be a type as it is"],
		["a default beyond its type", column(u8({ default: 300 })), "tables.t.x: the default of u8"],
		["a default below its type", column(u8({ default: -1 })), "from 0 to 255, not -1"],
		["an unknown axis", column(f32().axis("z" as never)), 'must be "x" or "y", not "z"'],
		["an unknown interpolation", column(f32().interpolate("cubic" as never)), '"cubic"'],
		["a circle of no size", column(f32().wrap(0)), "tables.t.x: wrap takes a size above 0"],
		["a circle without end", column(f32().wrap(1e39)), "wrap takes a size above 0, not 1e+39"],
		["a circle that begins nowhere", column(f32().wrap(8, Number.NaN)), "must begin at a number"],
		["a circle of whole numbers", column(u8().wrap(8)), "only f32 and f64 can wrap"],
		["an angle that wraps", column(f32().wrap(8).quantizeAngle(8)), "is a circle already"],
		[
			"a column named as what counts jumps",
			{ tables: { t: { capacity: 8, columns: { jumpCount: u8 } } } },
			'"jumpCount" is taken by the table itself',
		],
		["an owner too small for the players", column(i8().owner()), "i8 is too small"],
		["a table named as the layout's own", { tables: { input: {} } }, '"input" is taken'],
		["a table named as a word of the language", { tables: { new: {} } }, '"new" is taken'],
		["a table named as a built-in function", { tables: { store: {} } }, '"store" is taken'],
		["an input that every game has", { input: { viewAge: u8 } }, '"viewAge" is taken'],
		["an event field named as a word", { events: { e: { new: f32 } } }, '"new" is taken'],
		["events whose senders clash", { events: { e: {}, eTo: {} } }, '"eTo" is taken by "e"'],
		[
			"a column named as one that looks back",
			{ tables: { t: { capacity: 8, columns: { x: f32().rewind(), xAt: f32 } } } },
			'"xAt" is taken by the rewind() of "x"',
		],
	])("%s", (_, change, message) => {
		expect(() => define(change)).toThrow(
			expect.objectContaining({ name: "ERR_SCHEMA", message: expect.stringContaining(message) }),
		);
	});

	it("nothing else: a circle may be said either way", () => {
		const columns = { a: f32({ wrap: 8 }), b: f32().wrap(8), c: f32().wrap(8, -4).quantize(1) };
		const [table] = define({ tables: { t: { capacity: 8, columns } } }).spec.tables;
		const circle = { size: 8, from: 0 };
		expect(table?.columns.map(({ wrap }) => wrap)).toEqual([circle, circle, { size: 8, from: -4 }]);
	});

	it("nothing else: a bool may start as true", () => {
		const [table] = define(column(bool({ default: true }))).spec.tables;
		expect(table?.columns[0]?.default).toBe(1);
	});
});

/** A game's folder with these two files. */
async function gameFolder(schema: string, main: string): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-schema-"));
	await writeFile(path.join(folder, "schema.ts"), schema);
	await writeFile(path.join(folder, "main.ts"), main);
	return folder;
}

it("names file and line of a schema that does not run", async () => {
	const folder = await gameFolder("interface None {}\nconst x: None = u17;\nexport default x;", "");
	expect(await buildGame(folder, path.join(folder, "game.wasm"))).toEqual({
		error: "ERR_SCHEMA",
		detail: "schema.ts:2:17: u17 is not defined",
	});
});

it("says which file of a game is missing, and which tool is not installed", async () => {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-schema-"));
	expect(await buildGame(folder, path.join(folder, "game.wasm"))).toEqual({
		error: "ERR_BUILD",
		detail: `there is no schema.ts in ${folder}`,
	});
	const thrown = new Error("Cannot find package 'esbuild' imported from …");
	expect(await missingTools(() => Promise.reject(thrown))).toMatchObject({
		error: "ERR_BUILD_TOOLS",
		detail: expect.stringMatching(/^building a game needs esbuild, .*: npm install /),
	});
});

it("builds a game whose names are also those of the layout's inside", async () => {
	const sdk = path.join(import.meta.dirname, "../../../protocol/schema/index.ts");
	const folder = await gameFolder(
		`import { defineGame, f32, i8, u8 } from ${JSON.stringify(sdk)};
		export default defineGame({
			name: "names", version: 1, tickRate: 60, snapshotRate: 20, maxPlayers: 4,
			input: { fields: i8, class: i8 },
			tables: {
				tables: { capacity: 2, columns: { columns: f32, new: f32 } },
				event: { capacity: 2, columns: { boom: u8 } },
				name: { capacity: 2, columns: { "x0": u8 } },
				descriptor: { capacity: 2, columns: { name: u8 } },
			},
			events: { boom: { at: f32, player: f32, centreX: f32, centreY: f32, radius: f32 } },
		});`,
		`import { emit } from "./generated/layout";
		export function tick(): void {
			emit.boom(1, 2, 3, 4, 5);
			emit.boomTo(0, 1, 2, 3, 4, 5);
			emit.boomNear(6, 7, 8, 1, 2, 3, 4, 5);
		}`,
	);
	const built = await buildGame(folder, path.join(folder, "game.wasm"), true);
	expect(built).toMatchObject({ spec: { name: "names" } });
}, 30_000);
