import { SchemaError } from "../../../../protocol/schema/define-game.ts";
import type { ScalarName } from "../../../../protocol/schema/scalar.ts";
import { mayJump } from "../../plan/jumps.ts";
import { rewoundOf } from "../../plan/past.ts";
import type { Plan } from "../../plan/plan.ts";

/** What C calls the types of columns and fields. */
export const C_TYPES: Readonly<Record<ScalarName, string>> = {
	u8: "uint8_t",
	i8: "int8_t",
	u16: "uint16_t",
	i16: "int16_t",
	u32: "uint32_t",
	i32: "int32_t",
	u64: "uint64_t",
	i64: "int64_t",
	f32: "float",
	f64: "double",
	bool: "bool",
};

/** What a region or a constant of the plan is called in C: the game's own names as they are. */
export function cName(planned: string): string {
	if (planned === planned.toUpperCase()) return `hs_${planned.toLowerCase()}`;
	return planned.includes("$") ? `hs_${planned.replaceAll("$", "_")}` : planned;
}

/** The type of an array, which drafts name where an index leaves it. */
export function columnType(planned: string): string {
	return `${cName(planned)}_column_t`;
}

const KEYWORDS = new Set(
	(
		"auto break case char const continue default do double else enum extern float for goto if inline int long " +
		"register restrict return short signed sizeof static struct switch typedef union unsigned void volatile " +
		"while bool true false asm typeof catch class delete explicit export friend mutable namespace new operator " +
		"private protected public template this throw try typeid typename using virtual constexpr concept requires " +
		"decltype noexcept nullptr alignas alignof thread_local and or not xor at"
	).split(" "),
);

/** What a parameter may be called: words of C and C++ get a line behind them. */
export function parameter(name: string): string {
	return KEYWORDS.has(name) ? `${name}_` : name;
}

/** A number as C writes it, exactly. */
export function cNumber(type: ScalarName, value: number): string {
	if (type === "bool") return value === 0 ? "false" : "true";
	if (type === "f32") return `(float)${exact(Math.fround(value))}`;
	if (type === "f64") return exact(value);
	if (type === "u64" || type === "i64") {
		return `(${C_TYPES[type]})0x${BigInt.asUintN(64, BigInt(value)).toString(16)}ull`;
	}
	return type === "u32" ? `${value}u` : type === "i32" ? `(int32_t)${value}ll` : String(value);
}

function exact(value: number): string {
	const text = String(value);
	return /[.e]/.test(text) ? text : `${text}.0`;
}

/**
 * Refuses a schema two of whose names are one in C, such as table `a_b` with column `c` and table `a` with
 * column `b_c`. @throws SchemaError
 */
export function checkNames(plan: Plan): void {
	const seen = new Map<string, string>();
	const use = (name: string, from: string): void => {
		const other = seen.get(name);
		if (other !== undefined) {
			throw new SchemaError(`${from} and ${other} would both be called ${name} in C`);
		}
		seen.set(name, from);
	};
	for (const { name, columns } of plan.spec.tables) {
		const own = ["gen", "used", "capacity", "spawn", "free", "alive"];
		const table = { name, capacity: 0, predicted: false, wide: false, columns };
		if (mayJump(table)) own.push("jump");
		for (const member of own) use(`${name}_${member}`, `${name}.${member}`);
		for (const column of columns) use(`${name}_${column.name}`, `${name}.${column.name}`);
		for (const column of rewoundOf(table)) {
			use(`${name}_${column.name}_at`, `the past of ${name}.${column.name}`);
		}
	}
	for (const { name } of plan.spec.input.fields) use(`input_${name}`, `input.${name}`);
	for (const { name } of plan.spec.events) {
		for (const suffix of ["", "_to", "_near"]) use(`emit_${name}${suffix}`, `event ${name}`);
	}
}
