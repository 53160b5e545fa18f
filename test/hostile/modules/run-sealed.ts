import { SEALED } from "../../../protocol/abi/layout.ts";

export interface SealedExports {
	readonly memory: WebAssembly.Memory;
	readonly hs_tick: () => number;
	readonly [name: string]: unknown;
}

export interface SealedRun {
	/** What stopped it, null for nothing. */
	readonly thrown: Error | null;
	/** What is left; below zero when it was spent. */
	readonly fuel: number;
}

/** A sealed module without a host behind it: no descriptor, logs into the void. */
export class SealedInstance {
	readonly exports: SealedExports;
	private readonly fuel: WebAssembly.Global;

	constructor(sealed: Uint8Array<ArrayBuffer>) {
		const module = new WebAssembly.Module(sealed);
		const abort = (): never => {
			throw new WebAssembly.RuntimeError("abort");
		};
		const imports = { hotstep: { log: () => {} }, env: { abort } };
		this.exports = new WebAssembly.Instance(module, imports).exports as unknown as SealedExports;
		this.fuel = this.exports[SEALED.fuel] as WebAssembly.Global;
	}

	run(budget: number, name = "hs_tick", ...values: number[]): SealedRun {
		this.fuel.value = budget;
		let thrown: Error | null = null;
		try {
			(this.exports[name] as (...values: number[]) => unknown)(...values);
		} catch (error) {
			thrown = error as Error;
		}
		return { thrown, fuel: this.fuel.value as number };
	}

	/** Mutable globals of an image, in order. */
	get globals(): WebAssembly.Global[] {
		return Object.entries(this.exports)
			.filter(([name]) => name.startsWith(SEALED.globalPrefix))
			.map(([, global]) => global as WebAssembly.Global);
	}

	/** Memory as it is, copied. */
	memory(): Uint8Array {
		return new Uint8Array(this.exports.memory.buffer).slice();
	}
}
