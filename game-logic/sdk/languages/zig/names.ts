import type { ScalarName } from "../../../../protocol/schema/scalar.ts";

const WORDS = new Set(
	(
		"addrspace align allowzero and anyframe anytype asm break callconv catch comptime const continue defer else " +
		"enum errdefer error export extern fn for if inline linksection noalias noinline nosuspend opaque or orelse " +
		"packed pub resume return struct suspend switch test threadlocal try union unreachable var volatile while " +
		"bool void type noreturn anyerror anyopaque usize isize true false null undefined"
	).split(" "),
);

/** A name of the schema in Zig: words and types of the language are quoted. */
export function zigName(name: string): string {
	return WORDS.has(name) || /^(?:[iuf]\d+|c_\w+|_)$/.test(name) ? `@"${name}"` : name;
}

/** A parameter: no name of the file may be hidden by it. */
export function zigParameter(name: string): string {
	return `${name}_`;
}

export function zigNumber(type: ScalarName, value: number): string {
	if (type === "bool") return value === 0 ? "false" : "true";
	if (type === "f32") return floatText(Math.fround(value));
	if (type === "f64") return floatText(value);
	return type.endsWith("64") ? BigInt(value).toString() : String(value);
}

function floatText(value: number): string {
	const text = String(value).replace("e+", "e");
	return /[.e]/.test(text) ? text : `${text}.0`;
}
