import type { DescribedColumn } from "../../protocol/abi/describe-column.ts";
import type { DescribedTable } from "../../protocol/abi/describe-table.ts";
import type { FieldSpec } from "../../protocol/schema/define-game.ts";
import { scalarBytes } from "../../protocol/schema/scalar.ts";
import type { GameModule } from "../module/game-module.ts";

interface ColumnDescription {
	readonly name: string;
	readonly type: string;
	/** "exact", "step 0.03125", "angle of 10 bits" */
	readonly quantisation: string;
	readonly interpolation: string;
	/** private, owner, axis x, wraps after SIZE from BEGIN, jumps, was NAME, default N */
	readonly notes: readonly string[];
}

export interface TableDescription {
	readonly name: string;
	readonly was: string | null;
	readonly capacity: number;
	/** Of memory, the generation included. */
	readonly bytesPerRow: number;
	/** Of those, what clients may see; before quantising. */
	readonly publicBytesPerRow: number;
	readonly columns: readonly ColumnDescription[];
}

/** What loading a module found. Sizes are in bytes. */
export interface ModuleDescription {
	readonly name: string;
	readonly version: number;
	readonly hash: string;
	readonly tickRate: number;
	readonly snapshotRate: number;
	readonly maxPlayers: number;
	readonly rawBytes: number;
	readonly sealedBytes: number;
	readonly memory: { readonly initial: number; readonly maximum: number };
	readonly functions: number;
	readonly fuelPoints: number;
	readonly mutableGlobals: number;
	readonly imports: readonly string[];
	readonly exports: readonly string[];
	readonly inboxBytes: number;
	readonly outboxBytes: number;
	readonly inputBytes: number;
	/** "turn i8" */
	readonly input: readonly string[];
	/** "hit x f32 y f32" */
	readonly events: readonly string[];
	readonly tables: readonly TableDescription[];
}

const PAGE = 65_536;
const GEN_BYTES = 2;

function describeColumn(column: DescribedColumn): ColumnDescription {
	const { name, type, quantisation: q, interpolation, axis, was } = column;
	const notes = [
		...(column.ownerOnly ? ["owner only"] : column.private ? ["private"] : []),
		...(column.owner ? ["owner"] : []),
		...(axis === null ? [] : [`axis ${axis}`]),
		...(column.wrap ? [`wraps after ${column.wrap.size} from ${column.wrap.from}`] : []),
		...(column.jumps ? ["jumps"] : []),
		...(was === null ? [] : [`was ${was}`]),
		...(column.default === 0 ? [] : [`default ${column.default}`]),
	];
	const quantisation =
		q.kind === "step" ? `step ${q.step}` : q.kind === "angle" ? `angle of ${q.bits} bits` : "exact";
	return { name, type, quantisation, interpolation, notes };
}

function describeTable({ name, was, capacity, columns }: DescribedTable): TableDescription {
	const bytes = (all: readonly DescribedColumn[]): number =>
		all.reduce((sum, column) => sum + scalarBytes(column.type), GEN_BYTES);
	return {
		name,
		was,
		capacity,
		bytesPerRow: bytes(columns),
		publicBytesPerRow: bytes(columns.filter((column) => !column.private)),
		columns: columns.map(describeColumn),
	};
}

function describeFields(fields: readonly FieldSpec[]): string[] {
	return fields.map(({ name, type }) => `${name} ${type}`);
}

export function describeModule({ descriptor, facts, hash }: GameModule): ModuleDescription {
	const { memoryPages, mutableGlobals } = facts;
	return {
		name: descriptor.name,
		version: descriptor.version,
		hash,
		tickRate: descriptor.tickRate,
		snapshotRate: descriptor.snapshotRate,
		maxPlayers: descriptor.maxPlayers,
		rawBytes: facts.rawBytes,
		sealedBytes: facts.sealedBytes,
		memory: { initial: memoryPages.initial * PAGE, maximum: memoryPages.maximum * PAGE },
		functions: facts.functions,
		fuelPoints: facts.fuelPoints,
		mutableGlobals: mutableGlobals.length,
		imports: facts.imports,
		exports: facts.exports.map(({ name }) => name),
		inboxBytes: descriptor.inbox.bytes,
		outboxBytes: descriptor.outbox.bytes,
		inputBytes: descriptor.input.size,
		input: describeFields(descriptor.input.fields),
		events: descriptor.events.map(({ name, fields }) =>
			[name, ...describeFields(fields)].join(" "),
		),
		tables: descriptor.tables.map(describeTable),
	};
}
