import { LIMITS } from "../limits.ts";
import { type ColumnArray, columnView } from "../schema/scalar.ts";
import type { DescribedColumn } from "./describe-column.ts";
import { type Descriptor, readDescriptor } from "./descriptor.ts";
import { InboxWriter } from "./inbox-writer.ts";
import { CTX } from "./layout.ts";
import { OutboxReader } from "./outbox-reader.ts";

/** One table of a running module: views straight into its linear memory. */
export interface LiveTable {
	readonly name: string;
	readonly capacity: number;
	readonly gen: Uint16Array;
	readonly columns: readonly LiveColumn[];
	/** One element: rows at or above it are free. Read it through {@link usedRows}. */
	readonly usedCell: Uint32Array;
}

export interface LiveColumn {
	readonly about: DescribedColumn;
	readonly values: ColumnArray;
}

/** Rows that may be taken, never more than the table has, whatever the module wrote. */
export function usedRows(table: LiveTable): number {
	return Math.min(table.usedCell[0] as number, table.capacity);
}

export type ModuleErrorName =
	| "ERR_MODULE_NOT_WASM"
	| "ERR_MODULE_IMPORT"
	| "ERR_MODULE_EXPORT"
	| "ERR_MODULE_START"
	| "ERR_DESCRIPTOR";

/** What went wrong inside a module; it ends the tick, never the process. */
export interface Fault {
	readonly kind: "trap" | "status";
	readonly detail: string;
}

export type LogSink = (level: number, line: string) => void;

interface ModuleExports {
	memory: WebAssembly.Memory;
	hs_describe(): number;
	hs_tick(): number;
	hs_init?(): number;
	hs_migrated?(from: number): number;
	_initialize?(): void;
}

const ALLOWED_IMPORTS = new Set(["hotstep.log", "env.abort"]);
const utf8 = new TextDecoder();
const utf16 = new TextDecoder("utf-16le");

function checkModule(
	module: WebAssembly.Module,
): { error: ModuleErrorName; detail: string } | null {
	for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
		if (kind !== "function" || !ALLOWED_IMPORTS.has(`${from}.${name}`)) {
			return { error: "ERR_MODULE_IMPORT", detail: `the module asks for ${kind} ${from}.${name}` };
		}
	}
	const exported = new Map(WebAssembly.Module.exports(module).map((e) => [e.name, e.kind]));
	const wanted: [string, string][] = [
		["memory", "memory"],
		["hs_describe", "function"],
		["hs_tick", "function"],
	];
	for (const [name, kind] of wanted) {
		if (exported.get(name) !== kind) {
			return { error: "ERR_MODULE_EXPORT", detail: `the module exports no ${kind} "${name}"` };
		}
	}
	for (const name of ["hs_init", "hs_migrated", "_initialize"]) {
		if (exported.has(name) && exported.get(name) !== "function") {
			return { error: "ERR_MODULE_EXPORT", detail: `the export "${name}" is not a function` };
		}
	}
	return null;
}

/** Module text: AssemblyScript strings carry their byte length in the 4 bytes before them. */
function readAssemblyString(memory: WebAssembly.Memory, address: number): string {
	const { buffer } = memory;
	const at = address >>> 0;
	if (at < 4 || at > buffer.byteLength) return "";
	const bytes = Math.min(new DataView(buffer).getUint32(at - 4, true), LIMITS.logLineBytes);
	if (at + bytes > buffer.byteLength) return "";
	return utf16.decode(new Uint8Array(buffer, at, bytes & ~1).slice());
}

function makeImports(memory: () => WebAssembly.Memory, log: LogSink): WebAssembly.Imports {
	return {
		hotstep: {
			log(level: number, address: number, length: number) {
				const { buffer } = memory();
				const at = address >>> 0;
				const bytes = Math.min(length >>> 0, LIMITS.logLineBytes);
				if (at + bytes > buffer.byteLength) return;
				log(level, utf8.decode(new Uint8Array(buffer, at, bytes).slice()));
			},
		},
		env: {
			abort(message: number, file: number, line: number, column: number) {
				const [text, where] = [
					readAssemblyString(memory(), message),
					readAssemblyString(memory(), file),
				];
				throw new WebAssembly.RuntimeError(`${text || "abort"} at ${where}:${line}:${column}`);
			},
		},
	};
}

/** Four words of xoshiro128** state from a 32-bit seed, by splitmix32. */
function seedWords(seed: number): number[] {
	let state = seed >>> 0;
	return Array.from({ length: 4 }, () => {
		state = (state + 0x9e3779b9) >>> 0;
		let z = state;
		z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
		z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
		return (z ^ (z >>> 16)) >>> 0;
	});
}

/**
 * A running module: instance, descriptor and views of its memory. It is the same on the server and
 * in a browser; nothing but the inbox and ctx ever reaches the module.
 */
export class Simulation {
	readonly descriptor: Descriptor;
	private readonly exports: ModuleExports;
	private buffer: ArrayBuffer;
	private ctx: DataView;
	tables: readonly LiveTable[] = [];
	inbox: InboxWriter;
	outbox: OutboxReader;

	private constructor(exports: ModuleExports, descriptor: Descriptor) {
		this.exports = exports;
		this.descriptor = descriptor;
		this.buffer = exports.memory.buffer;
		this.ctx = new DataView(this.buffer, descriptor.ctx, CTX.size);
		this.inbox = new InboxWriter(this.buffer, descriptor);
		this.outbox = new OutboxReader(this.buffer, descriptor);
		this.attach();
	}

	/** Instantiates a compiled module and reads its descriptor; runs `_initialize`, not `hs_init`. */
	static create(
		module: WebAssembly.Module,
		log: LogSink = () => {},
	): { simulation: Simulation } | { error: string; detail: string } {
		const problem = checkModule(module);
		if (problem) return problem;
		let exports: ModuleExports;
		let address: number;
		try {
			let memory: WebAssembly.Memory | null = null;
			const imports = makeImports(() => memory as WebAssembly.Memory, log);
			const instance = new WebAssembly.Instance(module, imports);
			exports = instance.exports as unknown as ModuleExports;
			memory = exports.memory;
			exports._initialize?.();
			address = exports.hs_describe() >>> 0;
		} catch (thrown) {
			return { error: "ERR_MODULE_START", detail: String((thrown as Error).message) };
		}
		const described = readDescriptor(exports.memory.buffer, address);
		if ("error" in described) return described;
		return { simulation: new Simulation(exports, described.descriptor) };
	}

	/** Makes every view anew: memory that grew has a new buffer. */
	private attach(): void {
		this.buffer = this.exports.memory.buffer;
		const { buffer, descriptor } = this;
		this.ctx = new DataView(buffer, descriptor.ctx, CTX.size);
		this.inbox = new InboxWriter(buffer, descriptor);
		this.outbox = new OutboxReader(buffer, descriptor);
		this.tables = descriptor.tables.map((table) => ({
			name: table.name,
			capacity: table.capacity,
			gen: new Uint16Array(buffer, table.gen, table.capacity),
			usedCell: new Uint32Array(buffer, table.used, 1),
			columns: table.columns.map((about) => ({
				about,
				values: columnView(about.type, buffer, about.address, table.capacity),
			})),
		}));
	}

	/** Seeds the random state and runs `hs_init`. Tick 0 comes after it. */
	init(seed: number): Fault | null {
		const { ctx } = this;
		seedWords(seed).forEach((word, i) => {
			ctx.setUint32(CTX.random + i * 4, word, true);
		});
		this.writeContext(0);
		return this.call(() => this.exports.hs_init?.() ?? 0);
	}

	/** Runs one tick on what the inbox holds. After a fault the image is not to be trusted. */
	tick(tick: number): Fault | null {
		this.writeContext(tick);
		const fault = this.call(this.exports.hs_tick);
		if (this.exports.memory.buffer !== this.buffer) this.attach();
		return fault;
	}

	private writeContext(tick: number): void {
		const { ctx, descriptor } = this;
		ctx.setUint32(CTX.tick, tick, true);
		ctx.setUint32(CTX.inboxLength, this.inbox.length, true);
		ctx.setUint32(CTX.outboxLength, 0, true);
		ctx.setFloat32(CTX.dt, 1 / descriptor.tickRate, true);
	}

	private call(run: () => number): Fault | null {
		let status: number;
		try {
			status = run();
		} catch (thrown) {
			const { message } = thrown as Error;
			return { kind: "trap", detail: message };
		}
		return status === 0 ? null : { kind: "status", detail: `returned ${status}` };
	}

	/** Bytes that the module wrote to its outbox in the last tick, as it says. */
	get outboxLength(): number {
		return this.ctx.getUint32(CTX.outboxLength, true);
	}

	/** Outbox records that did not fit, ever. */
	get outboxDropped(): number {
		return this.ctx.getUint32(CTX.outboxDropped, true);
	}

	randomState(word: number): number {
		return this.ctx.getUint32(CTX.random + word * 4, true);
	}

	get memoryBytes(): number {
		return this.buffer.byteLength;
	}
}
