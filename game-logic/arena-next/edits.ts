import { buildEditedGame, type Edit } from "../sdk/edit-game.ts";

/**
 * Version 2 of arena, as the edits that make it out of version 1: what its author would change between
 * two releases. A column is renamed, one is new, one is gone, and the rules differ: bullets fly until
 * something stops them, ships turn faster, and kills are counted.
 */
const ARENA_V2: readonly Edit[] = [
	{ file: "schema.ts", from: "version: 1,", to: "version: 2," },
	{
		file: "schema.ts",
		from: "reload: u8().private(),",
		to: 'cooldown: u8().was("reload").private(),\n\t\t\t\tkills: u16({ default: 0 }),',
	},
	{ file: "schema.ts", from: "life: u8({ default: BULLET_TICKS }).private(),", to: "" },
	{ file: "schema.ts", from: "import { BULLET_TICKS, ", to: "import { " },
	{ file: "constants.ts", from: "SHIP_TURN = 3.5", to: "SHIP_TURN = 4.5" },
	{ file: "rules/bullet.ts", from: "const life = bullet.life[b];", to: "" },
	{ file: "rules/bullet.ts", from: "life == 0 || ", to: "" },
	{ file: "rules/bullet.ts", from: "bullet.life[b] = life - 1;", to: "" },
	{ file: "rules/bullet.ts", from: "ship.reload[i] > 0", to: "ship.cooldown[i] > 0" },
	{ file: "rules/bullet.ts", from: "ship.reload[i] = ", to: "ship.cooldown[i] = " },
	{
		file: "rules/ship.ts",
		from: "if (ship.reload[i] > 0) ship.reload[i] -= 1;",
		to: "if (ship.cooldown[i] > 0) ship.cooldown[i] -= 1;",
	},
	{ file: "rules/damage.ts", from: "ship.reload[i] = 0;", to: "ship.cooldown[i] = 0;" },
	{
		file: "rules/damage.ts",
		from: "if (by != NOBODY) addScore(by, SCORE_KILL);",
		to: "if (by != NOBODY) {\n\t\taddScore(by, SCORE_KILL);\n\t\tconst k = shipOf(by);\n\t\tif (k >= 0) ship.kills[k] += 1;\n\t}",
	},
];

/** Builds version 2 from the sources of version 1 in `arenaFolder`. @throws Error with the compiler's words */
export async function buildArenaV2(arenaFolder: string, outFile: string): Promise<void> {
	await buildEditedGame(arenaFolder, ARENA_V2, outFile);
}
