/** Bytes of all the buffers that can be reached from `root`, each counted once. */
export function bufferBytes(root: object): number {
	const seen = new Set<object>();
	const waiting: unknown[] = [root];
	let bytes = 0;
	while (waiting.length > 0) {
		const value = waiting.pop();
		if (typeof value !== "object" || value === null) continue;
		const thing = ArrayBuffer.isView(value) ? value.buffer : value;
		if (seen.has(thing)) continue;
		seen.add(thing);
		if (thing instanceof ArrayBuffer) bytes += thing.byteLength;
		else if (thing instanceof Map || thing instanceof Set) waiting.push(...thing.values());
		else if (thing instanceof WebAssembly.Memory) waiting.push(thing.buffer);
		else waiting.push(...Object.values(thing));
	}
	return bytes;
}
