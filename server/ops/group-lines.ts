import type { Log, LogLevel } from "../log.ts";

/** Lines of one kind that are written at once; further ones in the window are counted. */
const BURST = 20;
/** The same for lines that report an error: the first is enough. */
const BURST_OF_ERRORS = 1;
const WINDOW_MS = 10_000;
/**
 * Kinds distinguished at a time. Further ones count as one kind per message, so that this cannot be
 * flooded.
 */
const MOST_KINDS = 1_000;

type Fields = Record<string, unknown>;

interface Window {
	lines: number;
	/** The last line that was not written. */
	held: [LogLevel, string, Fields] | null;
	repeats: number;
}

interface GroupedLog {
	readonly log: Log;
	/** Writes the lines held back. */
	flush(): void;
}

/**
 * Groups repeated log lines: of lines of one kind, only the first in ten seconds is written, and after
 * that the last one, with the number it stands for in `repeats`. A kind is level, message, room and
 * error. Of lines without an error, twenty are written.
 */
export function groupLines(write: Log, windowMs = WINDOW_MS): GroupedLog {
	const windows = new Map<string, Window>();
	const end = (): void => {
		for (const [kind, window] of windows) {
			windows.delete(kind);
			if (window.held === null) continue;
			const [level, message, fields] = window.held;
			write(level, message, { ...fields, repeats: window.repeats });
		}
		clearTimeout(timer);
		timer = undefined;
	};
	let timer: NodeJS.Timeout | undefined;
	return {
		log(level, message, fields = {}) {
			const { room = "", error, name, kind } = fields;
			const fault = error ?? kind ?? (message === "dropped" ? name : undefined);
			let key = `${level} ${message} ${fault ?? ""} ${room}`;
			if (!windows.has(key) && windows.size >= MOST_KINDS) {
				key = `${level} ${fields.from === "module" ? "module" : message}`;
			}
			const window = windows.get(key) ?? { lines: 0, held: null, repeats: 0 };
			windows.set(key, window);
			if (timer === undefined) {
				timer = setTimeout(end, windowMs);
				timer.unref();
			}
			if (window.lines++ < (fault === undefined ? BURST : BURST_OF_ERRORS)) {
				write(level, message, fields);
				return;
			}
			window.held = [level, message, fields];
			window.repeats++;
		},
		flush: end,
	};
}
