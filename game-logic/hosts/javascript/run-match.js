import { eachTick, readMatch } from "./match-file.js";
import { readLayout, stateHash } from "./state-hash.js";

/** What a module may import: neither gives it a value. `env.abort` ends the call like a trap. */
const IMPORTS = {
	hotstep: { log() {} },
	env: {
		abort() {
			throw new Error("the module aborted");
		},
	},
};

/** The random state of a room: four words from its seed, by splitmix32. */
function seedWords(seed) {
	let state = seed;
	return [0, 1, 2, 3].map(() => {
		state = (state + 0x9e3779b9) >>> 0;
		let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
		z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
		return (z ^ (z >>> 16)) >>> 0;
	});
}

/** Memory and mutable globals as they were saved. */
function restoreImage(exports, memory, globals) {
	const missing = memory.length - exports.memory.buffer.byteLength;
	if (missing > 0) exports.memory.grow(missing / 65536);
	new Uint8Array(exports.memory.buffer).set(memory);
	const view = new DataView(globals.buffer, globals.byteOffset, globals.byteLength);
	for (let i = 0; i * 16 < globals.length; i++) {
		const at = i * 16 + 8;
		const read = [
			() => view.getInt32(at, true),
			() => view.getBigInt64(at, true),
			() => view.getFloat32(at, true),
			() => view.getFloat64(at, true),
		];
		exports[`hs:g${i}`].value = read[view.getUint32(i * 16, true)]();
	}
}

/** Memory, then 8 bytes for each global, of type `types[i]`. */
function saveImage(exports, globals) {
	const memory = new Uint8Array(exports.memory.buffer);
	const count = globals.length / 16;
	const image = new Uint8Array(memory.length + count * 8);
	image.set(memory);
	const view = new DataView(image.buffer);
	for (let i = 0; i < count; i++) {
		const at = memory.length + i * 8;
		const { value } = exports[`hs:g${i}`];
		const write = [
			() => view.setInt32(at, value, true),
			() => view.setBigInt64(at, value, true),
			() => view.setFloat32(at, value, true),
			() => view.setFloat64(at, value, true),
		];
		write[globals[i * 16]]();
	}
	return image;
}

/**
 * Runs a match in whatever engine this is and tells `say` of it, a line at a time. `now` gives ms.
 * Returns the image after tick `imageTick`, where it stops; without one it runs to the end.
 */
export function runMatch(bytes, { say, now, imageTick = -1 }) {
	const match = readMatch(bytes);
	const startMs = now();
	const instance = new WebAssembly.Instance(new WebAssembly.Module(match.module), IMPORTS);
	const { exports } = instance;
	const { memory } = exports;
	const fuel = exports["hs:fuel"];

	fuel.value = match.startFuel;
	exports._initialize?.();
	const layout = readLayout(memory.buffer, exports.hs_describe() >>> 0);
	const { ctx, inbox } = layout;
	const writeContext = (tick, inboxLength) => {
		const view = new DataView(memory.buffer);
		view.setUint32(ctx, tick, true);
		view.setUint32(ctx + 4, inboxLength, true);
		view.setUint32(ctx + 8, 0, true);
		view.setFloat32(ctx + 16, 1 / layout.tickRate, true);
	};

	if (match.startsFromImage) {
		restoreImage(exports, match.memory, match.globals);
	} else {
		const view = new DataView(memory.buffer);
		seedWords(match.seed).forEach((word, i) => {
			view.setUint32(ctx + 20 + i * 4, word, true);
		});
		writeContext(0, 0);
		fuel.value = match.startFuel;
		const status = exports.hs_init?.() ?? 0;
		if (status !== 0) throw new Error(`hs_init returned ${status}`);
	}
	say(`start ${Math.round((now() - startMs) * 1e6)}`);

	let ticks = 0;
	let runMs = 0;
	let image = null;
	eachTick(match.ticks, (tick, records) => {
		const fromMs = now();
		new Uint8Array(memory.buffer).set(records, inbox);
		writeContext(tick, records.length);
		fuel.value = match.fuelPerTick;
		const status = exports.hs_tick();
		runMs += now() - fromMs;
		if (status !== 0) throw new Error(`hs_tick returned ${status} in tick ${tick}`);
		const spent = match.fuelPerTick - fuel.value;
		say(`tick ${tick} ${stateHash(memory.buffer, layout, tick + 1)} ${spent}`);
		ticks++;
		if (tick === imageTick) image = saveImage(exports, match.globals);
		return image === null;
	});
	say(`end ${ticks} ${Math.round(runMs * 1e6)}`);
	return image;
}
