import type { Refusal } from "../../../protocol/refusal.ts";
import type { GameModule } from "../../module/game-module.ts";

/** As npm's wabt has it, as far as it is used here. */
interface Wabt {
	readWasm(
		bytes: Uint8Array,
		options: Record<string, boolean>,
	): {
		applyNames(): void;
		toText(options: { foldExprs: boolean; inlineExport: boolean }): string;
		destroy(): void;
	};
}

const FEATURES = {
	...{ simd: true, bulk_memory: true, sign_extension: true, sat_float_to_int: true },
	...{ multi_value: true, mutable_globals: true, reference_types: true },
};

async function loadWabt(): Promise<Wabt | null> {
	try {
		const { default: open } = await import("wabt");
		return (await open()) as unknown as Wabt;
	} catch {
		return null;
	}
}

/** The function of this name or number; where there is none, names that are like it. */
function findFunction({ facts }: GameModule, wanted: string): number | string[] {
	const { functionNames, functions, importedFunctions } = facts;
	const index = /^\d{1,6}$/.test(wanted) ? Number(wanted) : -1;
	if (index >= importedFunctions && index < importedFunctions + functions) return index;
	const own = [...functionNames].filter(([at]) => at >= importedFunctions);
	const found = own.find(([, name]) => name === wanted);
	return found ? found[0] : own.map(([, name]) => name).filter((name) => name.includes(wanted));
}

/** WebAssembly text of one function of the module as it was built, by its name or number. */
export async function functionText(
	game: GameModule,
	wanted: string,
): Promise<{ text: string } | Refusal> {
	const found = findFunction(game, wanted);
	if (typeof found !== "number") {
		const [only] = found.length === 1 ? found : [];
		if (only !== undefined) return functionText(game, only);
		const like = found.length > 0 ? `, but ${found.slice(0, 8).join(", ")}` : "";
		return { error: "ERR_CHECK_TEXT", detail: `there is no function "${wanted}"${like}` };
	}
	const wabt = await loadWabt();
	if (!wabt) {
		const detail = "the text of a function takes WABT: npm install --save-dev wabt";
		return { error: "ERR_CHECK_TEXT", detail };
	}
	const module = wabt.readWasm(game.raw, { readDebugNames: true, ...FEATURES });
	try {
		module.applyNames();
		const lines = module.toText({ foldExprs: false, inlineExport: false }).split("\n");
		const starts = lines.flatMap((line, i) => (line.startsWith("  (func ") ? [i] : []));
		const from = starts[found - game.facts.importedFunctions] ?? 0;
		const rest = lines.slice(from + 1);
		const length = rest.findIndex((line) => /^(?: {2})?[()]/.test(line));
		return { text: `${lines.slice(from, from + 1 + Math.max(0, length)).join("\n")}\n` };
	} finally {
		module.destroy();
	}
}
