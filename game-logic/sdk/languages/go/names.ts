import type { ScalarName } from "../../../../protocol/schema/scalar.ts";

/** What Go calls the types of columns and fields. */
export const GO_TYPES: Readonly<Record<ScalarName, string>> = {
	u8: "uint8",
	i8: "int8",
	u16: "uint16",
	i16: "int16",
	u32: "uint32",
	i32: "int32",
	u64: "uint64",
	i64: "int64",
	f32: "float32",
	f64: "float64",
	bool: "bool",
};

/** Names of the package that no table can have. */
export const TAKEN_BY_GO = new Set(
	(
		"Rules Use Tick Dt Predicting Level Debug Info Warn Error LogAt Log Random RandomBetween RandomInt RandomAt Sqrt " +
		"Floor Ceil Nearest Refuse Kick Input Emit MaxPlayers"
	).split(" "),
);

/** A name of the schema as Go's packages show it. */
export function exported(name: string): string {
	return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** A parameter: no word of Go ends so. */
export function parameter(name: string): string {
	return `${name}_`;
}

export function goNumber(type: ScalarName, value: number): string {
	if (type === "bool") return value === 0 ? "false" : "true";
	if (type === "f32") return String(Math.fround(value));
	return type.endsWith("64") && type !== "f64" ? BigInt(value).toString() : String(value);
}
