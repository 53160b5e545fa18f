import type { ModuleErrorName } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Refusal } from "../refusal.ts";
import { type ColumnArray, columnView } from "../schema/scalar.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { DescribedColumn } from "./describe-column.ts";
import { type Descriptor, readDescriptor } from "./descriptor.ts";
import type { Image } from "./image.ts";
import { InboxWriter } from "./inbox-writer.ts";
import { CTX, CTX_FLAG, SEALED } from "./layout.ts";
import { ALLOWED_IMPORTS, type LogSink, makeImports } from "./module-imports.ts";
import { OutboxReader } from "./outbox-reader.ts";

export type { LogSink } from "./module-imports.ts";

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

/** Rows that may be in use: never more than the table has, whatever the module wrote. */
export function usedRows(table: LiveTable): number {
	return Math.min(table.usedCell[0], table.capacity);
}

/** What went wrong inside a module; it ends the tick, never the process. */
export interface Fault {
	/**
	 * A trap, spent fuel, a non-zero status, a malformed outbox, a state that the module's own check
	 * finds unsound, or a shared value that is NaN or infinite.
	 */
	readonly kind: "trap" | "fuel" | "status" | "outbox" | "invariant" | "value";
	readonly detail: string;
	/** The engine's stack, for a trap: positions are those of the sealed bytes. */
	readonly stack?: string;
	/** The message in that stack; a module chooses the text of its aborts. */
	readonly message?: string;
}

interface ModuleExports {
	memory: WebAssembly.Memory;
	hs_describe(): number;
	hs_tick(): number;
	hs_init?(): number;
	hs_migrated?(from: number): number;
	hs_check?(): number;
	_initialize?(): void;
}

function checkModule(module: WebAssembly.Module): Refusal<ModuleErrorName> | null {
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
	for (const name of ["hs_init", "hs_migrated", "hs_check", "_initialize"]) {
		if (exported.has(name) && exported.get(name) !== "function") {
			return { error: "ERR_MODULE_EXPORT", detail: `the export "${name}" is not a function` };
		}
	}
	return null;
}

/** Four words of xoshiro128** state from a 32-bit seed, by splitmix32. */
function seedWords(seed: number): number[] {
	const random = new SeededRandom(seed);
	return Array.from({ length: 4 }, () => random.u32());
}

/** Starting and migrating happen once: they may take as much fuel as this many ticks at 60 Hz. */
export const START_FUEL = Math.round(LIMITS.fuelPerTickMs * 16.7 * 10);

/**
 * A running module: instance, descriptor and views of its memory. It is the same on the server and
 * in a browser; nothing but the inbox and ctx ever reaches the module.
 */
export class Simulation {
	readonly descriptor: Descriptor;
	/** Fuel that each tick starts with; only a sealed module spends any. */
	fuelPerTick: number;
	private readonly module: WebAssembly.Module;
	private readonly imports: WebAssembly.Imports;
	private exports: ModuleExports;
	private globals: readonly WebAssembly.Global[] = [];
	private fuel: WebAssembly.Global | null = null;
	private spent = 0;
	private buffer: ArrayBuffer = new ArrayBuffer(0);
	private ctx: DataView = new DataView(this.buffer);
	tables: readonly LiveTable[] = [];
	inbox!: InboxWriter;
	outbox!: OutboxReader;

	private constructor(
		module: WebAssembly.Module,
		imports: WebAssembly.Imports,
		exports: ModuleExports,
		descriptor: Descriptor,
	) {
		this.module = module;
		this.imports = imports;
		this.exports = exports;
		this.descriptor = descriptor;
		// the counter is an i32
		this.fuelPerTick = Math.min(
			0x7fffffff,
			Math.round((LIMITS.fuelPerTickMs * 1000) / descriptor.tickRate),
		);
		this.attach();
	}

	/** Instantiates a compiled module and reads its descriptor; runs `_initialize`, not `hs_init`. */
	static create(
		module: WebAssembly.Module,
		log: LogSink = () => {},
	): { simulation: Simulation } | Refusal {
		const problem = checkModule(module);
		if (problem) return problem;
		let exports: ModuleExports;
		let address: number;
		// the first call may come from `_initialize`, before there is a simulation to ask
		let current: { exports: ModuleExports } | null = null;
		const imports = makeImports(() => current?.exports.memory ?? null, log);
		try {
			const instance = new WebAssembly.Instance(module, imports);
			exports = instance.exports as unknown as ModuleExports;
			current = { exports };
			const fuel = (exports as unknown as Record<string, WebAssembly.Global>)[SEALED.fuel];
			if (fuel) fuel.value = START_FUEL;
			exports._initialize?.();
			address = exports.hs_describe() >>> 0;
		} catch (thrown) {
			return { error: "ERR_MODULE_START", detail: String((thrown as Error).message) };
		}
		const described = readDescriptor(exports.memory.buffer, address);
		if ("error" in described) return described;
		const simulation = new Simulation(module, imports, exports, described.descriptor);
		current = simulation as unknown as { exports: ModuleExports };
		return { simulation };
	}

	/** Recreates all views: memory that has grown has a new buffer. */
	private attach(): void {
		const all = this.exports as unknown as Record<string, WebAssembly.Global>;
		this.globals = Object.keys(all)
			.filter((name) => name.startsWith(SEALED.globalPrefix))
			.map((name) => all[name] as WebAssembly.Global);
		this.fuel = all[SEALED.fuel] ?? null;
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
		seedWords(seed).forEach((word, i) => {
			this.setRandomState(i, word);
		});
		this.writeContext(0);
		return this.call(this.exports.hs_init ?? (() => 0), START_FUEL);
	}

	/** Runs one tick on the contents of the inbox. After a fault, the state must not be used. */
	tick(tick: number): Fault | null {
		this.writeContext(tick);
		return this.call(this.exports.hs_tick, this.fuelPerTick);
	}

	/** Tells the module that its columns came from version `from`; `tick` is the next one. */
	migrated(from: number, tick: number): Fault | null {
		const { hs_migrated } = this.exports;
		if (!hs_migrated) return null;
		this.inbox.clear();
		this.writeContext(tick);
		return this.call(() => hs_migrated(from), START_FUEL);
	}

	/**
	 * Asks the module whether its state is sound. Only for copies, since the check may change the state.
	 */
	check(): Fault | null {
		const { hs_check } = this.exports;
		const fault = hs_check ? this.call(hs_check, this.fuelPerTick) : null;
		return fault?.kind === "status"
			? { kind: "invariant", detail: `hs_check ${fault.detail}` }
			: fault;
	}

	private writeContext(tick: number): void {
		const { ctx, descriptor } = this;
		ctx.setUint32(CTX.tick, tick, true);
		ctx.setUint32(CTX.inboxLength, this.inbox.length, true);
		ctx.setUint32(CTX.outboxLength, 0, true);
		ctx.setFloat32(CTX.dt, 1 / descriptor.tickRate, true);
	}

	private call(run: () => number, budget: number): Fault | null {
		const { fuel } = this;
		if (fuel) fuel.value = budget;
		let status = 0;
		let fault: Fault | null = null;
		try {
			status = run();
		} catch (thrown) {
			const { message, stack = "" } = thrown as Error;
			fault = { kind: "trap", detail: message, stack, message };
		}
		if (fuel) {
			const left = fuel.value as number;
			this.spent = budget - left;
			if (fault && left < 0) {
				fault = { ...fault, kind: "fuel", detail: `more than ${budget} units of fuel in one call` };
			}
		}
		if (this.exports.memory.buffer !== this.buffer) this.attach();
		if (fault) return fault;
		return status === 0 ? null : { kind: "status", detail: `returned ${status}` };
	}

	/** Fuel that the last call used; 0 for a module that is not sealed. */
	get fuelSpent(): number {
		return this.spent;
	}

	/** Copies the whole state into `image`. */
	save(image: Image): void {
		const { byteLength } = this.buffer;
		if (image.bytes.length < byteLength) image.bytes = new Uint8Array(byteLength);
		image.bytes.set(new Uint8Array(this.buffer));
		image.length = byteLength;
		image.globals.length = this.globals.length;
		for (let i = 0; i < this.globals.length; i++) {
			image.globals[i] = (this.globals[i] as WebAssembly.Global).value as number;
		}
	}

	/**
	 * Restores a saved state, bit for bit. Memory cannot shrink, so after growth the instance is
	 * replaced.
	 */
	restore(image: Image): void {
		if (this.buffer.byteLength !== image.length) this.renew(image.length);
		new Uint8Array(this.buffer).set(image.bytes.subarray(0, image.length));
		for (let i = 0; i < this.globals.length; i++) {
			(this.globals[i] as WebAssembly.Global).value = image.globals[i];
		}
	}

	private renew(bytes: number): void {
		const instance = new WebAssembly.Instance(this.module, this.imports);
		this.exports = instance.exports as unknown as ModuleExports;
		const { memory } = this.exports;
		const missing = bytes - memory.buffer.byteLength;
		if (missing > 0) memory.grow(missing / 65_536);
		this.attach();
	}

	/** Bytes in the outbox after the last tick, according to the module. */
	get outboxLength(): number {
		return this.ctx.getUint32(CTX.outboxLength, true);
	}

	/** Outbox records that did not fit, in total. */
	get outboxDropped(): number {
		return this.ctx.getUint32(CTX.outboxDropped, true);
	}

	randomState(word: number): number {
		return this.ctx.getUint32(CTX.random + word * 4, true);
	}

	setRandomState(word: number, value: number): void {
		this.ctx.setUint32(CTX.random + word * 4, value, true);
	}

	/** Tells the module that it runs on a client, which knows only what it was sent. */
	set isPredicting(predicting: boolean) {
		this.ctx.setUint32(CTX.flags, predicting ? CTX_FLAG.predicting : 0, true);
	}

	get memoryBytes(): number {
		return this.buffer.byteLength;
	}
}
