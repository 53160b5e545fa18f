/** What the protocol uses of msgpack: no maps, no extensions. */
export type Value = number | string | boolean | null | Uint8Array | Value[];

/** A reader of its own, so that no library of the server's checks the server. */
export function readMsgpack(bytes: Uint8Array): Value {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let at = 0;
	const take = (n: number): Uint8Array => {
		if (at + n > bytes.length) throw new Error(`msgpack ends at ${bytes.length}, not at ${at + n}`);
		at += n;
		return bytes.slice(at - n, at);
	};
	const uint = (n: number): number => take(n).reduce((sum, byte) => sum * 256 + byte, 0);
	const signed = (n: number): number => {
		const value = uint(n);
		return value >= 2 ** (n * 8 - 1) ? value - 2 ** (n * 8) : value;
	};
	const text = (n: number): string => new TextDecoder("utf-8", { fatal: true }).decode(take(n));
	const array = (n: number): Value[] => Array.from({ length: n }, () => value());
	// whole numbers are never written as floats
	const fraction = (n: number): number => {
		if (Number.isSafeInteger(n)) throw new Error(`${n} as a float`);
		return n;
	};
	const value = (): Value => {
		const head = uint(1);
		if (head < 0x80) return head;
		if (head >= 0xe0) return head - 256;
		if (head >= 0x90 && head < 0xa0) return array(head - 0x90);
		if (head >= 0xa0 && head < 0xc0) return text(head - 0xa0);
		switch (head) {
			case 0xc0:
				return null;
			case 0xc2:
			case 0xc3:
				return head === 0xc3;
			case 0xc4:
			case 0xc5:
			case 0xc6:
				return take(uint(2 ** (head - 0xc4)));
			case 0xca:
				take(4);
				return fraction(view.getFloat32(at - 4));
			case 0xcb:
				take(8);
				return fraction(view.getFloat64(at - 8));
			case 0xcc:
			case 0xcd:
			case 0xce:
			case 0xcf:
				return uint(2 ** (head - 0xcc));
			case 0xd0:
			case 0xd1:
			case 0xd2:
				return signed(2 ** (head - 0xd0));
			case 0xd9:
			case 0xda:
			case 0xdb:
				return text(uint(2 ** (head - 0xd9)));
			case 0xdc:
			case 0xdd:
				return array(uint(head === 0xdc ? 2 : 4));
			default:
				throw new Error(`msgpack type 0x${head.toString(16)} is not in the protocol`);
		}
	};
	const result = value();
	if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes follow the message`);
	return result;
}

/** Writes a message; every integer as a u32, since a server must take any form. */
export function writeMsgpack(value: Value): Uint8Array {
	const out: number[] = [];
	const number = (n: number): void => {
		const isU32 = Number.isInteger(n) && n >= 0 && n < 2 ** 32;
		const view = new DataView(new ArrayBuffer(isU32 ? 4 : 8));
		if (isU32) view.setUint32(0, n);
		else view.setFloat64(0, n);
		out.push(isU32 ? 0xce : 0xcb, ...new Uint8Array(view.buffer));
	};
	const put = (v: Value): void => {
		if (v === null) out.push(0xc0);
		else if (typeof v === "number") number(v);
		else if (typeof v === "boolean") out.push(v ? 0xc3 : 0xc2);
		else if (typeof v === "string") {
			const text = new TextEncoder().encode(v);
			out.push(0xda, text.length >> 8, text.length & 255, ...text);
		} else if (v instanceof Uint8Array) out.push(0xc5, v.length >> 8, v.length & 255, ...v);
		else {
			out.push(0xdc, v.length >> 8, v.length & 255);
			v.forEach(put);
		}
	};
	put(value);
	return Uint8Array.from(out);
}
