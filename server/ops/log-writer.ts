import { write } from "node:fs";
import { SERVER_LIMITS } from "../limits.ts";

/** Writes bytes and says how many went out, or why not: `fs.write` on a file descriptor. */
export type WriteBytes = (
	bytes: Uint8Array,
	done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** A pipe that takes nothing at the moment is asked again after this. */
const RETRY_MS = 100;

export function descriptorWriter(fd: number): WriteBytes {
	return (bytes, done) => write(fd, bytes, 0, bytes.length, null, done);
}

/**
 * Writes lines for a reader that may stop reading or go away: the server continues in either case. One
 * write is under way at a time, in Node's pool of threads, since a write to a full pipe would block
 * this one. Dropped lines are reported as soon as the reader reads again.
 */
export class LogWriter {
	/** Lines lost so far. */
	lost = 0;
	private readonly writeBytes: WriteBytes;
	private waiting: Buffer[] = [];
	private waitingBytes = 0;
	private isWriting = false;
	/** Dropped lines that have not been reported. */
	private unsaid = 0;
	private idle: (() => void)[] = [];

	constructor(writeBytes: WriteBytes) {
		this.writeBytes = writeBytes;
	}

	line(text: string): void {
		const bytes = Buffer.from(`${text}\n`);
		if (this.waitingBytes + bytes.length > SERVER_LIMITS.logWaitingBytes) {
			this.lose(1);
			return;
		}
		this.waiting.push(bytes);
		this.waitingBytes += bytes.length;
		if (!this.isWriting) this.next();
	}

	/** Waits until everything is written or dropped, up to this long. */
	async flushed(mostMs: number): Promise<void> {
		if (!this.isWriting) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, mostMs);
			this.idle.push(() => {
				clearTimeout(timer);
				resolve();
			});
		});
	}

	private lose(lines: number): void {
		this.lost += lines;
		this.unsaid += lines;
	}

	private next(): void {
		if (this.waiting.length === 0) {
			this.isWriting = false;
			for (const resolve of this.idle.splice(0)) resolve();
			return;
		}
		this.isWriting = true;
		const lines = this.waiting.length;
		const bytes = Buffer.concat(this.waiting);
		this.waiting = [];
		this.write(bytes, lines);
	}

	private write(bytes: Buffer, lines: number): void {
		this.writeBytes(bytes, (error, written) => {
			if (error?.code === "EAGAIN") {
				setTimeout(() => this.write(bytes, lines), RETRY_MS).unref();
				return;
			}
			if (!error && written < bytes.length) {
				this.waitingBytes -= written;
				return this.write(bytes.subarray(written), lines);
			}
			this.waitingBytes -= bytes.length;
			if (error) this.lose(lines);
			else this.saidAll();
			this.next();
		});
	}

	/** The reader reads again: reports what it missed. */
	private saidAll(): void {
		if (this.unsaid === 0) return;
		const lines = this.unsaid;
		this.unsaid = 0;
		const time = new Date().toISOString();
		this.line(JSON.stringify({ time, level: "warn", message: "log lines were lost", lines }));
	}
}
