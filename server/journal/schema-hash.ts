import { createHash } from "node:crypto";
import type { Descriptor } from "../../protocol/abi/descriptor.ts";

/**
 * Hash of what a game declares: names and types of its tables, columns, input fields and events, not
 * where they lie. 16 hex digits; equal for two builds whose states can be compared column by column.
 */
export function schemaHash({ name, input, tables, events }: Descriptor): string {
	const fields = (all: readonly { name: string; type: string }[]) =>
		all.map((f) => [f.name, f.type]);
	const declared = [
		name,
		fields(input.fields),
		tables.map((table) => [table.name, table.capacity, fields(table.columns)]),
		events.map((event) => [event.name, fields(event.fields)]),
	];
	return createHash("sha256").update(JSON.stringify(declared)).digest("hex").slice(0, 16);
}
