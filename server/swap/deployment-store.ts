import { mkdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Refusal } from "../../protocol/refusal.ts";
import { ConfigError } from "../config-error.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { type GameModule, ModuleError } from "../module/game-module.ts";
import { ModuleFiles, rawHash, writeWhole } from "../module/module-files.ts";
import type { Deployment } from "./deployment.ts";

/** The rules that new rooms of a game get, instead of those the server was started with. */
interface KeptRules {
	/** Hash of the rules that it was started with when these were deployed. */
	readonly base: string;
	/** Hash of the rules. */
	readonly current: string;
	/** Name of the module's file, without its ending. */
	readonly file: string;
}

interface Kept {
	readonly format: 1;
	readonly games: Readonly<Record<string, KeptRules>>;
	readonly deployments: readonly Deployment[];
}

type StoreProblem = Refusal<"ERR_DEPLOYMENTS_DAMAGED" | "ERR_DEPLOYMENTS_WRITE">;

function isRules(value: unknown): value is KeptRules {
	if (typeof value !== "object" || value === null) return false;
	const { base, current, file } = value as Record<string, unknown>;
	const isHash = (text: unknown): boolean =>
		typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
	return isHash(base) && isHash(current) && isHash(file);
}

function isDeployment(value: unknown): value is Deployment {
	if (typeof value !== "object" || value === null) return false;
	const { id, game, hash, policy, swapped } = value as Record<string, unknown>;
	const areTexts = [game, hash, policy].every((text) => typeof text === "string");
	return Number.isInteger(id) && areTexts && Array.isArray(swapped);
}

/** The list as it was written; null for anything else. */
function parse(text: string): Kept | null {
	try {
		const { format, games, deployments } = JSON.parse(text) as Record<string, unknown>;
		if (format !== 1 || typeof games !== "object" || games === null) return null;
		if (!Object.values(games).every(isRules) || !Array.isArray(deployments)) return null;
		if (!deployments.every(isDeployment)) return null;
		return { format, games: games as Kept["games"], deployments };
	} catch {
		return null;
	}
}

/**
 * Stores deployments in a folder, so that a server continues with them after a restart: one list,
 * written as a whole, and the modules it names.
 */
export class DeploymentStore {
	private readonly folder: string;
	private readonly modules: ModuleFiles;
	private readonly failed: (problem: StoreProblem) => void;
	private readonly writes: boolean;
	private games: Record<string, KeptRules> = {};
	deployments: readonly Deployment[] = [];
	private writing: Promise<void> = Promise.resolve();

	/** Reads what is there; without `writes` another process keeps it up to date. @throws what the folder's making throws, and ConfigError when it is another user's */
	constructor(folder: string, failed: (problem: StoreProblem) => void, writes = true) {
		this.folder = folder;
		this.modules = new ModuleFiles(folder);
		this.failed = failed;
		this.writes = writes;
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const owner = process.getuid?.();
		// in a shared folder, another user may have created it first
		if (owner !== undefined && statSync(folder).uid !== owner) {
			throw new ConfigError(`${folder} belongs to somebody else: name another with --data`);
		}
		let text: string | null = null;
		try {
			text = readFileSync(this.listFile, "utf8");
		} catch (thrown) {
			if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return;
		}
		const kept =
			text === null || text.length > SERVER_LIMITS.deploymentListBytes ? null : parse(text);
		if (!kept) {
			this.damaged(`${this.listFile} is no list of deployments: the server begins without`);
			return;
		}
		this.games = { ...kept.games };
		this.deployments = kept.deployments.slice(-SERVER_LIMITS.deployments);
	}

	private get listFile(): string {
		return path.join(this.folder, "deployments.json");
	}

	private damaged(detail: string): void {
		this.failed({ error: "ERR_DEPLOYMENTS_DAMAGED", detail });
	}

	/**
	 * The rules that were deployed over `started`; null if there are none, or if `started` differs from
	 * then: a server started with a new file uses that file.
	 */
	async deployedOver(started: GameModule): Promise<GameModule | null> {
		const kept = this.games[started.name];
		if (!kept || kept.base !== started.hash || kept.current === started.hash) return null;
		try {
			const game = await this.modules.load(kept.file);
			if (game.name === started.name) return game;
			throw new Error(`it is of the game ${game.name}`);
		} catch (thrown) {
			const { name, message } = thrown as Error;
			const why = thrown instanceof ModuleError ? `${name}: ${message}` : message;
			const file = this.modules.fileOf(kept.file);
			this.damaged(`${file} cannot be used, and ${started.name} begins with its own rules: ${why}`);
			return null;
		}
	}

	/** Notes which rules new rooms get, and all deployments. Writing goes on by itself; `finished` waits. */
	keep(started: GameModule, current: GameModule, deployments: readonly Deployment[]): void {
		const file = rawHash(current);
		if (started.hash === current.hash) delete this.games[started.name];
		else this.games[started.name] = { base: started.hash, current: current.hash, file };
		const kept: Kept = { format: 1, games: { ...this.games }, deployments: [...deployments] };
		if (!this.writes) return;
		const isOther = started.hash !== current.hash;
		this.writing = this.writing
			.then(() => this.write(kept, isOther ? current : null))
			.catch((thrown: Error) => {
				this.failed({ error: "ERR_DEPLOYMENTS_WRITE", detail: thrown.message });
			});
	}

	/** Waits until everything is on disk, or has been reported as failed. */
	async finished(): Promise<void> {
		await this.writing;
	}

	private async write(kept: Kept, module: GameModule | null): Promise<void> {
		if (module) await this.modules.keep(module);
		await writeWhole(this.listFile, `${JSON.stringify(kept)}\n`);
		await this.modules.prune(new Set(Object.values(kept.games).map(({ file }) => file)));
	}
}
