import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { PEERS_FOLDER } from "./load/contender.ts";

const INSTALL_MS = 300_000;

let installing: Promise<string | null> | null = null;

async function install(): Promise<string | null> {
	const lock = createHash("sha256")
		.update(readFileSync(path.join(PEERS_FOLDER, "package-lock.json")))
		.digest("hex");
	const mark = path.join(PEERS_FOLDER, "node_modules/.hotstep-lock");
	if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return null;
	try {
		await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
			cwd: PEERS_FOLDER,
			timeout: INSTALL_MS,
			shell: process.platform === "win32",
		});
	} catch (thrown) {
		const lines = String((thrown as { stderr?: string }).stderr ?? thrown).split("\n");
		return `npm ci in bench/peers failed: ${lines.slice(0, 2).join(" ").trim()}`;
	}
	writeFileSync(mark, lock);
	return null;
}

/** Installs what bench/peers needs, once; resolves with why that cannot be done, or null. */
export function installPeers(): Promise<string | null> {
	installing ??= install();
	return installing;
}
