import type { ScalarName } from "../../../../protocol/schema/scalar.ts";

const WORDS = new Set(
	(
		"as break const continue dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return " +
		"static struct trait true type unsafe use where while async await abstract become box do final macro override " +
		"priv typeof unsized virtual yield try gen"
	).split(" "),
);
/** Words that cannot even be quoted. */
const TAKEN = new Set(["self", "super", "crate", "Self"]);

/** A name of the schema in Rust: words of the language are quoted. */
export function rustName(name: string): string {
	if (TAKEN.has(name)) return `${name}_`;
	return WORDS.has(name) ? `r#${name}` : name;
}

/** `viewAge` as functions and parameters have it: `view_age`. */
export function snake(name: string): string {
	return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** `viewAge` as statics have it: `VIEW_AGE`. */
export function constantName(name: string): string {
	return name === name.toUpperCase() ? name : snake(name).toUpperCase();
}

export function rustNumber(type: ScalarName, value: number): string {
	if (type === "bool") return value === 0 ? "false" : "true";
	if (type === "f32") return floatText(Math.fround(value));
	if (type === "f64") return floatText(value);
	return type.endsWith("64") ? BigInt(value).toString() : String(value);
}

function floatText(value: number): string {
	const text = String(value).replace("e+", "e");
	return /[.e]/.test(text) ? text : `${text}.0`;
}
