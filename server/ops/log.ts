import { descriptorWriter, LogWriter } from "./log-writer.ts";

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

/** Standard error of this process. */
export const standardError = new LogWriter(descriptorWriter(2));

/** One JSON object a line, from `least` up; on standard error unless told otherwise. */
export function createLog(least: LogLevel, to: Pick<LogWriter, "line"> = standardError): Log {
	return (level, message, fields = {}) => {
		if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
		// what is said of a line has these names, whatever its fields are called
		const own = { time: new Date().toISOString(), level, message };
		to.line(JSON.stringify({ ...own, ...fields, ...own }, asJson));
	};
}

export const silentLog: Log = () => {};
