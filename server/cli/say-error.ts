/** Advice for errors of the system. */
const SYSTEM: Readonly<Record<string, readonly [name: string, hint: string]>> = {
	EADDRINUSE: [
		"ERR_ADDRESS_IN_USE",
		"another program listens there: stop it, or choose another --port",
	],
	EADDRNOTAVAIL: ["ERR_ADDRESS_UNAVAILABLE", "this machine has no such address: see --host"],
	ENOTFOUND: ["ERR_ADDRESS_UNAVAILABLE", "nobody knows that name: see --host"],
	EMFILE: ["ERR_SYSTEM", "too many files are open: raise ulimit -n"],
	ENFILE: ["ERR_SYSTEM", "the machine has too many files open"],
	ENOSPC: ["ERR_SYSTEM", "the disk is full"],
	EROFS: ["ERR_SYSTEM", "the disk is read-only: choose another folder"],
	EACCES: ["ERR_SYSTEM", "this user may not: check the rights, and use a port from 1024 up"],
	EPERM: ["ERR_SYSTEM", "this user may not: check the rights"],
	ENOENT: ["ERR_SYSTEM", "it is not there: check the path"],
	ENOTDIR: ["ERR_SYSTEM", "part of the path is a file"],
	EISDIR: ["ERR_SYSTEM", "it is a folder"],
	EEXIST: ["ERR_SYSTEM", "there is a file of that name already"],
};

/** The last line of a command that cannot continue. */
export function sayError(thrown: unknown): string {
	const { code = "", message, name } = thrown as NodeJS.ErrnoException;
	const known = Object.hasOwn(SYSTEM, code) ? SYSTEM[code] : undefined;
	return known
		? `hotstep: ${known[0]}: ${message} (${known[1]})\n`
		: `hotstep: ${name}: ${message}\n`;
}
