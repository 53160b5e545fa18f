import { crc32, inflateRawSync } from "node:zlib";

/*
 * A reader of journals written from docs/journal.md alone. It shares no line with server/journal/, and
 * throws at whatever the document does not allow.
 */

export interface Rules {
	hash: string;
	fuel: number;
	module: Buffer;
}

export type Entry =
	| { is: "tick"; tick: number; inbox: Buffer }
	| { is: "abort"; tick: number; inbox: Buffer }
	| { is: "hash"; tick: number; hash: string }
	| { is: "image"; tick: number; globals: (number | bigint)[]; memory: Buffer }
	| { is: "swap"; tick: number; before: string; rules: Rules }
	| { is: "time"; tick: number; ms: number }
	| { is: "end"; tick: number };

export interface Recorded {
	game: string;
	version: number;
	tickRate: number;
	seed: number;
	start: number;
	tick: number;
	rules: Rules;
	entries: Entry[];
	/** Tags of all records, in their order. */
	tags: number[];
}

class Cursor {
	readonly bytes: Buffer;
	at = 0;

	constructor(bytes: Buffer) {
		this.bytes = bytes;
	}

	get left(): number {
		return this.bytes.length - this.at;
	}

	take(n: number): Buffer {
		if (n > this.left) throw new Error(`${n} bytes wanted, ${this.left} left`);
		this.at += n;
		return this.bytes.subarray(this.at - n, this.at);
	}

	u8(): number {
		return this.take(1).readUInt8();
	}

	varint(): number {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = this.u8();
			value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) return value;
			if (shift === 28) throw new Error("a varint of more than 5 bytes");
		}
	}

	rest(): Buffer {
		return this.take(this.left);
	}

	done(): void {
		if (this.left > 0) throw new Error(`${this.left} bytes are left over`);
	}
}

/** The payloads of all blocks, one after the other. */
function unblock(file: Buffer): Buffer {
	if (file.subarray(0, 4).toString("latin1") !== "HSJ1") throw new Error("no journal");
	if (file.readUInt16LE(4) !== 1) throw new Error("another major version");
	const payloads: Buffer[] = [];
	for (let at = 8; at < file.length; ) {
		const bytes = file.readUInt32LE(at);
		const payload = file.subarray(at + 12, at + 12 + bytes);
		if (bytes > 16_842_752 || payload.length < bytes) throw new Error(`a bad block at ${at}`);
		if (file.readUInt32LE(at + 4) !== crc32(payload)) throw new Error("a damaged payload");
		if (file.readUInt32LE(at + 8) !== crc32(file.subarray(at, at + 8))) {
			throw new Error("a damaged head");
		}
		payloads.push(payload);
		at += 12 + bytes;
	}
	return Buffer.concat(payloads);
}

function inflated(bytes: number, packed: Buffer): Buffer {
	const unpacked = inflateRawSync(packed);
	if (unpacked.length !== bytes) throw new Error(`${unpacked.length} bytes instead of ${bytes}`);
	return unpacked;
}

function readRules(body: Cursor): Rules {
	const hash = body.take(32).toString("hex");
	body.take(8);
	const fuel = body.varint();
	const bytes = body.varint();
	return { hash, fuel, module: inflated(bytes, body.rest()) };
}

function readImage(body: Cursor): { globals: (number | bigint)[]; memory: Buffer } {
	const globals = Array.from({ length: body.varint() }, () => {
		const kind = body.u8();
		const value = body.take(8);
		return kind === 1 ? value.readBigInt64LE() : value.readDoubleLE();
	});
	const bytes = body.varint();
	return { globals, memory: inflated(bytes, body.rest()) };
}

function patched(inbox: Buffer, body: Cursor): Buffer {
	const changed = Buffer.from(inbox);
	for (let at = 0; body.left > 0; ) {
		at += body.varint();
		const fresh = body.take(body.varint());
		if (at + fresh.length > changed.length) throw new Error("a patch beyond its inbox");
		fresh.copy(changed, at);
		at += fresh.length;
	}
	return changed;
}

export function readJournalFile(file: Uint8Array): Recorded {
	const records = new Cursor(unblock(Buffer.from(file)));
	const next = (): [tag: number, body: Cursor] => {
		const tag = records.u8();
		return [tag, new Cursor(tag === 4 ? Buffer.alloc(0) : records.take(records.varint()))];
	};
	const [first, header] = next();
	if (first !== 1) throw new Error("the header must come first");
	const journal: Recorded = {
		game: header.take(header.varint()).toString("utf8"),
		version: header.varint(),
		tickRate: header.varint(),
		seed: header.take(4).readUInt32LE(),
		start: header.u8(),
		tick: header.varint(),
		rules: readRules(header),
		entries: [],
		tags: [1],
	};
	header.done();
	let count = journal.tick;
	let last: Buffer | null = null;
	while (records.left > 0) {
		const [tag, body] = next();
		journal.tags.push(tag);
		const told = (): { tick: number } => {
			const tick = body.varint();
			if (tick !== count) throw new Error(`tick ${tick} where ${count} comes next`);
			return { tick };
		};
		const tickOf = (inbox: Buffer | null): Entry => {
			if (inbox === null) throw new Error("nothing to build on");
			last = inbox;
			return { is: "tick", tick: count++, inbox };
		};
		const add = (entry: Entry): void => void journal.entries.push(entry);
		if (tag === 2) {
			add({ is: "image", ...told(), ...readImage(body) });
			last = null;
		} else if (tag === 3) add(tickOf(body.rest()));
		else if (tag === 4) add(tickOf(last));
		else if (tag === 5) add({ is: "abort", ...told(), inbox: body.rest() });
		else if (tag === 6) add({ is: "hash", ...told(), hash: body.take(8).toString("hex") });
		else if (tag === 7) {
			add({ is: "swap", ...told(), before: body.take(32).toString("hex"), rules: readRules(body) });
		} else if (tag === 8) add({ is: "end", ...told() });
		else if (tag === 9) count = body.varint();
		else if (tag === 10) add(tickOf(last && patched(last, body)));
		else if (tag === 64) add({ is: "time", ...told(), ms: Number(body.take(8).readBigUInt64LE()) });
		else if (tag < 64) throw new Error(`an unknown tag ${tag}`);
		else body.rest();
		body.done();
	}
	return journal;
}
