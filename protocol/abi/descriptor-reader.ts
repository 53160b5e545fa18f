import type { DescriptorErrorName } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readScalar, SCALAR_NAMES, type ScalarName } from "../schema/scalar.ts";

/** Thrown while reading only; `readDescriptor` returns it as a value. */
export class DescriptorError extends Error {
	readonly error: DescriptorErrorName;
	constructor(error: DescriptorErrorName, detail: string) {
		super(detail);
		this.error = error;
	}
}

export function refuse(error: DescriptorErrorName, detail: string): never {
	throw new DescriptorError(error, detail);
}

const NAME = /^[a-z][A-Za-z0-9_-]*$/;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads structs from a module's memory, and refuses anything out of bounds or inconsistent. */
export class DescriptorReader {
	private readonly view: DataView;
	private readonly taken: { from: number; to: number; what: string }[] = [];

	constructor(buffer: ArrayBufferLike) {
		this.view = new DataView(buffer);
	}

	/** Checks that `bytes` at `address` lie in memory at the given alignment. */
	range(address: number, bytes: number, align: number, what: string): number {
		if (address === 0 || address % align !== 0 || address + bytes > this.view.byteLength) {
			refuse(
				"ERR_DESCRIPTOR_POINTER",
				`${what}: ${bytes} bytes at ${address} are outside memory (${this.view.byteLength}) or not aligned to ${align}`,
			);
		}
		return address;
	}

	/** A range that the host or the module writes: no two may overlap. */
	claim(address: number, bytes: number, align: number, what: string): number {
		this.range(address, bytes, align, what);
		this.taken.push({ from: address, to: address + bytes, what });
		return address;
	}

	checkOverlaps(): void {
		this.taken.sort((a, b) => a.from - b.from);
		for (let i = 1; i < this.taken.length; i++) {
			const [a, b] = [this.taken[i - 1], this.taken[i]];
			if (a && b && b.from < a.to) {
				refuse("ERR_DESCRIPTOR_OVERLAP", `${a.what} and ${b.what} share bytes at ${b.from}`);
			}
		}
	}

	u8(address: number): number {
		return this.view.getUint8(address);
	}

	u16(address: number): number {
		return this.view.getUint16(address, true);
	}

	u32(address: number): number {
		return this.view.getUint32(address, true);
	}

	f32(address: number): number {
		return this.view.getFloat32(address, true);
	}

	name(address: number, what: string): string {
		this.range(address, 1, 1, what);
		const room = Math.min(LIMITS.nameBytes + 1, this.view.byteLength - address);
		const bytes = new Uint8Array(this.view.buffer, address, room);
		const end = bytes.indexOf(0);
		if (end < 0) refuse("ERR_DESCRIPTOR_NAME", `${what} has no end in ${LIMITS.nameBytes} bytes`);
		let text: string;
		try {
			// slice: TextDecoder refuses views of some buffers, and the module may change it later
			text = utf8.decode(bytes.slice(0, end));
		} catch {
			refuse("ERR_DESCRIPTOR_NAME", `${what} is not UTF-8`);
		}
		if (!NAME.test(text)) refuse("ERR_DESCRIPTOR_NAME", `${what} is "${text}"`);
		return text;
	}

	optionalName(address: number, what: string): string | null {
		return address === 0 ? null : this.name(address, what);
	}

	/** A counted array of structs: returns the address of each. */
	structs(at: number, n: number, stride: number, least: number, most: number, what: string) {
		if (n > most) refuse("ERR_DESCRIPTOR_COUNT", `${n} ${what}, at most ${most}`);
		if (n === 0) return [];
		if (stride < least || stride % 4 !== 0) {
			refuse("ERR_DESCRIPTOR_STRIDE", `${what}: stride ${stride}, at least ${least}`);
		}
		this.range(at, n * stride, 4, what);
		return Array.from({ length: n }, (_, i) => at + i * stride);
	}

	scalar(address: number, what: string): ScalarName {
		const code = this.u8(address);
		const type = SCALAR_NAMES[code];
		if (type === undefined) refuse("ERR_DESCRIPTOR_TYPE", `${what} has the unknown type ${code}`);
		return type;
	}

	default(address: number, type: ScalarName): number {
		return readScalar(this.view, address, type);
	}
}
