import { ConfigError } from "./config-error.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const UNIT_BYTES: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** A whole number from 0 to `most` in digits alone, or null. */
export function wholeNumber(text: string, most: number): number | null {
	const value = Number(text);
	return /^\d{1,16}$/.test(text) && value <= most ? value : null;
}

function range(least: number, most: number): string {
	return most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`;
}

/** Reads what a flag was given as a number. @throws ConfigError, as all that follow */
export function readNumber(
	flag: string,
	text: string,
	least: number,
	most = Number.MAX_SAFE_INTEGER,
): number {
	const value = Number(text);
	if (/^\d+(?:\.\d+)?$/.test(text) && value >= least && value <= most) return value;
	throw new ConfigError(`--${flag} is a number from ${range(least, most)}, not "${text}"`);
}

export function readCount(flag: string, text: string, least: number, most: number): number {
	const value = wholeNumber(text, most);
	if (value !== null && value >= least) return value;
	throw new ConfigError(`--${flag} is a whole number from ${range(least, most)}, not "${text}"`);
}

export function readTick(flag: string, text: string): number {
	const tick = wholeNumber(text, 0xffff_ffff);
	if (tick === null) throw new ConfigError(`--${flag} is a tick's number, not "${text}"`);
	return tick;
}

/** Bytes, as in 500M. */
export function readSize(flag: string, text: string): number {
	const [, digits, unit] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? [];
	if (digits === undefined || Number(digits) === 0) {
		throw new ConfigError(`--${flag} is a size such as 500M or 20G, not "${text}"`);
	}
	return Number(digits) * UNIT_BYTES[(unit ?? "").toUpperCase()];
}

/** One of a few words. */
export function readWord<T extends string>(flag: string, text: string, words: readonly T[]): T {
	const found = words.find((word) => word === text);
	if (found !== undefined) return found;
	throw new ConfigError(`--${flag} is one of ${words.join(", ")}, not "${text}"`);
}

/** A time such as 30s, 1m30s, 500ms, or a plain number of `unit`s; in ms. */
export function readTime(
	flag: string,
	text: string,
	unit: "ms" | "s",
	leastMs: number,
	mostMs: number,
): number {
	const bare = /^\d+(\.\d+)?$/.test(text);
	const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
	const isWhole = parts.map(([part]) => part).join("") === text && text !== "";
	if (!bare && !isWhole) {
		throw new ConfigError(`--${flag} must be a time such as 30s, 1m30s or 500ms, not "${text}"`);
	}
	const ms = bare
		? Number(text) * UNIT_MS[unit]
		: parts.reduce((sum, [, n, u = ""]) => sum + Number(n) * UNIT_MS[u], 0);
	if (!(ms >= leastMs && ms <= mostMs)) {
		throw new ConfigError(`--${flag} must be from ${leastMs} to ${mostMs} ms, not "${text}"`);
	}
	return ms;
}

/** Two times as 20ms-120ms, or one for both. */
export function readTimeRange(
	flag: string,
	text: string,
	mostMs: number,
): readonly [number, number] {
	const [first = "", second = first, ...more] = text.split("-");
	const least = readTime(flag, first, "ms", 0, mostMs);
	const most = readTime(flag, second, "ms", 0, mostMs);
	if (more.length > 0 || most < least) {
		throw new ConfigError(`--${flag} must be a time or a range such as 20-120ms, not "${text}"`);
	}
	return [least, most];
}

/** A share as 0.1 or 10%. */
export function readShare(flag: string, text: string): number {
	const isPercent = text.endsWith("%");
	const value = Number(isPercent ? text.slice(0, -1) : text) / (isPercent ? 100 : 1);
	if (text.trim() === "" || text === "%" || !(value >= 0 && value <= 1)) {
		throw new ConfigError(`--${flag} must be a share such as 10% or 0.1, not "${text}"`);
	}
	return value;
}
