export type LogLevel = "debug" | "info" | "warn" | "error";

export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** From the least important up. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Level of a module's own lines, by the number it gives. */
export function levelOf(code: number): LogLevel {
	return LOG_LEVELS[code] ?? "info";
}

export const silentLog: Log = () => {};
