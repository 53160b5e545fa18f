@external("hotstep", "log")
declare function hostLog(level: i32, address: usize, bytes: i32): void;

const LINE_BYTES: i32 = 512;
// @ts-ignore: decorator
@lazy const line: usize = memory.data(512, 4);

export enum LogLevel {
	Debug = 0,
	Info = 1,
	Warn = 2,
	Error = 3,
}

/** Writes a line to the server's log. Lines are cut at 512 bytes and limited per tick by the host. */
export function log(text: string, level: LogLevel = LogLevel.Info): void {
	// at most 3 bytes of UTF-8 for each UTF-16 unit
	const units = min(text.length, LINE_BYTES / 3);
	const bytes = String.UTF8.encodeUnsafe(changetype<usize>(text), units, line);
	hostLog(level, line, <i32>bytes);
}
