import {
	closeSync,
	fsync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from "node:fs";
import path from "node:path";
import { EFFECT_LIMITS } from "./effect-limits.ts";
import type { Parcel } from "./spool-state.ts";

/*
 * A spool's file: lines of JSON, only ever added to.
 *
 *     <target>.<series>.<owner>.spool     series: whose results these are; owner: who delivers them now, or "free"
 *
 *     {"add": parcel}     it waits
 *     {"done": key}       it need not be delivered any more
 */

/** What a file says. */
interface SpoolContents {
	readonly waiting: readonly Parcel[];
	readonly done: readonly string[];
}

/** The owner of a file that was left in order. */
const FREE = "free";

interface SpoolName {
	readonly target: string;
	readonly series: string;
	readonly owner: string;
}

function fileOf({ target, series, owner }: SpoolName): string {
	return `${target}.${series}.${owner}.spool`;
}

function parseName(file: string): SpoolName | null {
	const match = /^([a-z]{1,16})\.([\w-]{1,64})\.([\w-]{1,64})\.spool$/.exec(file);
	if (!match) return null;
	const [, target = "", series = "", owner = ""] = match;
	return { target, series, owner };
}

function isParcel(value: unknown): value is Parcel {
	if (typeof value !== "object" || value === null) return false;
	const { key, room, text, addedMs } = value as Record<string, unknown>;
	return [key, room, text].every((one) => typeof one === "string") && Number.isFinite(addedMs);
}

/** A line that makes no sense is one that a crash cut off, or nobody's. */
function readLines(text: string): SpoolContents {
	const waiting = new Map<string, Parcel>();
	const done = new Set<string>();
	for (const line of text.split("\n")) {
		try {
			const { add, done: key } = JSON.parse(line) as { add?: unknown; done?: unknown };
			if (isParcel(add)) waiting.set(add.key, add);
			else if (typeof key === "string" && waiting.delete(key)) done.add(key);
			else if (typeof key === "string") done.add(key);
		} catch {}
	}
	return { waiting: [...waiting.values()], done: [...done] };
}

/** A file that was someone's who is gone, and is now read by whoever has claimed it. */
interface ClaimedSpool extends SpoolContents {
	readonly series: string;
	/** What is in it is elsewhere now. */
	remove(): void;
}

/**
 * Takes over the files of owners who are gone, and those that were left. Of several who try, one gets a file: it is renamed.
 *
 * @throws what the system says of the folder
 */
export function claimSpools(
	folder: string,
	target: string,
	me: string,
	isGone: (owner: string) => boolean,
): ClaimedSpool[] {
	const claimed: ClaimedSpool[] = [];
	for (const file of readdirSync(folder)) {
		const name = parseName(file);
		if (name === null || name.target !== target || name.owner === me) continue;
		if (name.owner !== FREE && !isGone(name.owner)) continue;
		const own = path.join(folder, fileOf({ ...name, owner: me }));
		try {
			renameSync(path.join(folder, file), own);
		} catch (thrown) {
			if ((thrown as NodeJS.ErrnoException).code === "ENOENT") continue;
			throw thrown;
		}
		if (statSync(own).size > EFFECT_LIMITS.fileBytes)
			throw new Error(`${own} is too long to be read`);
		const contents = readLines(readFileSync(own, "utf8"));
		claimed.push({ ...contents, series: name.series, remove: () => rmSync(own, { force: true }) });
	}
	return claimed;
}

/** The file of a spool that is in use. Its calls throw what the system says. */
export class SpoolFile {
	private readonly file: string;
	/** What it is called when it is left. */
	private readonly left: string;
	private fd: number;
	private bytes = 0;
	private isSyncing = false;
	private isTorn = false;

	constructor(folder: string, target: string, me: string) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		this.file = path.join(folder, fileOf({ target, series: me, owner: me }));
		this.left = path.join(folder, fileOf({ target, series: me, owner: FREE }));
		this.fd = openSync(this.file, "a", 0o600);
	}

	/** Whether writing it anew with so few lines would be worth it. */
	isWorthRewriting(lines: number): boolean {
		return this.bytes > EFFECT_LIMITS.rewriteBytes && lines < EFFECT_LIMITS.waiting / 8;
	}

	add(parcel: Parcel): void {
		this.write({ add: parcel });
	}

	done(key: string): void {
		this.write({ done: key });
	}

	/** Puts a new file in the place of this one. */
	rewrite(waiting: readonly Parcel[], done: readonly string[]): void {
		const next = `${this.file}.new`;
		const lines = [...waiting.map((add) => ({ add })), ...done.map((key) => ({ done: key }))];
		const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
		const fd = openSync(next, "w", 0o600);
		writeSync(fd, text);
		renameSync(next, this.file);
		closeSync(this.fd);
		this.fd = fd;
		this.bytes = Buffer.byteLength(text);
		this.sync();
	}

	/** The file goes when nothing waits; or else whoever wants may take it over. */
	close(isEmpty: boolean): void {
		closeSync(this.fd);
		if (isEmpty) rmSync(this.file, { force: true });
		else renameSync(this.file, this.left);
	}

	private write(line: object): void {
		// behind a line that a full disk cut off
		const text = `${this.isTorn ? "\n" : ""}${JSON.stringify(line)}\n`;
		this.isTorn = true;
		const written = writeSync(this.fd, text);
		this.bytes += written;
		if (written < Buffer.byteLength(text)) throw new Error("the disk took a part of a line");
		this.isTorn = false;
		this.sync();
	}

	/** The disk has it soon; until then the kernel has, which outlives this process. */
	private sync(): void {
		if (this.isSyncing) return;
		this.isSyncing = true;
		fsync(this.fd, () => {
			this.isSyncing = false;
		});
	}
}
