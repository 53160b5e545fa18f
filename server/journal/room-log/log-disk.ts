import {
	close,
	closeSync,
	fdatasync,
	fstatSync,
	fsync,
	mkdirSync,
	open,
	openSync,
	unlink,
	writevSync,
} from "node:fs";
import path from "node:path";

/** The system takes so many pieces in one call (IOV_MAX). */
const MOST_PIECES = 1_024;

export type Done = (error: Error | null) => void;

/** A segment that is being written. */
export interface AppendFile {
	/** Appends all of it. @throws what the system says; some of it may be in the file then */
	write(pieces: readonly Uint8Array[]): void;
	/** Brings what was written to the disk, on another thread. */
	sync(done: Done): void;
	/** False when its name is gone: what is written to it then, nobody will read. */
	isThere(): boolean;
	close(): void;
}

/** Where segments are written: the system's folder, or a test's. */
export interface LogDisk {
	/** @throws what the system says when the file is there already, or cannot be made */
	create(name: string): AppendFile;
	remove(name: string, done: Done): void;
	/** Brings the names of files to the disk, on another thread. */
	syncNames(done: Done): void;
}

function writeAll(fd: number, pieces: readonly Uint8Array[]): void {
	let rest = [...pieces];
	while (rest.length > 0) {
		let written = writevSync(fd, rest.slice(0, MOST_PIECES));
		// a disk that is nearly full takes a part; the next call says why
		while (rest.length > 0 && written >= (rest[0] as Uint8Array).length) {
			written -= (rest[0] as Uint8Array).length;
			rest = rest.slice(1);
		}
		if (written > 0) rest[0] = (rest[0] as Uint8Array).subarray(written);
	}
}

/**
 * Segments in a folder, which is made when missing. They hold names and every input: for the server's own user.
 *
 * @throws what `mkdir` throws when the folder cannot be made
 */
export function folderDisk(folder: string): LogDisk {
	const make = (): unknown => mkdirSync(folder, { recursive: true, mode: 0o700 });
	make();
	return {
		create(name) {
			// somebody may have cleared it away
			make();
			const fd = openSync(path.join(folder, name), "ax", 0o600);
			return {
				write: (pieces) => writeAll(fd, pieces),
				sync: (done) => fdatasync(fd, done),
				isThere: () => fstatSync(fd).nlink > 0,
				close: () => closeSync(fd),
			};
		},
		remove: (name, done) => unlink(path.join(folder, name), done),
		syncNames(done) {
			open(folder, "r", (error, fd) => {
				if (error) return done(error);
				fsync(fd, (failed) => close(fd, () => done(failed)));
			});
		},
	};
}
