import type { SealErrorName } from "../../../../protocol/errors.ts";
import { SealError } from "../seal-error.ts";
import { SEAL_LIMITS } from "../seal-limits.ts";

// a byte order mark is part of the name: without `ignoreBOM` it would pass for the name without it
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Reads a module's bytes up to a limit, and knows its position, so that a refusal can name it. */
export class ByteSource {
	readonly bytes: Uint8Array;
	at = 0;
	/** Nothing is read at or after it: the end of the file, section or function body. */
	end: number;
	section = "";
	functionIndex = -1;
	functionNames: ReadonlyMap<number, string> = new Map();

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.end = bytes.length;
	}

	refuse(error: SealErrorName, detail: string, offset = this.at): never {
		const { section, functionIndex } = this;
		const functionName = this.functionNames.get(functionIndex) ?? null;
		throw new SealError(error, detail, { offset, section, functionIndex, functionName });
	}

	malformed(detail: string, offset = this.at): never {
		this.refuse("ERR_MODULE_MALFORMED", detail, offset);
	}

	/** Refuses `count` when it is above the limit of that name. */
	limit(count: number, name: keyof typeof SEAL_LIMITS, what: string, offset = this.at): number {
		const most = SEAL_LIMITS[name];
		if (count > most) this.refuse("ERR_MODULE_LIMIT", `${count} ${what}, at most ${most}`, offset);
		return count;
	}

	u8(): number {
		if (this.at >= this.end) this.malformed("it ends too early");
		return this.bytes[this.at++];
	}

	/** An unsigned 32-bit LEB128. */
	u32(): number {
		const first = this.u8();
		if (first < 0x80) return first;
		let value = first & 0x7f;
		for (let shift = 7; shift < 28; shift += 7) {
			const byte = this.u8();
			value |= (byte & 0x7f) << shift;
			if (byte < 0x80) return value;
		}
		const last = this.u8();
		if (last > 0x0f) this.malformed("a number has more than 32 bits", this.at - 1);
		return (value | (last << 28)) >>> 0;
	}

	/** A signed LEB128 of at most 33 bits. */
	s33(): number {
		let value = 0;
		for (let digit = 0; digit < 5; digit++) {
			const byte = this.u8();
			value += (byte & 0x7f) * 2 ** (7 * digit);
			if (byte >= 0x80) continue;
			return byte & 0x40 ? value - 2 ** (7 * (digit + 1)) : value;
		}
		this.malformed("a number has more than 33 bits", this.at - 1);
	}

	/** Skips a LEB128 of at most `most` bytes; the engine checks its last bits. */
	skipLeb(most: number): void {
		for (let i = 0; i < most; i++) if (this.u8() < 0x80) return;
		this.malformed("a number is too long", this.at - 1);
	}

	skip(count: number): void {
		if (count > this.end - this.at) this.malformed("it ends too early", this.end);
		this.at += count;
	}

	/** The count of a vector, each of whose entries takes at least one byte. */
	count(name: keyof typeof SEAL_LIMITS, what: string): number {
		const offset = this.at;
		const count = this.u32();
		this.limit(count, name, what, offset);
		if (count > this.end - this.at) this.malformed(`${count} ${what} do not fit`, offset);
		return count;
	}

	name(): string {
		const offset = this.at;
		const length = this.u32();
		this.limit(length, "nameBytes", "bytes of a name", offset);
		this.skip(length);
		try {
			return utf8.decode(this.bytes.subarray(this.at - length, this.at));
		} catch {
			return this.malformed("a name is not UTF-8", offset);
		}
	}
}
