import { LIMITS } from "../../protocol/limits.ts";
import { SERVER_LIMITS } from "../limits.ts";
import type { Effect } from "./effect.ts";

const isText = (value: unknown, bytes: number): value is string =>
	typeof value === "string" && Buffer.byteLength(value) <= bytes;
const isCount = (value: unknown): boolean =>
	Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;

function isPlayer(value: unknown): boolean {
	if (value === null) return true;
	if (typeof value !== "object") return false;
	const { number, name } = value as Record<string, unknown>;
	return isCount(number) && isText(name, LIMITS.playerNameBytes);
}

function isField([name, value]: [string, unknown]): boolean {
	if (!isText(name, LIMITS.nameBytes)) return false;
	const kind = typeof value;
	return (
		value === null || kind === "number" || kind === "boolean" || isText(value, LIMITS.nameBytes)
	);
}

/** Whether something that was read from a file or another process is an effect as rules may have said it. */
export function isEffect(value: unknown): value is Effect {
	if (typeof value !== "object" || value === null) return false;
	const { kind, room, game, version, epoch, tick, n, name, player, fields } = value as Record<
		string,
		unknown
	>;
	return (
		(kind === "result" || kind === "request") &&
		isText(room, LIMITS.clientStringBytes) &&
		isText(game, LIMITS.nameBytes) &&
		isText(name, LIMITS.nameBytes) &&
		[version, epoch, tick, n].every(isCount) &&
		isPlayer(player) &&
		typeof fields === "object" &&
		fields !== null &&
		Object.keys(fields).length <= LIMITS.fields &&
		Object.entries(fields).every(isField)
	);
}

/** The effect that a line of JSON is, or null. */
export function parseEffect(text: string): Effect | null {
	if (text.length > SERVER_LIMITS.effectBytes) return null;
	try {
		const value: unknown = JSON.parse(text);
		return isEffect(value) ? value : null;
	} catch {
		return null;
	}
}
