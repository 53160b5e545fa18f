// Builds everything into dist/: the TypeScript, the games' modules, the pages.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const root = import.meta.dirname;
const bin = (name) => path.join(root, "node_modules", ".bin", name);
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: "inherit" });

run(bin("tsc"), "-p", "tsconfig.json");
const games = readdirSync(path.join(root, "game-logic")).filter(
	(name) => name !== "template" && existsSync(path.join(root, "game-logic", name, "schema.ts")),
);
for (const game of games) {
	run(
		process.execPath,
		"dist/server/cli.js",
		"build",
		`game-logic/${game}`,
		"--out",
		`dist/games/${game}.wasm`,
	);
}
run(bin("vite"), "build", "client-demo", "--logLevel", "warn");
run(bin("vite"), "build", "monitor", "--logLevel", "warn");
// a next version of arena, to be swapped in: hotstep swap arena dist/swaps/arena-v2.wasm --policy live
const { buildArenaV2 } = await import("./dist/game-logic/arena-next/edits.js");
await buildArenaV2(
	path.join(root, "game-logic/arena"),
	path.join(root, "dist/swaps/arena-v2.wasm"),
);
