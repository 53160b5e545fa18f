import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { compileGame, type GameModule } from "./game-module.ts";

const hashes = new WeakMap<GameModule, string>();

/** SHA-256 of a module as it was built, hex: the name of its file. */
export function rawHash(game: GameModule): string {
	let hash = hashes.get(game);
	if (hash === undefined) {
		hash = createHash("sha256").update(game.raw).digest("hex");
		hashes.set(game, hash);
	}
	return hash;
}

let parts = 0;

/** A reader finds the file as it was, or as it is to be. */
export async function writeWhole(file: string, contents: string | Uint8Array): Promise<void> {
	// another process may be writing the same, or this one twice
	const part = `${file}.${process.pid}.${++parts}.part`;
	await writeFile(part, contents, { mode: 0o600 });
	await rename(part, file);
}

/** Modules in a folder, each once, by the hash of its bytes: what is kept of rooms can be run with them. */
export class ModuleFiles {
	private readonly folder: string;

	constructor(folder: string) {
		this.folder = folder;
	}

	/** Where the module with this hash lies, or would lie. */
	fileOf(hash: string): string {
		return path.join(this.folder, `${hash}.wasm`);
	}

	/** Writes the module, when it is not there yet, and gives its hash. @throws what the system says */
	async keep(game: GameModule): Promise<string> {
		const hash = rawHash(game);
		const file = this.fileOf(hash);
		await mkdir(this.folder, { recursive: true, mode: 0o700 });
		if (game.sourceMap !== null) await writeMissing(`${file}.map`, game.sourceMap);
		await writeMissing(file, game.raw);
		return hash;
	}

	/** @throws ModuleError, or an Error that says why there is no such module */
	async load(hash: string): Promise<GameModule> {
		const file = this.fileOf(hash);
		const bytes = new Uint8Array(await readFile(file));
		if (createHash("sha256").update(bytes).digest("hex") !== hash) {
			throw new Error("its bytes are others than were kept");
		}
		return compileGame(bytes, file, await readFile(`${file}.map`).catch(() => null));
	}

	/** Deletes all modules but these. */
	async prune(wanted: ReadonlySet<string>): Promise<void> {
		for (const name of await readdir(this.folder)) {
			const [, hash] = /^([0-9a-f]{64})\.wasm(?:\.map)?$/.exec(name) ?? [];
			if (hash !== undefined && !wanted.has(hash)) await rm(path.join(this.folder, name));
		}
	}
}

/** Writes the file unless it is there, whole. */
async function writeMissing(file: string, contents: string | Uint8Array): Promise<void> {
	const there = await readFile(file).catch(() => null);
	if (there === null || Buffer.compare(there, Buffer.from(contents)) !== 0)
		await writeWhole(file, contents);
}
