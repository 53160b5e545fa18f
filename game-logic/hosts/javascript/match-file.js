/**
 * A match file (docs/engines.md): a sealed module, how it starts, the inbox of each tick, and what came
 * of it elsewhere.
 *
 * @param {Uint8Array} bytes the whole file
 */
export function readMatch(bytes) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const u32 = (at) => view.getUint32(at, true);
	if (bytes.length < 64 || u32(0) !== 0x31585348) throw new Error("this is no match file");
	const part = (at) => bytes.subarray(u32(at), u32(at) + u32(at + 4));
	return {
		startsFromImage: u32(8) === 1,
		seed: u32(12),
		startFuel: u32(16),
		fuelPerTick: u32(20),
		firstTick: u32(24),
		tickCount: u32(28),
		module: part(32),
		memory: part(40),
		/** Each: u32 type (0 i32, 1 i64, 2 f32, 3 f64), 4 bytes 0, 8 bytes value. */
		globals: part(48),
		ticks: part(56),
	};
}

/** Calls `each(tick, inbox, fuel, hash)` for the ticks in their order, until it returns false. */
export function eachTick(ticks, each) {
	const view = new DataView(ticks.buffer, ticks.byteOffset, ticks.byteLength);
	const hex = (at) => view.getUint32(at, true).toString(16).padStart(8, "0");
	for (let at = 0; at < ticks.length; ) {
		const tick = view.getUint32(at, true);
		const length = view.getUint32(at + 4, true);
		const fuel = view.getUint32(at + 8, true);
		const inbox = ticks.subarray(at + 20, at + 20 + length);
		if (each(tick, inbox, fuel, hex(at + 12) + hex(at + 16)) === false) return;
		at += 20 + ((length + 3) & ~3);
	}
}
