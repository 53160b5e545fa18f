import { SEALED } from "../../../../protocol/abi/layout.ts";
import type { ByteSource } from "../read/byte-source.ts";
import {
	describeType,
	EXTERNAL_KINDS,
	type Exported,
	functionType,
	type ModuleShape,
} from "../read/module-shape.ts";

interface WantedExport {
	readonly kind: number;
	readonly signature: string;
	readonly optional: boolean;
}

/** What a module may export for the host; docs/abi.md says the same. */
export const WANTED_EXPORTS: Readonly<Record<string, WantedExport>> = {
	memory: { kind: 2, signature: "memory", optional: false },
	hs_describe: { kind: 0, signature: "() -> (i32)", optional: false },
	hs_tick: { kind: 0, signature: "() -> (i32)", optional: false },
	hs_init: { kind: 0, signature: "() -> (i32)", optional: true },
	hs_check: { kind: 0, signature: "() -> (i32)", optional: true },
	hs_migrated: { kind: 0, signature: "(i32) -> (i32)", optional: true },
	_initialize: { kind: 0, signature: "() -> ()", optional: true },
};

/** Names with this prefix are reserved for the seal, so a sealed module cannot be sealed again. */
const RESERVED = "hs:";

function checkExport(source: ByteSource, shape: ModuleShape, exported: Exported): void {
	const { name, kind, index, offset } = exported;
	if (name.startsWith(RESERVED)) {
		source.refuse("ERR_MODULE_EXPORT", `"${name}": names with ${RESERVED} are the seal's`, offset);
	}
	const wanted = Object.hasOwn(WANTED_EXPORTS, name) ? WANTED_EXPORTS[name] : undefined;
	if (!wanted) return;
	const isFunction = kind === 0;
	const found = isFunction ? describeType(functionType(shape, index)) : EXTERNAL_KINDS[kind];
	if (kind === wanted.kind && found === wanted.signature) return;
	source.refuse("ERR_MODULE_EXPORT", `${name} is ${found}, not ${wanted.signature}`, offset);
}

/** The exports that the host calls must be there, with these very signatures. */
export function checkInterface(source: ByteSource, shape: ModuleShape): void {
	if (!shape.memory) source.refuse("ERR_MODULE_MEMORY", "it has none");
	source.section = "export";
	for (const exported of shape.exports) checkExport(source, shape, exported);
	const names = new Set(shape.exports.map(({ name }) => name));
	for (const [name, { optional, signature }] of Object.entries(WANTED_EXPORTS)) {
		if (optional || names.has(name)) continue;
		source.refuse("ERR_MODULE_EXPORT", `${name}: ${signature} is missing`, source.bytes.length);
	}
	source.section = "";
}

/** Names under which the seal exports what it adds. */
export const SEAL_EXPORTS = {
	fuel: SEALED.fuel,
	global: (position: number): string => `${SEALED.globalPrefix}${position}`,
} as const;
