import { alignColumns } from "../../replay/dump-table.ts";
import type { ModuleParts } from "./explain-module.ts";
import type { FuelProfile } from "./sample-fuel.ts";

/** Lines of each list: what is not in it hardly counts. */
const MOST_LINES = 25;

function share(part: number, whole: number): string {
	return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
}

/** Numbers first, names last. */
function columns(head: readonly string[], lines: readonly (readonly string[])[]): string {
	const names = [head, ...lines].map((line) => line.at(-1) ?? "");
	const numbers = alignColumns(
		[head, ...lines].map((line) => line.slice(0, -1)),
		0,
	).split("\n");
	return names.map((name, i) => `  ${numbers[i]}  ${name}\n`).join("");
}

function more(count: number): string {
	return count > MOST_LINES ? `  and ${count - MOST_LINES} more\n` : "";
}

function showParts({ sections, functions }: ModuleParts): string {
	const bytes = functions.reduce((sum, one) => sum + one.bytes, 0);
	const sizes = sections.map((one) => [String(one.raw), String(one.sealed), one.section]);
	const largest = functions
		.slice(0, MOST_LINES)
		.map(({ index, name, bytes: own }) => [String(own), share(own, bytes), String(index), name]);
	return [
		"sections, in bytes\n",
		columns(["built", "sealed", ""], sizes),
		`\nfunctions by size: ${functions.length}, ${bytes} bytes as built\n`,
		columns(["bytes", "share", "index", ""], largest),
		more(functions.length),
	].join("");
}

function showFuel({ ticks, fuel, samples, functions, lines }: FuelProfile): string {
	if (samples === 0) return "\nfuel: none was used\n";
	const spenders = functions
		.slice(0, MOST_LINES)
		.map((f) => [share(f.self, samples), share(f.withCalls, samples), String(f.index), f.name]);
	const hot = lines.slice(0, MOST_LINES).map(({ place, self }) => [share(self, samples), place]);
	return [
		`\nfuel by function: ${fuel} in ${ticks} ticks, estimated from ${samples} samples\n`,
		columns(["own", "with calls", "index", ""], spenders),
		more(functions.length),
		...(hot.length > 0
			? ["\nfuel by line\n", columns(["own", ""], hot), more(lines.length)]
			: ["\nfuel by line: the module has no source map and no DWARF\n"]),
	].join("");
}

/** Sections, functions and fuel of a module, as text. */
export function showExplanation(parts: ModuleParts, profile: FuelProfile): string {
	return `${showParts(parts)}${showFuel(profile)}`;
}
