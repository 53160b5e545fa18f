import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import wabt from "wabt";

/** What is to become of a villain: refused by name, or sealed and then stopped, or harmless. */
export type Expectation = `ERR_MODULE_${string}` | "fuel" | "stack" | "trap" | "runs";

export interface Villain {
	readonly name: string;
	readonly expect: Expectation;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

const { parseWat } = await wabt();

const FEATURES = {
	exceptions: true,
	sat_float_to_int: true,
	sign_extension: true,
	simd: true,
	threads: true,
	function_references: true,
	multi_value: true,
	tail_call: true,
	bulk_memory: true,
	reference_types: true,
	memory64: true,
	extended_const: true,
	relaxed_simd: true,
};

/** Assembles WebAssembly text with every feature there is, and without checking it. */
export function assemble(text: string, name = "villain.wat"): Uint8Array<ArrayBuffer> {
	const module = parseWat(name, text, FEATURES);
	try {
		return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
	} finally {
		module.destroy();
	}
}

/** Every `.wat` of this folder; the first line of each says what to expect. */
export function readVillains(): Villain[] {
	const folder = import.meta.dirname;
	return readdirSync(folder)
		.filter((file) => file.endsWith(".wat"))
		.sort()
		.map((file) => {
			const text = readFileSync(path.join(folder, file), "utf8");
			const expect = /^;; expect: (\S+)/.exec(text)?.[1] as Expectation | undefined;
			if (!expect) throw new Error(`${file} does not say what to expect`);
			return { name: file.slice(0, -".wat".length), expect, bytes: assemble(text, file) };
		});
}
