import { memorySource } from "../../../../server/journal/journal-source.ts";
import type { AppendFile, Done, LogDisk } from "../../../../server/journal/room-log/log-disk.ts";
import type { LogFolder } from "../../../../server/journal/room-log/log-folder.ts";

type Op =
	| { readonly op: "create" | "remove"; readonly name: string }
	| { readonly op: "write"; readonly name: string; readonly bytes: Buffer };

export function diskError(code: string): NodeJS.ErrnoException {
	return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** Files by name, as a reader finds them. */
export function folderOf(files: ReadonlyMap<string, Uint8Array>): LogFolder {
	return {
		list: () => [...files].map(([name, { length }]) => ({ name, bytes: length })),
		open: (name) => memorySource(files.get(name) as Uint8Array),
	};
}

/** A disk that remembers what was done to it, in order, and fails when it is told to. */
export class FakeDisk implements LogDisk {
	readonly ops: Op[] = [];
	/** Bytes that still fit. */
	free = Number.POSITIVE_INFINITY;
	/** Code of the error that every write, every sync, or every creation ends with. */
	writeError: string | null = null;
	syncError: string | null = null;
	createError: string | null = null;
	/** Called with each write: a slow disk moves the clock. */
	onWrite: () => void = () => {};
	/** Syncs wait until they are let go. */
	holdsSyncs = false;
	syncs = 0;
	openFiles = 0;
	/** Files that were synced after a sync of them had failed. */
	readonly askedAgain: string[] = [];
	private held: (() => void)[] = [];
	private readonly removed = new Set<string>();
	private readonly spoilt = new Set<string>();

	create(name: string): AppendFile {
		if (this.createError !== null) throw diskError(this.createError);
		if (this.files.has(name)) throw diskError("EEXIST");
		this.ops.push({ op: "create", name });
		this.openFiles++;
		let isOpen = true;
		return {
			write: (pieces) => {
				if (!isOpen) throw diskError("EBADF");
				this.onWrite();
				if (this.writeError !== null) throw diskError(this.writeError);
				const bytes = Buffer.concat(pieces);
				const taken = bytes.subarray(0, Math.min(bytes.length, this.free));
				this.free -= taken.length;
				this.ops.push({ op: "write", name, bytes: taken });
				if (taken.length < bytes.length) throw diskError("ENOSPC");
			},
			sync: (done) => {
				if (!isOpen) throw diskError("EBADF");
				if (this.spoilt.has(name)) this.askedAgain.push(name);
				if (this.syncError !== null) this.spoilt.add(name);
				this.finishSync(done);
			},
			isThere: () => !this.removed.has(name),
			close: () => {
				if (!isOpen) throw diskError("EBADF");
				isOpen = false;
				this.openFiles--;
			},
		};
	}

	remove(name: string, done: Done): void {
		this.ops.push({ op: "remove", name });
		this.removed.add(name);
		done(null);
	}

	syncNames(done: Done): void {
		this.finishSync(done);
	}

	private finishSync(done: Done): void {
		const finish = (): void => {
			this.syncs++;
			done(this.syncError === null ? null : diskError(this.syncError));
		};
		if (this.holdsSyncs) this.held.push(finish);
		else finish();
	}

	/** Lets the syncs go that wait, and those that follow. */
	letGo(): void {
		this.holdsSyncs = false;
		for (const finish of this.held.splice(0)) finish();
	}

	get files(): Map<string, Buffer> {
		return this.filesAt(this.ops.length, 0);
	}

	/** The files when the machine stopped after `ops` operations and `bytes` bytes of the next one. */
	filesAt(ops: number, bytes: number): Map<string, Buffer> {
		const parts = new Map<string, Buffer[]>();
		for (const [i, op] of this.ops.entries()) {
			if (i > ops) break;
			if (op.op === "write") {
				parts.get(op.name)?.push(i === ops ? op.bytes.subarray(0, bytes) : op.bytes);
			} else if (i === ops) break;
			else if (op.op === "create") parts.set(op.name, []);
			else parts.delete(op.name);
		}
		return new Map([...parts].map(([name, all]) => [name, Buffer.concat(all)]));
	}

	get folder(): LogFolder {
		return folderOf(this.files);
	}
}
