/** Thrown by `read`, caught by whoever decodes the whole: what came is not what it should be. */
export class Unreadable extends Error {}

/** How a value of one kind travels inside a msgpack message. */
export interface WireField<T> {
	write(value: T): unknown;
	/** @throws Unreadable */
	read(raw: unknown): T;
}

function refuse(what: string, raw: unknown): never {
	const shown = typeof raw === "object" ? (raw === null ? "null" : "an object") : String(raw);
	throw new Unreadable(`${what}, not ${shown.slice(0, 40)}`);
}

/** A whole number from 0 to `most`. */
export function uint(most: number): WireField<number> {
	return {
		write: (value) => value,
		read: (raw) => {
			if (typeof raw === "number" && Number.isInteger(raw) && raw >= 0 && raw <= most) return raw;
			return refuse(`a number from 0 to ${most}`, raw);
		},
	};
}

/** A finite number. */
export const real: WireField<number> = {
	write: (value) => value,
	read: (raw) => (Number.isFinite(raw) ? (raw as number) : refuse("a finite number", raw)),
};

export const flag: WireField<boolean> = {
	write: (value) => value,
	read: (raw) => (typeof raw === "boolean" ? raw : refuse("true or false", raw)),
};

export function text(mostBytes: number): WireField<string> {
	return {
		write: (value) => value,
		read: (raw) => {
			if (typeof raw === "string" && Buffer.byteLength(raw) <= mostBytes) return raw;
			return refuse(`text of at most ${mostBytes} bytes`, raw);
		},
	};
}

export function bytes(most: number, least = 0): WireField<Uint8Array> {
	return {
		write: (value) => value,
		read: (raw) => {
			if (raw instanceof Uint8Array && raw.length >= least && raw.length <= most) return raw;
			return refuse(`${least} to ${most} bytes`, raw);
		},
	};
}

/** A hash in hex of so many bytes. */
export function hex(length: number): WireField<string> {
	const raw = bytes(length, length);
	return {
		write: (value) => Buffer.from(value, "hex"),
		read: (value) => Buffer.from(raw.read(value)).toString("hex"),
	};
}

/** A mutable global: 8 bytes, so that no NaN, -0 or 64-bit integer changes on the way. */
export const globalValue: WireField<number | bigint> = {
	write: (value) => {
		const view = new DataView(new ArrayBuffer(9));
		if (typeof value === "bigint") view.setBigInt64(1, value, true);
		else view.setFloat64(1, value, true);
		view.setUint8(0, typeof value === "bigint" ? 1 : 0);
		return new Uint8Array(view.buffer);
	},
	read: (raw) => {
		const { buffer, byteOffset } = GLOBAL.read(raw);
		const view = new DataView(buffer, byteOffset, 9);
		return view.getUint8(0) === 1 ? view.getBigInt64(1, true) : view.getFloat64(1, true);
	},
};

const GLOBAL = bytes(9, 9);

export function orNull<T>(field: WireField<T>): WireField<T | null> {
	return {
		write: (value) => (value === null ? null : field.write(value)),
		read: (raw) => (raw === null ? null : field.read(raw)),
	};
}

export function listOf<T>(field: WireField<T>, most: number): WireField<readonly T[]> {
	return {
		write: (value) => value.map((item) => field.write(item)),
		read: (raw) => {
			if (!Array.isArray(raw) || raw.length > most) refuse(`a list of at most ${most}`, raw);
			return (raw as unknown[]).map((item) => field.read(item));
		},
	};
}

/** One of some names, by its place among them: names are only added, at the end. */
export function oneOf<T extends string>(names: readonly T[]): WireField<T> {
	const place = uint(names.length - 1);
	return {
		write: (value) => names.indexOf(value),
		read: (raw) => names[place.read(raw)] as T,
	};
}

/** An object as a list of its fields, in this order; what a later version adds at the end is left out. */
export function record<T extends object>(
	fields: {
		readonly [name in keyof T]: WireField<T[name]>;
	},
): WireField<Readonly<T>> {
	const entries = Object.entries(fields) as [string, WireField<unknown>][];
	return {
		write: (value) => entries.map(([name, field]) => field.write(value[name as keyof T])),
		read: (raw) => {
			if (!Array.isArray(raw) || raw.length < entries.length) {
				refuse(`a list of at least ${entries.length}`, raw);
			}
			const values = entries.map(([name, field], i) => {
				try {
					return [name, field.read((raw as unknown[])[i])];
				} catch (thrown) {
					if (!(thrown instanceof Unreadable)) throw thrown;
					throw new Unreadable(`${name}: ${thrown.message}`);
				}
			});
			return Object.fromEntries(values) as T;
		},
	};
}

/** Two values, in this order. */
export function pair<A, B>(first: WireField<A>, second: WireField<B>): WireField<readonly [A, B]> {
	return {
		write: ([a, b]) => [first.write(a), second.write(b)],
		read: (raw) => {
			if (!Array.isArray(raw) || raw.length !== 2) refuse("a pair", raw);
			const [a, b] = raw as [unknown, unknown];
			return [first.read(a), second.read(b)];
		},
	};
}

/** So many numbers at most, each of 8 bytes, or of 2. */
export function floats(most: number): WireField<Float64Array<ArrayBuffer>> {
	return {
		write: asBytes,
		read: (raw) => new Float64Array(copied(raw, most, 8)),
	};
}

export function shorts(most: number): WireField<Uint16Array> {
	return {
		write: asBytes,
		read: (raw) => new Uint16Array(copied(raw, most, 2)),
	};
}

function asBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
	return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Bytes of whole numbers, at a place of their own. */
function copied(raw: unknown, most: number, each: number): ArrayBuffer {
	const all = bytes(most * each).read(raw);
	if (all.length % each !== 0) refuse(`numbers of ${each} bytes`, all.length);
	return all.slice().buffer as ArrayBuffer;
}

/** A value that is checked as a whole when it came. */
export function json<T>(check: (value: unknown) => boolean, mostBytes: number): WireField<T> {
	const whole = text(mostBytes);
	return {
		write: (value) => JSON.stringify(value),
		read: (raw) => {
			let value: unknown;
			try {
				value = JSON.parse(whole.read(raw));
			} catch (thrown) {
				if (thrown instanceof Unreadable) throw thrown;
				throw new Unreadable((thrown as Error).message);
			}
			return check(value) ? (value as T) : refuse("what was saved", value);
		},
	};
}
