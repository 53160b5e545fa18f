import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { cpus, platform, release, totalmem } from "node:os";
import type { Failure, Result } from "./result.ts";

/** Where a run took place; figures of different machines cannot be compared. */
export interface Machine {
	cpu: string;
	cores: number;
	memoryGiB: number;
	system: string;
	node: string;
}

/** One run of the benchmark: a line of `bench/history.jsonl`. */
export interface HistoryLine {
	time: string;
	commit: string;
	machine: Machine;
	results: readonly (Result | Failure)[];
}

export function describeMachine(): Machine {
	const cores = cpus();
	return {
		cpu: cores[0]?.model ?? "unknown",
		cores: cores.length,
		memoryGiB: Math.round(totalmem() / 2 ** 30),
		system: `${platform()} ${release()}`,
		node: process.version,
	};
}

/** What the benchmark itself writes; that does not change what it measures. */
const OWN_FILES = [
	":!bench/history.jsonl",
	":!docs/benchmarks.md",
	":!docs/benchmarks",
	":!docs/engines.md",
];

/** Short hash of the commit that `folder` is at, with a + when files differ from it. */
export function commitOf(folder: string): string {
	try {
		const git = (...args: string[]) =>
			execFileSync("git", args, { cwd: folder, stdio: "pipe" }).toString().trim();
		const changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ...OWN_FILES);
		return git("rev-parse", "--short", "HEAD") + (changed === "" ? "" : "+");
	} catch {
		return "unknown";
	}
}

/** @throws Error naming a line that is no JSON */
export async function readHistory(file: string): Promise<HistoryLine[]> {
	if (!existsSync(file)) return [];
	const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
	return lines.map((line, i) => {
		try {
			return JSON.parse(line);
		} catch {
			throw new Error(`${file}: line ${i + 1} is no JSON`);
		}
	});
}

export async function appendHistory(file: string, line: HistoryLine): Promise<void> {
	await appendFile(file, `${JSON.stringify(line)}\n`);
}
