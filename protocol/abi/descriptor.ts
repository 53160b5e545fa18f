import type { DescriptorErrorName } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Refusal } from "../refusal.ts";
import type { EffectSpec } from "../schema/define-effects.ts";
import type { InterestSpec, RecordSpec } from "../schema/define-game.ts";
import { checkRenames, checkUnique } from "./check-names.ts";
import { type DescribedEvent, readEffect, readEvent, readRecord } from "./describe-record.ts";
import { checkKeyframe, type DescribedTable, readTable } from "./describe-table.ts";
import { DescriptorError, DescriptorReader, refuse } from "./descriptor-reader.ts";
import {
	ABI_MAJOR,
	ABI_MINOR,
	CTX,
	DESCRIPTOR,
	EFFECT,
	EVENT,
	MAGIC,
	MIN_OUTBOX_BYTES,
	minInboxBytes,
	TABLE,
} from "./layout.ts";

interface Region {
	readonly address: number;
	readonly bytes: number;
}

/** A module's description of itself, copied from its memory and checked. */
export interface Descriptor {
	readonly name: string;
	readonly version: number;
	readonly tickRate: number;
	readonly snapshotRate: number;
	readonly maxPlayers: number;
	readonly interest: InterestSpec | null;
	/** The limit of the rules' lag compensation. */
	readonly rewindMs: number;
	readonly ctx: number;
	readonly inbox: Region;
	readonly outbox: Region;
	readonly input: RecordSpec;
	readonly tables: readonly DescribedTable[];
	readonly events: readonly DescribedEvent[];
	readonly effects: readonly EffectSpec[];
}

function rate(value: number, most: number, what: string): number {
	if (value < 1 || value > most) {
		refuse("ERR_DESCRIPTOR_CAPACITY", `${what} is ${value}, must be from 1 to ${most}`);
	}
	return value;
}

function readInterest(r: DescriptorReader, at: number): InterestSpec | null {
	const radius = r.f32(at + DESCRIPTOR.interestRadius);
	const cell = r.f32(at + DESCRIPTOR.interestCell);
	if (radius === 0 && cell === 0) return null;
	const isSound = radius > 0 && cell > 0 && radius / cell <= LIMITS.interestReachCells;
	if (!isSound || !Number.isFinite(radius)) {
		refuse("ERR_DESCRIPTOR_CAPACITY", `interest of ${radius} in cells of ${cell}`);
	}
	return { radius, cell };
}

function readRewind(r: DescriptorReader, at: number): number {
	const ms = r.u16(at + DESCRIPTOR.rewindMs) || LIMITS.rewindMs;
	if (ms <= LIMITS.mostRewindMs) return ms;
	refuse("ERR_DESCRIPTOR_CAPACITY", `rewindMs is ${ms}, at most ${LIMITS.mostRewindMs}`);
}

/** The descriptor begins here, in a version that this host reads. */
function checkHeader(r: DescriptorReader, at: number): void {
	r.range(at, DESCRIPTOR.size, 4, "the descriptor");
	if (r.u32(at + DESCRIPTOR.magic) !== MAGIC) {
		refuse("ERR_DESCRIPTOR_MAGIC", `hs_describe points to ${at}, where no descriptor begins`);
	}
	const [major, minor] = [r.u16(at + DESCRIPTOR.major), r.u16(at + DESCRIPTOR.minor)];
	if (major !== ABI_MAJOR || minor > ABI_MINOR) {
		refuse(
			"ERR_DESCRIPTOR_VERSION",
			`the module speaks ABI ${major}.${minor}, this host ${ABI_MAJOR}.${ABI_MINOR}`,
		);
	}
	const size = r.u32(at + DESCRIPTOR.headerSize);
	if (size < DESCRIPTOR.size) refuse("ERR_DESCRIPTOR_STRIDE", `a header of ${size} bytes`);
}

/** The game's name, version and pace. */
function readFacts(r: DescriptorReader, at: number) {
	const name = r.name(r.u32(at + DESCRIPTOR.name), "the game's name");
	const tickRate = rate(r.u16(at + DESCRIPTOR.tickRate), LIMITS.tickRateHz, "tickRate");
	const snapshotRate = rate(r.u16(at + DESCRIPTOR.snapshotRate), tickRate, "snapshotRate");
	const maxPlayers = rate(r.u16(at + DESCRIPTOR.maxPlayers), LIMITS.players, "maxPlayers");
	const version = r.u32(at + DESCRIPTOR.version);
	return { name, version, tickRate, snapshotRate, maxPlayers };
}

/** Where ctx, inbox and outbox lie. */
function readBuffers(r: DescriptorReader, at: number, maxPlayers: number) {
	const u32 = (offset: number): number => r.u32(at + offset);
	const ctxSize = u32(DESCRIPTOR.ctxSize);
	if (ctxSize < CTX.size) {
		refuse("ERR_DESCRIPTOR_STRIDE", `ctx of ${ctxSize} bytes, needs ${CTX.size}`);
	}
	const ctx = r.claim(u32(DESCRIPTOR.ctx), ctxSize, 4, "ctx");
	const inputSize = u32(DESCRIPTOR.inputSize);
	if (inputSize > LIMITS.inputBytes) {
		refuse(
			"ERR_DESCRIPTOR_CAPACITY",
			`an input of ${inputSize} bytes, at most ${LIMITS.inputBytes}`,
		);
	}
	const region = (
		pointer: number,
		length: number,
		least: number,
		most: number,
		what: string,
	): Region => {
		const bytes = u32(length);
		if (bytes < least || bytes > most) {
			refuse("ERR_DESCRIPTOR_CAPACITY", `${what} of ${bytes} bytes, must be ${least} to ${most}`);
		}
		return { address: r.claim(u32(pointer), bytes, 4, what), bytes };
	};
	const { inbox, inboxCapacity, outbox, outboxCapacity } = DESCRIPTOR;
	const leastInbox = minInboxBytes(maxPlayers, inputSize, LIMITS.joinNameBytes);
	return {
		ctx,
		inbox: region(inbox, inboxCapacity, leastInbox, LIMITS.inboxBytes, "the inbox"),
		outbox: region(outbox, outboxCapacity, MIN_OUTBOX_BYTES, LIMITS.outboxBytes, "the outbox"),
	};
}

function readTables(r: DescriptorReader, at: number): DescribedTable[] {
	const tables = r
		.structs(
			r.u32(at + DESCRIPTOR.tables),
			r.u16(at + DESCRIPTOR.tableCount),
			r.u16(at + DESCRIPTOR.tableStride),
			TABLE.size,
			LIMITS.tables,
			"tables",
		)
		.map((p) => readTable(r, p));
	if (tables.length === 0) refuse("ERR_DESCRIPTOR_COUNT", "a module needs at least one table");
	checkUnique(tables, "table");
	checkRenames(tables, "table");
	return tables;
}

function readInput(r: DescriptorReader, at: number): RecordSpec {
	const fields = r.u32(at + DESCRIPTOR.inputFields);
	const count = r.u16(at + DESCRIPTOR.inputFieldCount);
	const stride = r.u16(at + DESCRIPTOR.inputFieldStride);
	return readRecord(r, fields, count, stride, r.u32(at + DESCRIPTOR.inputSize), "input");
}

function readEvents(r: DescriptorReader, at: number): DescribedEvent[] {
	const events = r
		.structs(
			r.u32(at + DESCRIPTOR.events),
			r.u16(at + DESCRIPTOR.eventCount),
			r.u16(at + DESCRIPTOR.eventStride),
			EVENT.size,
			LIMITS.events,
			"events",
		)
		.map((p) => readEvent(r, p));
	checkUnique(events, "event");
	return events;
}

function readEffects(r: DescriptorReader, at: number): EffectSpec[] {
	// an older module may have anything there
	if (r.u16(at + DESCRIPTOR.minor) < 3) return [];
	const effects = r
		.structs(
			r.u32(at + DESCRIPTOR.effects),
			r.u16(at + DESCRIPTOR.effectCount),
			r.u16(at + DESCRIPTOR.effectStride),
			EFFECT.size,
			LIMITS.effects,
			"effects",
		)
		.map((p) => readEffect(r, p));
	checkUnique(effects, "effect");
	return effects;
}

function read(buffer: ArrayBufferLike, at: number): Descriptor {
	const r = new DescriptorReader(buffer);
	checkHeader(r, at);
	const facts = readFacts(r, at);
	const buffers = readBuffers(r, at, facts.maxPlayers);
	const tables = readTables(r, at);
	const input = readInput(r, at);
	const events = readEvents(r, at);
	const effects = readEffects(r, at);
	r.checkOverlaps();
	checkKeyframe(tables);
	return {
		...facts,
		interest: readInterest(r, at),
		rewindMs: readRewind(r, at),
		...buffers,
		input,
		tables,
		events,
		effects,
	};
}

/**
 * Copies the descriptor at `address` from a module's memory and checks every number in it. The result
 * does not point into that memory, so the module cannot change it afterwards.
 */
export function readDescriptor(
	buffer: ArrayBufferLike,
	address: number,
): { descriptor: Descriptor } | Refusal<DescriptorErrorName> {
	try {
		return { descriptor: read(buffer, address) };
	} catch (thrown) {
		if (thrown instanceof DescriptorError) return { error: thrown.error, detail: thrown.message };
		throw thrown;
	}
}
