import path from "node:path";
import { parseArgs } from "node:util";
import { buildGame } from "./build-game.ts";

const HELP = `hotstep build FOLDER [--out FILE.wasm]

  Builds the game in FOLDER (schema.ts and main.ts). Writes FOLDER/generated/ for the editor and the
  module to FOLDER/generated/game.wasm, or where --out says.
`;

/** `hotstep build`. */
export async function main(args: string[]): Promise<void> {
	if (args.includes("--help")) {
		process.stdout.write(HELP);
		return;
	}
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: { out: { type: "string" } },
	});
	const folder = path.resolve(positionals[0] ?? ".");
	const out = path.resolve(values.out ?? path.join(folder, "generated", "game.wasm"));
	const started = performance.now();
	const built = await buildGame(folder, out);
	if ("error" in built) {
		process.stderr.write(`${built.detail}\nhotstep: ${built.error} in ${folder}\n`);
		process.exitCode = 1;
		return;
	}
	const seconds = ((performance.now() - started) / 1000).toFixed(1);
	const file = path.relative(process.cwd(), built.file);
	process.stdout.write(
		`${built.spec.name} v${built.spec.version}: ${file}, ${built.bytes} bytes, ${seconds} s\n`,
	);
}
