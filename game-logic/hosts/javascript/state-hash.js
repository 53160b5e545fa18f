/** Bytes of each type of a column, by its code: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 bool. */
const BYTES = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1];
const F32 = 8;
const F64 = 9;

/** Where the module keeps its state: what a host needs of the descriptor (docs/abi.md). */
export function readLayout(buffer, address) {
	const view = new DataView(buffer);
	const u32 = (at) => view.getUint32(at, true);
	const u16 = (at) => view.getUint16(at, true);
	if (u32(address) !== 0x31445348) throw new Error("hs_describe points to no descriptor");
	const tables = [];
	for (let t = 0; t < u16(address + 48); t++) {
		const table = u32(address + 44) + t * u16(address + 50);
		const columns = [];
		for (let c = 0; c < u16(table + 20); c++) {
			const column = u32(table + 16) + c * u16(table + 22);
			columns.push({ data: u32(column + 4), type: view.getUint8(column + 8) });
		}
		tables.push({ capacity: u32(table + 4), gen: u32(table + 8), used: u32(table + 12), columns });
	}
	return { ctx: u32(address + 20), inbox: u32(address + 28), tickRate: u16(address + 72), tables };
}

function finish(hash) {
	let x = hash ^ (hash >>> 16);
	x = Math.imul(x, 0x85ebca6b);
	x ^= x >>> 13;
	x = Math.imul(x, 0xc2b2ae35);
	return ((x ^ (x >>> 16)) >>> 0).toString(16).padStart(8, "0");
}

/** The state hash of docs/abi.md, 16 hex digits. */
export function stateHash(buffer, { ctx, tables }, nextTick) {
	const view = new DataView(buffer);
	let a = 0x9747b28c;
	let b = 0x2c1b3c6d;
	const mix = (word) => {
		let k = Math.imul(word, 0xcc9e2d51);
		k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
		a ^= k;
		a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
		b ^= Math.imul(word, 0x85ebca6b);
		b = (Math.imul((b << 11) | (b >>> 21), 9) + 0x38b34ae5) | 0;
	};
	const read = [
		(at) => view.getUint8(at),
		(at) => view.getInt8(at),
		(at) => view.getUint16(at, true),
		(at) => view.getInt16(at, true),
	];
	read[10] = read[0];
	mix(nextTick);
	for (let i = 0; i < 4; i++) mix(view.getUint32(ctx + 20 + i * 4, true));
	for (const { capacity, gen, used, columns } of tables) {
		const rows = [];
		const limit = Math.min(view.getUint32(used, true), capacity);
		for (let row = 0; row < limit; row++) {
			const generation = view.getUint16(gen + row * 2, true);
			if (generation === 0) continue;
			rows.push(row);
			mix(row);
			mix(generation);
		}
		for (const { data, type } of columns) {
			const bytes = BYTES[type];
			for (const row of rows) {
				const at = data + row * bytes;
				if (bytes < 4) {
					mix(read[type](at));
				} else if (bytes === 4) {
					const word = view.getUint32(at, true);
					mix(type === F32 && (word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word);
				} else if (type === F64 && Number.isNaN(view.getFloat64(at, true))) {
					mix(0);
					mix(0x7ff80000);
				} else {
					mix(view.getUint32(at, true));
					mix(view.getUint32(at + 4, true));
				}
			}
		}
	}
	return finish(a) + finish(b);
}
