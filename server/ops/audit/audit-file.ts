import { appendFile, mkdir, readFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import type { AuditLine } from "../../../protocol/operator-answers.ts";
import { SERVER_LIMITS } from "../../limits.ts";

function isLine(value: unknown): value is AuditLine {
	if (typeof value !== "object" || value === null) return false;
	const { atMs, by, what, target, detail, status, error } = value as Record<string, unknown>;
	const areTexts = [by, what, target, detail].every((text) => typeof text === "string");
	const areNumbers = [atMs, status].every((number) => Number.isFinite(number));
	return areTexts && areNumbers && (error === null || typeof error === "string");
}

/** Lines of a file as it was written; what is none, such as the last one of a power loss, is left out. */
function parseAudit(text: string): AuditLine[] {
	return text.split("\n").flatMap((line) => {
		try {
			const value: unknown = JSON.parse(line);
			return isLine(value) ? [value] : [];
		} catch {
			return [];
		}
	});
}

/**
 * Keeps the audit list over restarts: JSON lines that are only ever added to. A file that is full makes way for the
 * next one, and the one before is deleted, so that both together have a bound.
 */
export class AuditFile {
	private readonly folder: string;
	private readonly most: number;
	private readonly failed: (detail: string) => void;
	private work: Promise<void> = Promise.resolve();

	/** `failed` hears, each time, why a line is not kept. */
	constructor(
		folder: string,
		failed: (detail: string) => void,
		most: number = SERVER_LIMITS.auditFileBytes,
	) {
		this.folder = path.resolve(folder);
		this.failed = failed;
		this.most = most;
	}

	private get file(): string {
		return path.join(this.folder, "audit.jsonl");
	}

	private get before(): string {
		return path.join(this.folder, "audit.1.jsonl");
	}

	/** What was kept, oldest first. */
	async read(): Promise<AuditLine[]> {
		await this.work;
		const texts = [this.before, this.file].map(async (file) => {
			const { size } = await stat(file);
			// one line may go beyond
			if (size > 2 * this.most) throw new Error(`${file} has ${size} bytes`);
			return readFile(file, "utf8");
		});
		const read = await Promise.allSettled(texts);
		return read.flatMap((one) => (one.status === "fulfilled" ? parseAudit(one.value) : []));
	}

	/** Adds a line, after those before; `finished` waits. */
	add(line: AuditLine): void {
		this.work = this.work
			.then(() => this.write(`${JSON.stringify(line)}\n`))
			.catch((thrown: Error) => this.failed(thrown.message));
	}

	async finished(): Promise<void> {
		await this.work;
	}

	private async write(text: string): Promise<void> {
		await mkdir(this.folder, { recursive: true, mode: 0o700 });
		const size = await stat(this.file).then(
			(found) => found.size,
			() => 0,
		);
		if (size > 0 && size + Buffer.byteLength(text) > this.most) {
			await rename(this.file, this.before);
		}
		await appendFile(this.file, text, { mode: 0o600 });
	}
}
