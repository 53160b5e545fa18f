import type { Image } from "../../protocol/abi/image.ts";
import { LIMITS } from "../../protocol/limits.ts";
import {
	GLOBAL_KIND,
	type JournalHeader,
	type JournalProblem,
	MODULE_HASH_BYTES,
	type PackedImage,
	type PackedRules,
	problem,
	SHORT_HASH_BYTES,
	START,
} from "./journal-format.ts";
import { JOURNAL_LIMITS } from "./journal-limits.ts";
import { RecordBody } from "./record-body.ts";

/** Reads the body of a journal's record. */
export class BodyReader extends RecordBody {
	/** The problem, if anything is missing or left over. */
	check(what: string): JournalProblem | null {
		if (this.isWhole) return null;
		return problem("ERR_JOURNAL_RECORD", `${what} has a wrong length`, this.offset);
	}
}

function decodeRules(body: BodyReader): PackedRules | JournalProblem {
	const moduleHash = body.hex(MODULE_HASH_BYTES);
	const schemaHash = body.hex(SHORT_HASH_BYTES);
	const fuelPerTick = body.varint();
	const length = body.varint();
	const packed = body.rest();
	if (length > JOURNAL_LIMITS.moduleBytes) {
		return problem("ERR_JOURNAL_LIMIT", `a module of ${length} bytes`, body.offset);
	}
	return { moduleHash, schemaHash, fuelPerTick, length, packed };
}

export function decodeHeader(body: BodyReader): JournalHeader | JournalProblem {
	const game = Buffer.from(body.take(Math.min(body.varint(), LIMITS.nameBytes))).toString("utf8");
	const version = body.varint();
	const tickRate = body.varint();
	const seed = body.u32();
	const start = body.u8();
	const firstTick = body.varint();
	const rules = decodeRules(body);
	if ("error" in rules) return rules;
	const wrong = body.check("the header");
	if (wrong) return wrong;
	if (tickRate < 1 || tickRate > LIMITS.tickRateHz || start > START.image || firstTick < 0) {
		return problem("ERR_JOURNAL_RECORD", "the header makes no sense", body.offset);
	}
	return {
		game,
		version,
		tickRate,
		seed,
		start: start === START.init ? "init" : "image",
		firstTick,
		rules,
	};
}

/** The mutable globals of a module; null when there are more than any has. */
export function readGlobals(body: RecordBody): Image["globals"] | null {
	const count = body.varint();
	if (count > JOURNAL_LIMITS.globals) return null;
	const globals: (number | bigint)[] = [];
	for (let i = 0; i < count && !body.failed; i++) {
		const kind = body.u8();
		const bytes = body.take(8);
		if (bytes.length < 8) break;
		const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
		globals.push(
			kind === GLOBAL_KIND.bigint ? view.getBigInt64(0, true) : view.getFloat64(0, true),
		);
	}
	return globals;
}

export function decodeImage(
	body: BodyReader,
): { tick: number; image: PackedImage } | JournalProblem {
	const tick = body.varint();
	const globals = readGlobals(body);
	if (globals === null) {
		return problem("ERR_JOURNAL_LIMIT", "an image with too many globals", body.offset);
	}
	const length = body.varint();
	const packed = body.rest();
	if (length > JOURNAL_LIMITS.imageBytes) {
		return problem("ERR_JOURNAL_LIMIT", `an image of ${length} bytes`, body.offset);
	}
	return body.check("an image") ?? { tick, image: { globals, length, packed } };
}

export function decodeTime(body: BodyReader): { tick: number; timeMs: number } | JournalProblem {
	const tick = body.varint();
	const timeMs = Number(body.u64());
	const wrong = body.check("a time");
	if (wrong) return wrong;
	if (timeMs > JOURNAL_LIMITS.timeMs) {
		return problem("ERR_JOURNAL_RECORD", "a time makes no sense", body.offset);
	}
	return { tick, timeMs };
}

export function decodeSwap(
	body: BodyReader,
): { tick: number; previousHash: string; rules: PackedRules } | JournalProblem {
	const tick = body.varint();
	const previousHash = body.hex(MODULE_HASH_BYTES);
	const rules = decodeRules(body);
	if ("error" in rules) return rules;
	return body.check("a swap") ?? { tick, previousHash, rules };
}
