import { findPrograms, run } from "./find-program.ts";

let known: Promise<readonly string[] | null> | null = null;

/** The command that is `zig`: on the PATH, or as the Python package ziglang. */
export function findZig(): Promise<readonly string[] | null> {
	known ??= look();
	return known;
}

async function look(): Promise<readonly string[] | null> {
	const own = process.env.HOTSTEP_ZIG;
	if (own) return [own];
	const [zig] = findPrograms(["zig"]);
	if (zig) return [zig];
	for (const python of findPrograms(["python3", "python"])) {
		const command = [python, "-m", "ziglang"];
		if ((await run([...command, "version"])).code === 0) return command;
	}
	return null;
}
