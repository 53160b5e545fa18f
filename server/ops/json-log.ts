import { LOG_LEVELS, type Log, type LogLevel } from "../log.ts";
import { descriptorWriter, LogWriter } from "./log-writer.ts";

function asJson(_: string, value: unknown): unknown {
	return typeof value === "bigint" ? String(value) : value;
}

/** Standard error of this process. */
export const standardError = new LogWriter(descriptorWriter(2));

/** One JSON object a line, from `least` up; on standard error unless told otherwise. */
export function createLog(least: LogLevel, to: Pick<LogWriter, "line"> = standardError): Log {
	return (level, message, fields = {}) => {
		if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
		// these names are reserved for the line itself, whatever its fields are called
		const own = { time: new Date().toISOString(), level, message };
		to.line(JSON.stringify({ ...own, ...fields, ...own }, asJson));
	};
}
