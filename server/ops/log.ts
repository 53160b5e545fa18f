export type LogLevel = "debug" | "info" | "warn" | "error";

export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Level of a module's own lines, by the number it gives. */
export function levelOf(code: number): LogLevel {
	return ORDER[code] ?? "info";
}

function asJson(_: string, value: unknown): unknown {
	return typeof value === "bigint" ? String(value) : value;
}

/** One JSON object a line on stderr, from `least` up. */
export function createLog(least: LogLevel): Log {
	return (level, message, fields = {}) => {
		if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
		// what is said of a line has these names, whatever its fields are called
		const own = { time: new Date().toISOString(), level, message };
		process.stderr.write(`${JSON.stringify({ ...own, ...fields, ...own }, asJson)}\n`);
	};
}

export const silentLog: Log = () => {};
