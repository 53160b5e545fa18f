import { MATCH_LIMITS } from "../match-limits.ts";
import type { Change } from "./store.ts";

/** @throws RangeError for what no store takes */
export function checkChanges(changes: readonly Change[]): void {
	const { storeChanges, storeKeyBytes, storeValueBytes } = MATCH_LIMITS;
	if (changes.length > storeChanges) throw new RangeError(`${changes.length} changes at once`);
	const keys = new Set<string>();
	for (const { key, value, ttlMs } of changes) {
		if (keys.has(key)) throw new RangeError(`"${key}" is changed twice`);
		keys.add(key);
		if (key === "" || Buffer.byteLength(key) > storeKeyBytes) {
			throw new RangeError(`a key has 1 to ${storeKeyBytes} bytes: "${key.slice(0, 80)}"`);
		}
		if (typeof value === "string" && Buffer.byteLength(value) > storeValueBytes) {
			throw new RangeError(`the value of "${key}" is over ${storeValueBytes} bytes`);
		}
		if (ttlMs !== undefined && !(ttlMs > 0 && Number.isFinite(ttlMs))) {
			throw new RangeError(`"${key}" is to live for ${ttlMs} ms`);
		}
	}
}
