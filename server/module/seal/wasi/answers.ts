import { describeType, type FunctionType } from "../read/module-shape.ts";

/** How the sealed module answers a call itself. */
export type Answer =
	| "write"
	| "exit"
	| "nothing"
	| "two-zeros"
	| "clock"
	| "resolution"
	| "random"
	| "describe-file"
	| "sleep"
	| "no-result"
	/** An error number of WASI. */
	| 8
	| 52
	| 70;

/** WASI's errors: no such file is open; there is no such function; a terminal has no place to go to. */
const [BAD_FILE, NO_FUNCTION, NOT_SEEKABLE] = [8, 52, 70] as const;

const WASI = "wasi_snapshot_preview1.";

type Entry = readonly [params: string, answer: Answer];

/** All of WASI preview 1; parameters as i (i32) and I (i64), and unless noted one i32 comes back. */
const FUNCTIONS: Readonly<Record<string, Entry>> = {
	args_get: ["ii", "nothing"],
	args_sizes_get: ["ii", "two-zeros"],
	environ_get: ["ii", "nothing"],
	environ_sizes_get: ["ii", "two-zeros"],
	clock_res_get: ["ii", "resolution"],
	clock_time_get: ["iIi", "clock"],
	fd_advise: ["iIIi", BAD_FILE],
	fd_allocate: ["iII", BAD_FILE],
	fd_close: ["i", BAD_FILE],
	fd_datasync: ["i", BAD_FILE],
	fd_fdstat_get: ["ii", "describe-file"],
	fd_fdstat_set_flags: ["ii", BAD_FILE],
	fd_fdstat_set_rights: ["iII", BAD_FILE],
	fd_filestat_get: ["ii", BAD_FILE],
	fd_filestat_set_size: ["iI", BAD_FILE],
	fd_filestat_set_times: ["iIIi", BAD_FILE],
	fd_pread: ["iiiIi", BAD_FILE],
	fd_prestat_get: ["ii", BAD_FILE],
	fd_prestat_dir_name: ["iii", BAD_FILE],
	fd_pwrite: ["iiiIi", BAD_FILE],
	fd_read: ["iiii", BAD_FILE],
	fd_readdir: ["iiiIi", BAD_FILE],
	fd_renumber: ["ii", BAD_FILE],
	fd_seek: ["iIii", NOT_SEEKABLE],
	fd_sync: ["i", BAD_FILE],
	fd_tell: ["ii", NOT_SEEKABLE],
	fd_write: ["iiii", "write"],
	path_create_directory: ["iii", BAD_FILE],
	path_filestat_get: ["iiiii", BAD_FILE],
	path_filestat_set_times: ["iiiiIIi", BAD_FILE],
	path_link: ["iiiiiii", BAD_FILE],
	path_open: ["iiiiiIIii", BAD_FILE],
	path_readlink: ["iiiiii", BAD_FILE],
	path_remove_directory: ["iii", BAD_FILE],
	path_rename: ["iiiiii", BAD_FILE],
	path_symlink: ["iiiii", BAD_FILE],
	path_unlink_file: ["iii", BAD_FILE],
	poll_oneoff: ["iiii", "sleep"],
	proc_exit: ["i", "exit"],
	proc_raise: ["i", NO_FUNCTION],
	random_get: ["ii", "random"],
	sched_yield: ["", "nothing"],
	sock_accept: ["iii", NO_FUNCTION],
	sock_recv: ["iiiiii", NO_FUNCTION],
	sock_send: ["iiiii", NO_FUNCTION],
	sock_shutdown: ["ii", NO_FUNCTION],
};

const WIDE = "i64";

function parameters(letters: string): string {
	return [...letters].map((letter) => (letter === "I" ? WIDE : "i32")).join(", ");
}

/** The answer to an import and the signature that it must have; null for what is not answered. */
export function answerTo(full: string): { answer: Answer; signature: string } | null {
	if (full === "env.emscripten_notify_memory_growth") {
		return { answer: "no-result", signature: "(i32) -> ()" };
	}
	if (!full.startsWith(WASI)) return null;
	const name = full.slice(WASI.length);
	const entry = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
	if (!entry) return null;
	const [letters, answer] = entry;
	const result = answer === "exit" ? "" : "i32";
	return { answer, signature: `(${parameters(letters)}) -> (${result})` };
}

/** Whether a type is that of `hotstep.log`. */
export function isLogType(type: FunctionType): boolean {
	return describeType(type) === "(i32, i32, i32) -> ()";
}
