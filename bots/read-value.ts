import { ConfigError } from "./config-error.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export function readNumber(name: string, text: string, least: number, most: number): number {
	const value = Number(text);
	if (text.trim() === "" || !(value >= least && value <= most)) {
		throw new ConfigError(`--${name} must be a number from ${least} to ${most}, not "${text}"`);
	}
	return value;
}

export function readCount(name: string, text: string, least: number, most: number): number {
	const value = readNumber(name, text, least, most);
	if (!Number.isInteger(value)) throw new ConfigError(`--${name} must be whole, not "${text}"`);
	return value;
}

/** A time such as 30s, 1m30s, 500ms, or a plain number of `unit`s; in ms. */
export function readTime(
	name: string,
	text: string,
	unit: "ms" | "s",
	leastMs: number,
	mostMs: number,
): number {
	const bare = /^\d+(\.\d+)?$/.test(text);
	const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
	const isWhole = parts.map(([part]) => part).join("") === text && text !== "";
	if (!bare && !isWhole) {
		throw new ConfigError(`--${name} must be a time such as 30s, 1m30s or 500ms, not "${text}"`);
	}
	const ms = bare
		? Number(text) * (UNITS[unit] as number)
		: parts.reduce((sum, [, n, u]) => sum + Number(n) * (UNITS[u as string] as number), 0);
	if (!(ms >= leastMs && ms <= mostMs)) {
		throw new ConfigError(`--${name} must be from ${leastMs} to ${mostMs} ms, not "${text}"`);
	}
	return ms;
}

/** Two times as 20ms-120ms, or one for both. */
export function readTimeRange(
	name: string,
	text: string,
	mostMs: number,
): readonly [number, number] {
	const [first = "", second = first, ...more] = text.split("-");
	const least = readTime(name, first, "ms", 0, mostMs);
	const most = readTime(name, second, "ms", 0, mostMs);
	if (more.length > 0 || most < least) {
		throw new ConfigError(`--${name} must be a time or a range such as 20-120ms, not "${text}"`);
	}
	return [least, most];
}

/** A share as 0.1 or 10%. */
export function readShare(name: string, text: string): number {
	const isPercent = text.endsWith("%");
	const value = Number(isPercent ? text.slice(0, -1) : text) / (isPercent ? 100 : 1);
	if (text.trim() === "" || text === "%" || !(value >= 0 && value <= 1)) {
		throw new ConfigError(`--${name} must be a share such as 10% or 0.1, not "${text}"`);
	}
	return value;
}
