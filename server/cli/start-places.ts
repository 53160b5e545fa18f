import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { ConfigError } from "../config-error.ts";
import { BUILD_ROOT } from "../installation.ts";

export function builtInGames(): string[] {
	const folder = path.join(BUILD_ROOT, "games");
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((name) => name.endsWith(".wasm"))
		.sort()
		.map((name) => path.join(folder, name));
}

/** The given folder, or the demo page, which can show only the built-in games. */
export function readPage(folder: string | undefined, isDemo: boolean): string | null {
	if (folder === undefined && !isDemo) return null;
	const page = path.resolve(folder ?? path.join(BUILD_ROOT, "page"));
	if (existsSync(page) && statSync(page).isDirectory()) return page;
	if (folder !== undefined) throw new ConfigError(`there is no folder "${folder}"`);
	return null;
}

/** The token itself, or the file that holds it: all users can read a command line. */
export function readToken(token: string | undefined, file: string | undefined): string | null {
	if (token !== undefined && file !== undefined) {
		throw new ConfigError("--admin-token and --admin-token-file are one too many");
	}
	let found = token ?? null;
	if (file !== undefined) {
		try {
			found = readFileSync(file, "utf8").trim();
		} catch (thrown) {
			throw new ConfigError(`--admin-token-file: ${(thrown as Error).message}`);
		}
	}
	if (found !== null && found.length < 8) {
		throw new ConfigError("the admin token must have at least 8 characters");
	}
	return found;
}

/** A server on any free port has no folder that the next one would find. */
export function readData(given: string | undefined, port: number): string | null {
	if (given !== undefined) return path.resolve(given);
	if (port === 0) return null;
	const owner = process.getuid?.() ?? userInfo().username;
	return path.join(tmpdir(), `hotstep-${owner}`, String(port));
}

export function roomsFolder(given: string | undefined, port: number): string | null {
	const data = readData(given, port);
	return data && path.join(data, "rooms");
}
