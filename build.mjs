// Builds everything into dist/: the TypeScript, the games' modules, the pages.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

const root = import.meta.dirname;
const bin = (name) => path.join(root, "node_modules", ".bin", name);
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: "inherit" });

// what a source left behind that has moved or gone would be run, packed and imported
rmSync(path.join(root, "dist"), { recursive: true, force: true });
run(bin("tsc"), "-p", "tsconfig.json");
pruneDeclarations();
/** Types that no entry of the package leads to are of no use to anybody who installs it. */
function pruneDeclarations() {
	const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
	const wanted = new Set();
	const follow = (file) => {
		if (wanted.has(file)) return;
		wanted.add(file);
		for (const [, from] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
			follow(path.resolve(path.dirname(file), from.replace(/\.[jt]s$/, ".d.ts")));
		}
	};
	for (const { types } of Object.values(exports)) if (types) follow(path.join(root, types));
	for (const entry of readdirSync(path.join(root, "dist"), { recursive: true })) {
		const file = path.join(root, "dist", String(entry));
		if (file.endsWith(".d.ts") && !wanted.has(file)) rmSync(file);
	}
}

const games = readdirSync(path.join(root, "game-logic")).filter(
	(name) =>
		name !== "template" &&
		existsSync(path.join(root, "game-logic", name, "schema.ts")) &&
		// a crate takes minutes and a toolchain: `hotstep dev game-logic/carball` builds it when it is wanted
		!existsSync(path.join(root, "game-logic", name, "Cargo.toml")),
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
