/*
 * A match file: what another engine needs to play a recorded match again, in a form that takes a page to read.
 * `docs/engines.md` is the authority for this picture.
 *
 *     header   u32 "HSX1" | u32 64 | u32 start (0 hs_init, 1 image) | u32 seed
 *              u32 start fuel | u32 fuel per tick | u32 first tick | u32 ticks
 *              4 parts, each u32 offset, u32 bytes: sealed module, memory, globals, ticks
 *     globals  each: u32 type, u32 0, 8 value
 *     ticks    each: u32 tick | u32 inbox bytes | u32 fuel spent | 2 u32 state hash | inbox, padded to 4
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Image } from "../../protocol/abi/image.ts";

const MAGIC = 0x31585348;
const HEADER_BYTES = 64;
const TICK_HEAD_BYTES = 20;
const GLOBAL_BYTES = 16;
/** Ticks collected before they go to the disk. */
const FLUSH_BYTES = 1 << 20;

const GLOBAL_TYPES = ["i32", "i64", "f32", "f64"] as const;
export type GlobalType = (typeof GLOBAL_TYPES)[number];

/** How a match file begins. */
interface MatchStart {
	/** Sealed. */
	readonly module: Uint8Array;
	readonly seed: number;
	readonly startFuel: number;
	readonly fuelPerTick: number;
	/** Null when `hs_init` makes the first state. */
	readonly image: Image | null;
	/** Of the module's mutable globals, in the order of an image. */
	readonly globalTypes: readonly GlobalType[];
}

/** Types always, values where there is an image. */
function globalBytes(image: Image | null, types: readonly GlobalType[]): Uint8Array {
	const view = new DataView(new ArrayBuffer(types.length * GLOBAL_BYTES));
	types.forEach((type, i) => {
		const at = i * GLOBAL_BYTES;
		const value = image?.globals[i] ?? (type === "i64" ? 0n : 0);
		view.setUint32(at, GLOBAL_TYPES.indexOf(type), true);
		if (type === "i64") view.setBigInt64(at + 8, value as bigint, true);
		else if (type === "i32") view.setInt32(at + 8, value as number, true);
		else if (type === "f32") view.setFloat32(at + 8, value as number, true);
		else view.setFloat64(at + 8, value as number, true);
	});
	return new Uint8Array(view.buffer);
}

/** Writes a match file, tick by tick. */
export class MatchWriter {
	private readonly fd: number;
	private readonly header = new DataView(new ArrayBuffer(HEADER_BYTES));
	private readonly buffer = new Uint8Array(FLUSH_BYTES);
	private readonly view = new DataView(this.buffer.buffer);
	private at = 0;
	private readonly ticksOffset: number;
	private tickBytes = 0;
	ticks = 0;
	lastTick = -1;

	/** @throws what opening or writing a file throws */
	constructor(file: string, start: MatchStart) {
		const { module, image, globalTypes } = start;
		const numbers = [MAGIC, HEADER_BYTES, image ? 1 : 0, start.seed];
		for (const [i, value] of [...numbers, start.startFuel, start.fuelPerTick].entries()) {
			this.header.setUint32(i * 4, value, true);
		}
		const memory = image ? image.bytes.subarray(0, image.length) : new Uint8Array(0);
		const globals = globalBytes(image, globalTypes);
		this.fd = openSync(file, "w");
		let offset = HEADER_BYTES;
		for (const [i, part] of [module, memory, globals].entries()) {
			this.header.setUint32(32 + i * 8, offset, true);
			this.header.setUint32(36 + i * 8, part.length, true);
			writeSync(this.fd, part, 0, part.length, offset);
			offset = (offset + part.length + 7) & ~7;
		}
		this.header.setUint32(56, offset, true);
		this.ticksOffset = offset;
	}

	/** A tick that took effect, and what came of it: fuel, and 16 hex digits. */
	tick(tick: number, inbox: Uint8Array, fuel: number, hash: string): void {
		const padded = (inbox.length + 3) & ~3;
		if (this.at + TICK_HEAD_BYTES + padded > FLUSH_BYTES) this.flush();
		const { view, at } = this;
		if (this.ticks++ === 0) this.header.setUint32(24, tick, true);
		this.lastTick = tick;
		view.setUint32(at, tick, true);
		view.setUint32(at + 4, inbox.length, true);
		view.setUint32(at + 8, fuel, true);
		view.setUint32(at + 12, Number.parseInt(hash.slice(0, 8), 16), true);
		view.setUint32(at + 16, Number.parseInt(hash.slice(8), 16), true);
		this.buffer.fill(0, at + TICK_HEAD_BYTES, at + TICK_HEAD_BYTES + padded);
		this.buffer.set(inbox, at + TICK_HEAD_BYTES);
		this.at += TICK_HEAD_BYTES + padded;
	}

	private flush(): void {
		const end = this.ticksOffset + this.tickBytes;
		for (let done = 0; done < this.at; ) {
			done += writeSync(this.fd, this.buffer, done, this.at - done, end + done);
		}
		this.tickBytes += this.at;
		this.at = 0;
	}

	/** Bytes of ticks so far. */
	get length(): number {
		return this.tickBytes + this.at;
	}

	close(): void {
		this.flush();
		this.header.setUint32(28, this.ticks, true);
		this.header.setUint32(60, this.tickBytes, true);
		writeSync(this.fd, new Uint8Array(this.header.buffer), 0, HEADER_BYTES, 0);
		closeSync(this.fd);
	}
}

/** The image that a host wrote: memory, then 8 bytes for each global. Null when it cannot be one. */
export function readHostImage(file: Uint8Array, types: readonly GlobalType[]): Image | null {
	const length = file.length - types.length * 8;
	if (length < 0 || length % 65_536 !== 0) return null;
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	const globals = types.map((type, i) => {
		const at = length + i * 8;
		if (type === "i64") return view.getBigInt64(at, true);
		if (type === "i32") return view.getInt32(at, true);
		return type === "f32" ? view.getFloat32(at, true) : view.getFloat64(at, true);
	});
	return { bytes: new Uint8Array(file.subarray(0, length)), length, globals };
}

/** One tick of a match file. */
export interface MatchTick {
	readonly tick: number;
	readonly fuel: number;
	readonly hash: string;
	readonly inbox: Uint8Array;
}

/** The ticks of a match file that this process wrote. */
export function* matchTicks(bytes: Uint8Array): Generator<MatchTick> {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const u32 = (at: number): number => view.getUint32(at, true);
	const hex = (at: number): string => u32(at).toString(16).padStart(8, "0");
	const end = u32(56) + u32(60);
	for (let at = u32(56); at < end; ) {
		const length = u32(at + 4);
		const from = at + TICK_HEAD_BYTES;
		const inbox = bytes.subarray(from, from + length);
		yield { tick: u32(at), fuel: u32(at + 8), hash: hex(at + 12) + hex(at + 16), inbox };
		at = from + ((length + 3) & ~3);
	}
}
