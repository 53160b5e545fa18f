import type { AuditLine } from "../../../protocol/operator-answers.ts";
import { SERVER_LIMITS } from "../../limits.ts";
import type { Log } from "../../log.ts";
import { AuditFile } from "./audit-file.ts";

/** What operators changed: in memory, in the log and, where there is a folder, over restarts. */
export class AuditList {
	/** Grows with every line. */
	revision = 0;
	private readonly log: Log;
	private readonly file: AuditFile | null;
	private lines: AuditLine[] = [];
	private reading: Promise<void> | null = null;

	/** `folder` is that of the server's data; null keeps nothing. */
	constructor(log: Log, folder: string | null) {
		this.log = log;
		this.file = folder === null ? null : new AuditFile(folder, (detail) => this.unkept(detail));
	}

	add(line: AuditLine): void {
		// what was there before is read first, or it would come after
		this.begin();
		this.revision++;
		this.lines.push(line);
		if (this.lines.length > SERVER_LIMITS.auditLines) this.lines.shift();
		const { atMs: _, ...fields } = line;
		this.log("info", "admin", fields);
		this.file?.add(line);
	}

	/** The last ones, newest first. */
	async list(): Promise<AuditLine[]> {
		await this.begin();
		return [...this.lines].reverse();
	}

	async finished(): Promise<void> {
		await this.file?.finished();
	}

	/** Reads, once, what was kept: another server may have written until this one has the port. */
	private begin(): Promise<void> {
		this.reading ??= (this.file?.read() ?? Promise.resolve([])).then((kept) => {
			this.lines = [...kept, ...this.lines].slice(-SERVER_LIMITS.auditLines);
		});
		return this.reading;
	}

	private unkept(detail: string): void {
		this.log("error", "an audit line is not kept", { error: "ERR_SYSTEM", detail });
	}
}
