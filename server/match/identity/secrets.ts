import { readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { ConfigError } from "../../config-error.ts";
import { MATCH_LIMITS } from "../match-limits.ts";

/** Secrets that hold now, the one to sign with first. */
export interface SecretSource {
	read(): Promise<readonly Uint8Array[]>;
}

/**
 * One secret a line, the newest first: a new one is put on top, and the old one taken away when all that was
 * signed with it is over. Lines that begin with `#` are notes.
 *
 * @throws ConfigError when there is none, or one that could be guessed; no message has a secret in it
 */
function readSecrets(text: string, where: string): readonly Uint8Array[] {
	const lines = text
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter((line) => line !== "" && !line.startsWith("#"));
	if (lines.length === 0) throw new ConfigError(`there is no secret in ${where}`);
	if (lines.length > MATCH_LIMITS.secrets) {
		throw new ConfigError(`${where} has more than ${MATCH_LIMITS.secrets} secrets`);
	}
	for (const line of lines) {
		if (line.length >= MATCH_LIMITS.secretChars) continue;
		throw new ConfigError(
			`a secret in ${where} has ${line.length} characters; ` +
				`${MATCH_LIMITS.secretChars} are the least, such as of openssl rand -base64 33`,
		);
	}
	return lines.map((line) => new TextEncoder().encode(line));
}

/** Secrets that never change, such as those of an environment variable. @throws ConfigError */
export function fixedSecrets(text: string, where: string): SecretSource {
	const secrets = readSecrets(text, where);
	return { read: async () => secrets };
}

interface FileSecretsOptions {
	/** Any clock, ms. */
	now: () => number;
	/** Hears of a file that cannot be used any more; what was read last goes on to hold. */
	failed: (problem: string) => void;
}

/** Secrets of a file, which is looked at again every few seconds: keys change without a restart. */
export class FileSecrets implements SecretSource {
	private readonly file: string;
	private readonly options: FileSecretsOptions;
	private secrets: readonly Uint8Array[];
	private lookedMs: number;
	/** What the file was when it was read. */
	private seen = "";
	private looking: Promise<void> | null = null;

	/** @throws ConfigError when the file cannot be used now */
	constructor(file: string, options: FileSecretsOptions) {
		this.file = file;
		this.options = options;
		let text: string;
		try {
			text = readFileSync(file, "utf8");
		} catch (thrown) {
			throw new ConfigError((thrown as Error).message);
		}
		this.secrets = readSecrets(text, file);
		this.lookedMs = options.now();
	}

	async read(): Promise<readonly Uint8Array[]> {
		if (this.options.now() - this.lookedMs >= MATCH_LIMITS.keyFileMs) {
			this.looking ??= this.look().finally(() => {
				this.looking = null;
			});
			await this.looking;
		}
		return this.secrets;
	}

	private async look(): Promise<void> {
		this.lookedMs = this.options.now();
		try {
			const { mtimeMs, size, ino } = await stat(this.file);
			const seen = `${mtimeMs} ${size} ${ino}`;
			if (seen === this.seen) return;
			this.secrets = readSecrets(await readFile(this.file, "utf8"), this.file);
			this.seen = seen;
		} catch (thrown) {
			this.options.failed((thrown as Error).message);
		}
	}
}
