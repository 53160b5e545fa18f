import type { Refusal } from "../../../protocol/refusal.ts";
import type { Plan } from "../plan/plan.ts";

export interface BuildOptions {
	/** Optimise less, in less time, and check indexes where the language can. */
	readonly isDraft: boolean;
}

export type Compiled =
	| { wasm: Uint8Array; sourceMap: string | null }
	/** The compiler's own messages, with file, line and column. */
	| Refusal<"ERR_COMPILE" | "ERR_SCHEMA" | "ERR_BUILD_TOOLS">;

/** A language that rules can be written in. AssemblyScript has a way of its own. */
export interface Language {
	/** As after `hotstep new --lang`. */
	readonly name: "c" | "cpp" | "rust" | "zig" | "go";
	/** Of its name there is one file in the game's folder. */
	readonly main: string;
	/** The files of `generated/` and what stands in them. @throws SchemaError */
	emit(plan: Plan): Promise<Readonly<Record<string, string>>>;
	/** Compiles what stands in the folder now. */
	compile(folder: string, plan: Plan, options: BuildOptions): Promise<Compiled>;
}
