import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import path from "node:path";

/** Folders where package managers put compilers without putting them on the PATH. */
const BESIDE_PATH = [
	"/opt/homebrew/opt/llvm/bin",
	"/opt/homebrew/opt/lld/bin",
	"/usr/local/opt/llvm/bin",
	"/usr/local/opt/lld/bin",
	"C:\\Program Files\\LLVM\\bin",
];

function isProgram(file: string): boolean {
	return existsSync(file) && statSync(file).isFile();
}

/** Every program of one of these names, in the order of the names, then of the PATH. */
export function findPrograms(names: readonly string[]): string[] {
	const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...BESIDE_PATH];
	const suffix = process.platform === "win32" ? ".exe" : "";
	return names.flatMap((name) =>
		folders
			.filter((folder) => folder !== "")
			.map((folder) => path.join(folder, name + suffix))
			.filter(isProgram),
	);
}

export interface Ran {
	/** Null when the program could not be started, or was ended by a signal. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a program to its end; never throws. */
export function run(
	command: readonly string[],
	folder = process.cwd(),
	environment: NodeJS.ProcessEnv = process.env,
): Promise<Ran> {
	const [program = "", ...args] = command;
	const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
	return new Promise((resolve) => {
		execFile(program, args, options, (error, stdout, stderr) => {
			const code = error ? (typeof error.code === "number" ? error.code : null) : 0;
			resolve({ code, stdout, stderr: stderr || (code === null ? String(error) : "") });
		});
	});
}
