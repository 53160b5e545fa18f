import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { PACKAGE_ROOT } from "../installation.ts";
import type { Command } from "./engine.ts";
import { VERIFY_LIMITS } from "./verify-limits.ts";

/** The hosts' sources, which the package has too. */
export const HOSTS = path.join(PACKAGE_ROOT, "game-logic/hosts");

/** Where hosts that were built are kept; `HOTSTEP_HOSTS` names another folder. */
export function builtHosts(): string {
	const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
	const folder = process.env.HOTSTEP_HOSTS || path.join(cache, "hotstep/hosts");
	mkdirSync(folder, { recursive: true });
	return folder;
}

/** Runs a compiler; resolves with what is wrong, the end of its output in it, or null. */
export function compile(
	{ file, args }: Command,
	options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Refusal | null> {
	return new Promise((resolve) => {
		const { cwd, env = {} } = options;
		const settings = {
			cwd,
			env: { ...process.env, ...env },
			timeout: VERIFY_LIMITS.buildMs,
			maxBuffer: VERIFY_LIMITS.buildOutputBytes,
		};
		execFile(file, [...args], settings, (error, stdout, stderr) => {
			if (!error) return resolve(null);
			const said = (stderr.trim() || stdout.trim() || error.message).split("\n").slice(-12);
			const detail = `${path.basename(file)} failed in ${cwd}:\n  ${said.join("\n  ")}`;
			resolve({ error: "ERR_VERIFY_BUILD", detail });
		});
	});
}
