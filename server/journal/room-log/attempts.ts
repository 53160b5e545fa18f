import {
	closeSync,
	fdatasyncSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { LOG_LIMITS } from "./log-limits.ts";
import type { LoggedRoom } from "./read-room-log.ts";

/** An attempt to bring a room back; its seed tells it from a later room of the same name. */
interface Attempt {
	readonly id: string;
	readonly seed: number;
	/** The tick that it had played to. */
	readonly tick: number;
}

function endOf({ stretch }: Pick<LoggedRoom, "stretch">): number {
	return stretch.firstTick + stretch.inboxes.length;
}

function parse(line: string): Attempt | null {
	try {
		const { id, seed, tick } = JSON.parse(line) as Record<string, unknown>;
		const isAttempt = typeof id === "string" && Number.isInteger(seed) && Number.isInteger(tick);
		return isAttempt ? { id, seed: seed as number, tick: tick as number } : null;
	} catch {
		// a crash cut the line off, or it was damaged: other lines are as good as before
		return null;
	}
}

/**
 * Counts in a file how often each room was brought back: a room that kills its process must be known by the
 * next one. An attempt that the room has outlived by some seconds counts no more.
 */
export class Attempts {
	private readonly file: string;
	private attempts: Attempt[];

	/** Reads what is there; whatever cannot be read does not count. */
	constructor(file: string) {
		this.file = file;
		let text = "";
		try {
			text = readFileSync(file, "latin1");
		} catch {
			// none so far
		}
		const bytes = Buffer.from(text.slice(-LOG_LIMITS.attemptsBytes), "latin1").toString("utf8");
		this.attempts = bytes.split("\n").flatMap((line) => parse(line) ?? []);
		if (text.length > LOG_LIMITS.attemptsBytes) this.shorten();
	}

	/** How often the room killed its process, as far as one can tell. */
	count(room: LoggedRoom, tickRate: number): number {
		const outlived = endOf(room) - Math.ceil((LOG_LIMITS.outlivedMs * tickRate) / 1000);
		return this.attempts.filter(
			({ id, seed, tick }) => id === room.id && seed === room.seed && tick > outlived,
		).length;
	}

	/** Notes on the disk that the room is tried now. Says why that failed; null when it is noted. */
	note(room: LoggedRoom): string | null {
		const attempt: Attempt = { id: room.id, seed: room.seed, tick: endOf(room) };
		this.attempts.push(attempt);
		try {
			const fd = openSync(this.file, "a", 0o600);
			try {
				// a line that was cut off before ends here
				writeSync(fd, `\n${JSON.stringify(attempt)}\n`);
				fdatasyncSync(fd);
			} finally {
				closeSync(fd);
			}
			return null;
		} catch (thrown) {
			return (thrown as Error).message;
		}
	}

	/** Forgets all attempts: the rooms have long played on. */
	clear(): void {
		this.attempts = [];
		rmSync(this.file, { force: true });
	}

	private shorten(): void {
		const rest = this.attempts.slice(-this.attempts.length / 2);
		try {
			writeFileSync(`${this.file}.part`, rest.map((one) => `${JSON.stringify(one)}\n`).join(""), {
				mode: 0o600,
			});
			renameSync(`${this.file}.part`, this.file);
		} catch {
			// it is read as it is, and shortened another time
		}
	}
}
