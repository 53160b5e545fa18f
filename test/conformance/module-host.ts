/*
 * A host of modules written from docs/abi.md alone: it runs a module as its author built it, without a
 * seal, and hashes its state. It shares no line with protocol/abi/.
 */

interface Column {
	at: number;
	type: number;
	bytes: number;
}

interface Table {
	capacity: number;
	gen: number;
	used: number;
	columns: Column[];
}

const BYTES = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1];

export class ModuleHost {
	private readonly memory: WebAssembly.Memory;
	private readonly functions: Record<string, () => number>;
	private readonly at: { ctx: number; inbox: number };
	private readonly tables: Table[];
	private readonly tickRate: number;

	constructor(module: Uint8Array<ArrayBuffer>) {
		const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), {
			hotstep: { log() {} },
			env: {
				abort() {
					throw new Error("abort");
				},
			},
		});
		this.memory = exports.memory as WebAssembly.Memory;
		this.functions = exports as Record<string, () => number>;
		this.functions._initialize?.();
		const descriptor = this.functions.hs_describe?.() ?? 0;
		const { view } = this;
		const u32 = (at: number) => view.getUint32(at, true);
		const u16 = (at: number) => view.getUint16(at, true);
		if (u32(descriptor) !== 0x31445348) throw new Error("no descriptor");
		this.at = { ctx: u32(descriptor + 20), inbox: u32(descriptor + 28) };
		this.tickRate = u16(descriptor + 72);
		this.tables = Array.from({ length: u16(descriptor + 48) }, (_, t) => {
			const table = u32(descriptor + 44) + t * u16(descriptor + 50);
			return {
				capacity: u32(table + 4),
				gen: u32(table + 8),
				used: u32(table + 12),
				columns: Array.from({ length: u16(table + 20) }, (__, c) => {
					const column = u32(table + 16) + c * u16(table + 22);
					const type = view.getUint8(column + 8);
					return { at: u32(column + 4), type, bytes: BYTES[type] };
				}),
			};
		});
	}

	private get view(): DataView {
		return new DataView(this.memory.buffer);
	}

	get bytes(): Buffer {
		return Buffer.from(this.memory.buffer);
	}

	/** Puts the random state of a seed in place and starts the game. */
	init(seed: number): number {
		let state = seed;
		for (let i = 0; i < 4; i++) {
			state = (state + 0x9e3779b9) >>> 0;
			let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
			z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
			this.view.setUint32(this.at.ctx + 20 + 4 * i, z ^ (z >>> 16), true);
		}
		this.fill(0, new Uint8Array(0));
		return this.functions.hs_init?.() ?? 0;
	}

	restore(memory: Uint8Array): void {
		const missing = memory.length - this.memory.buffer.byteLength;
		if (missing > 0) this.memory.grow(missing / 65_536);
		new Uint8Array(this.memory.buffer).set(memory);
	}

	tick(tick: number, inbox: Uint8Array): number {
		this.fill(tick, inbox);
		return this.functions.hs_tick?.() ?? -1;
	}

	private fill(tick: number, inbox: Uint8Array): void {
		const { view, at } = this;
		view.setUint32(at.ctx, tick, true);
		view.setUint32(at.ctx + 4, inbox.length, true);
		view.setUint32(at.ctx + 8, 0, true);
		view.setFloat32(at.ctx + 16, 1 / this.tickRate, true);
		new Uint8Array(this.memory.buffer).set(inbox, at.inbox);
	}

	stateHash(tick: number): string {
		return hashOf(this.words(tick));
	}

	private *words(tick: number): Generator<number> {
		const { view, at } = this;
		yield tick;
		for (let i = 0; i < 4; i++) yield view.getUint32(at.ctx + 20 + 4 * i, true);
		for (const { gen, used, capacity, columns } of this.tables) {
			const live: number[] = [];
			for (let row = 0; row < Math.min(view.getUint32(used, true), capacity); row++) {
				const generation = view.getUint16(gen + 2 * row, true);
				if (generation === 0) continue;
				live.push(row);
				yield row;
				yield generation;
			}
			for (const column of columns) {
				for (const row of live) yield* this.valueWords(column, column.at + row * column.bytes);
			}
		}
	}

	private valueWords({ type, bytes }: Column, at: number): number[] {
		const { view } = this;
		if (type === 8 && Number.isNaN(view.getFloat32(at, true))) return [0x7fc00000];
		if (type === 9 && Number.isNaN(view.getFloat64(at, true))) return [0, 0x7ff80000];
		if (type === 1) return [view.getInt8(at)];
		if (type === 3) return [view.getInt16(at, true)];
		if (bytes === 1) return [view.getUint8(at)];
		if (bytes === 2) return [view.getUint16(at, true)];
		if (bytes === 4) return [view.getUint32(at, true)];
		return [view.getUint32(at, true), view.getUint32(at + 4, true)];
	}
}

/** The hash of a list of words. */
export function hashOf(words: Iterable<number>): string {
	const rotl = (x: number, n: number) => (x << n) | (x >>> (32 - n));
	let [a, b] = [0x9747b28c, 0x2c1b3c6d];
	for (const w of words) {
		const k = Math.imul(rotl(Math.imul(w, 0xcc9e2d51), 15), 0x1b873593);
		a = (Math.imul(rotl(a ^ k, 13), 5) + 0xe6546b64) | 0;
		b = (Math.imul(rotl(b ^ Math.imul(w, 0x85ebca6b), 11), 9) + 0x38b34ae5) | 0;
	}
	const finish = (given: number): string => {
		let x = given ^ (given >>> 16);
		x = Math.imul(x, 0x85ebca6b);
		x ^= x >>> 13;
		x = Math.imul(x, 0xc2b2ae35);
		return ((x ^ (x >>> 16)) >>> 0).toString(16).padStart(8, "0");
	};
	return finish(a) + finish(b);
}
