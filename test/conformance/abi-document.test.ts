import { beforeAll, describe, expect, it } from "vitest";
import {
	ABI_MAJOR,
	ABI_MINOR,
	COLUMN_FLAG,
	CTX,
	CTX_FLAG,
	DESCRIPTOR,
	EFFECT,
	EVENT,
	EVENT_TARGET,
	FIELD,
	INBOX,
	INPUT_REPEATED,
	INTERPOLATION_CODES,
	MAGIC,
	MIN_OUTBOX_BYTES,
	minInboxBytes,
	NEAR_BYTES,
	OUTBOX,
	QUANTISATION_CODES,
	RECORD,
	SEALED,
	TABLE,
	TABLE_FLAG,
	VIEW_AGE_PER_TICK,
} from "../../protocol/abi/layout.ts";
import { ALLOWED_IMPORTS } from "../../protocol/abi/module-imports.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { SCALAR_BYTES, SCALAR_NAMES } from "../../protocol/schema/scalar.ts";
import { compileGame, type GameModule } from "../../server/module/game-module.ts";
import { WANTED_EXPORTS } from "../../server/module/seal/scan/check-interface.ts";
import type { Player } from "../../server/room/player.ts";
import { Room } from "../../server/room/room.ts";
import { assembleWat } from "../support/assemble-wat.ts";
import { RecordingSink, VirtualClock } from "../support/recording-sink.ts";
import { fencedBlock, readDocument, tableRows } from "./document.ts";
import { DocumentClient } from "./document-client.ts";

const document = readDocument("docs/abi.md");

/** The text between a heading and the next one. */
function section(heading: string): string {
	const from = document.indexOf(`\n## ${heading}\n`);
	if (from < 0) throw new Error(`there is no "## ${heading}"`);
	return document.slice(from + 1, document.indexOf("\n## ", from + 1));
}

/** Offsets by name, and the struct's size, as a section says them. */
function structOf(heading: string): Record<string, number> {
	const fields = tableRows(document, heading)
		.filter(
			([offset, type]) => /^\d+$/.test(offset ?? "") && /^[uif]\d+(\[\d+\])?$/.test(type ?? ""),
		)
		.filter((row) => row.length > 3)
		.map(([offset, , name]) => [name, Number(offset)]);
	const size = /^The (?:struct|header) has (\d+) bytes/m.exec(section(heading))?.[1];
	return Object.fromEntries([["size", Number(size)], ...fields]) as Record<string, number>;
}

/** Fields that begin before the one above them ends, by their types. */
function overlaps(heading: string): string[] {
	const wrong: string[] = [];
	let end = 0;
	for (const [offset, type = "", name, ...more] of tableRows(document, heading)) {
		const width = /^[uif](\d+)(?:\[(\d+)\])?$/.exec(type);
		if (!width || more.length === 0) continue;
		if (Number(offset) < end) wrong.push(`${name} at ${offset}`);
		end = Number(offset) + (Number(width[1]) / 8) * Number(width[2] ?? 1);
	}
	return wrong;
}

describe("docs/abi.md", () => {
	it.each([
		["Descriptor", DESCRIPTOR],
		["Table", TABLE],
		["Column and field", FIELD],
		["Event", EVENT],
		["Effect", EFFECT],
		["ctx", CTX],
		["Records", RECORD],
	])("gives the struct %s the offsets that the code has", (heading, layout) => {
		expect(structOf(heading)).toEqual(layout);
		expect(overlaps(heading)).toEqual([]);
	});

	it("gives every code the number that the code has", () => {
		const types = tableRows(document, "Column and field")
			.filter((row) => row.length === 3)
			.map(([code, name, bytes]) => [Number(code), name, Number(bytes)]);
		expect(types).toEqual(SCALAR_NAMES.map((name, i) => [i, name, SCALAR_BYTES[i]]));
		const named = (codes: readonly string[]): string =>
			codes.map((name, code) => `${code} ${name}`).join(", ");
		expect(document).toContain(`| interpolation | ${named(INTERPOLATION_CODES)} |`);
		expect(document).toContain(`| quantisation | ${named(QUANTISATION_CODES)} |`);
		const flags = {
			private: 1,
			owner: 2,
			"axis x": 4,
			"axis y": 8,
			"owner only": 16,
			rewound: 32,
			jumps: 64,
		};
		expect(Object.values(flags)).toEqual(Object.values(COLUMN_FLAG));
		const said = Object.entries(flags).map(([name, flag]) => `${flag} ${name}`);
		expect(document).toContain(`| flags | ${said.join(", ")} |`);
		const tableFlags = Object.entries(TABLE_FLAG).map(([name, flag]) => `${flag} ${name}`);
		expect(document).toContain(`| flags | from minor 1: ${tableFlags.join(", ")} |`);
		expect(document).toContain(`| flags | host | ${CTX_FLAG.predicting}: a client predicts`);
		const kinds = (codes: object): string[] =>
			Object.entries(codes).map(([name, code]) => `| ${code} | ${name} |`);
		for (const row of [...kinds(INBOX), ...kinds(OUTBOX)]) expect(document).toContain(row);
		expect(document).toContain(
			`| ${INBOX.input} | input | ${INPUT_REPEATED} if it is the last one`,
		);
		const { all, player, near } = EVENT_TARGET;
		expect(document).toContain(
			`| ${all} for all, ${player} for one player, ${near} for those near a point |`,
		);
	});

	it("states the numbers and limits that the code has", () => {
		const text = document.replace(/\s+/g, " ");
		const leastInbox = minInboxBytes(0, 0, LIMITS.joinNameBytes);
		for (const sentence of [
			`| magic | 0x${MAGIC.toString(16)}, the bytes \`HSD1\` |`,
			`| major | ${ABI_MAJOR} |`,
			`| minor | ${ABI_MINOR} |`,
			`at most ${LIMITS.memoryBytes / 2 ** 20} MiB`,
			`at most ${LIMITS.logLineBytes} bytes and a tick at most ${LIMITS.logLinesPerTick} lines`,
			`| tableCount | 1 to ${LIMITS.tables} |`,
			`| columnCount | 0 to ${LIMITS.columns} |`,
			`| capacity | rows, 1 to ${LIMITS.rows} |`,
			`| fieldCount | 0 to ${LIMITS.fields} |`,
			`| eventCount | 0 to ${LIMITS.events} |`,
			`| inputSize | bytes of one input, at most ${LIMITS.inputBytes} |`,
			`| tickRate | ticks per second, 1 to ${LIMITS.tickRateHz} |`,
			`| maxPlayers | seats of a room, 1 to ${LIMITS.players} |`,
			`above 0 | 0 | | 20 | u32 | bits | for quantisation 2, from 2 to ${LIMITS.angleBits} |`,
			`| recordSize | bytes of one event's fields, at most ${LIMITS.fields * 8} |`,
			`rounded up to 4) + ${leastInbox}\` and at most ${LIMITS.inboxBytes} bytes`,
			`(and ${NEAR_BYTES} for a point)`,
			`the radius at most ${LIMITS.interestReachCells} cells`,
			`in 1/${VIEW_AGE_PER_TICK} of a tick; it is at most the \`rewindMs\` of the descriptor`,
			`in ms, at most ${LIMITS.mostRewindMs}; 0 for ${LIMITS.rewindMs} |`,
			`is from ${MIN_OUTBOX_BYTES} to ${LIMITS.outboxBytes} bytes`,
			`after at most ${LIMITS.nameBytes} bytes`,
			`has names that begin with \`${SEALED.fuel.slice(0, 3)}\``,
		]) {
			expect(text).toContain(sentence);
		}
		expect(minInboxBytes(7, 5, LIMITS.joinNameBytes)).toBe(7 * (8 + 8) + leastInbox);
		expect(SEALED.globalPrefix.startsWith("hs:")).toBe(true);
	});
});

describe("the module of docs/abi.md", () => {
	let tally: GameModule;
	beforeAll(async () => {
		const bytes = await assembleWat(fencedBlock(document, "wat"));
		tally = compileGame(bytes, "docs/abi.md");
	});

	function open(seed = 1): Room {
		const room = new Room({ id: "r", game: tally, clock: new VirtualClock(), seed });
		expect(room.fault).toBeNull();
		return room;
	}

	function join(
		room: Room,
		name: string,
	): { player: Player; client: DocumentClient; pump(): void } {
		const sink = new RecordingSink();
		const player = room.join(sink, name);
		if ("error" in player) throw new Error(player.error);
		const client = new DocumentClient();
		let read = 0;
		return {
			player,
			client,
			pump() {
				for (; read < sink.raw.length; read++) client.receive(sink.raw[read]);
			},
		};
	}

	function add(room: Room, player: Player, amount: number): void {
		const inputs = Uint8Array.of(amount);
		room.receiveInput(player, { type: "input", ackTick: 0, tick: room.tick, inputs });
	}

	it("describes what its comments say", () => {
		expect(tally.descriptor).toMatchObject({
			name: "tally",
			version: 1,
			tickRate: 60,
			snapshotRate: 20,
			maxPlayers: 4,
			input: { size: 1, fields: [{ name: "add", type: "u8", offset: 0 }] },
			events: [{ name: "added", size: 4, fields: [{ name: "count", type: "u32", offset: 0 }] }],
		});
		const [table] = tally.descriptor.tables;
		expect(table).toMatchObject({ name: "seat", capacity: 4 });
		expect(table?.columns.map(({ name, type, owner }) => [name, type, owner])).toEqual([
			["player", "u8", true],
			["count", "u32", false],
		]);
	});

	it("counts inputs, sends events, and forgets who leaves", () => {
		const room = open();
		const ann = join(room, "Ann");
		const bob = join(room, "Bob");
		add(room, ann.player, 7);
		for (let i = 0; i < 3; i++) room.runTick();
		ann.pump();
		// the input of tick 0 is used in 0, and again in 1 and 2, since none came for those
		expect(ann.client.tables?.rows[0]?.get(0)).toMatchObject({ gen: 1, values: [0, 21] });
		expect(ann.client.tables?.rows[0]?.get(1)).toMatchObject({ gen: 1, values: [1, 0] });
		room.leave(ann.player);
		for (let i = 0; i < 3; i++) room.runTick();
		bob.pump();
		expect([...(bob.client.tables?.rows[0]?.keys() ?? [])]).toEqual([1]);
		const cy = join(room, "Cy");
		for (let i = 0; i < 3; i++) room.runTick();
		cy.pump();
		expect(cy.client.tables?.rows[0]?.get(0)).toMatchObject({ gen: 7, values: [0, 0] });
	});

	it("comes to the same hash from the same inboxes, and to another from others", () => {
		const play = (amounts: readonly number[]): string => {
			const room = open(9);
			const { player } = join(room, "Ann");
			for (const amount of amounts) {
				add(room, player, amount);
				room.runTick();
			}
			expect(room.fault).toBeNull();
			return room.stateHash();
		};
		expect(play([1, 2, 3])).toBe(play([1, 2, 3]));
		expect(play([1, 2, 3])).not.toBe(play([1, 2, 4]));
	});

	it("finds the random state seeded as the document says", () => {
		for (const seed of [0, 1, 0xffffffff]) {
			const { simulation } = open(seed);
			let state = seed;
			for (let word = 0; word < 4; word++) {
				state = (state + 0x9e3779b9) >>> 0;
				let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
				z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
				expect(simulation.randomState(word)).toBe((z ^ (z >>> 16)) >>> 0);
			}
		}
	});
});

describe("the tables of exports and imports", () => {
	/** First cells of the rows of the table whose head begins so. */
	const names = (head: string): string[] => {
		const [, rows = ""] = document.split(`| ${head} |`);
		const table = rows.slice(0, rows.indexOf("\n\n"));
		return [...table.matchAll(/^\| `([\w.]+)/gm)].map(([, name]) => name as string);
	};

	it("name what the seal takes, and nothing else", () => {
		expect(names("export").sort()).toEqual(Object.keys(WANTED_EXPORTS).sort());
		expect(names("import").sort()).toEqual([...ALLOWED_IMPORTS.keys()].sort());
	});
});
