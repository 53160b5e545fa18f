import { expect, it } from "vitest";
import { instantiate } from "../../../server/module/game-module.ts";
import { buildDots } from "../journal/journal-match.ts";

const JOIN = "export function join(player: i32): void {";

it("hands over the name of who joins, whatever it is written in, and it lasts", async () => {
	const { game } = await buildDots([
		["import { ctx,", "import { ctx, log,"],
		[
			JOIN,
			"const names = new Map<i32, string>();\nexport function join(player: i32, name: string): void {\n\tnames.set(player, name);",
		],
		[
			"export function tick(): void {",
			`$&\n\tfor (let p = 0; p < 16; p++) if (names.has(p)) log(\`\${p} \${names.get(p).length} \${names.get(p)}\`);`,
		],
	]);
	const lines: string[] = [];
	const simulation = instantiate(game, (_, line) => lines.push(line));
	expect(simulation.init(1)).toBeNull();
	const names = ["Ada", "x", "Ναυσικά", "❤️ 王子 👨‍👩‍👧", "Bo"];
	names.forEach((name, player) => void simulation.inbox.join(player, name));
	expect(simulation.tick(0)).toBeNull();
	const expected = names.map((name, player) => `${player} ${name.length} ${name}`);
	expect(lines.splice(0)).toEqual(expected);
	simulation.inbox.clear();
	for (let tick = 1; tick < 50; tick++) expect(simulation.tick(tick)).toBeNull();
	expect(lines.slice(-names.length)).toEqual(expected);
});
