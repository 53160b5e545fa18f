import type { ByteSource } from "../read/byte-source.ts";
import type { ModuleShape } from "../read/module-shape.ts";
import { type Answer, answerTo, isLogType } from "./answers.ts";

/** A function that the seal adds in place of an import. */
export interface Shim {
	/** As reports show it: "wasi:fd_write". */
	readonly name: string;
	readonly type: number;
	readonly answer: Answer | "describe";
}

/**
 * How a module that imports WASI is laid out once it answers itself. Own functions keep their numbers:
 *
 *     raw      imports ─────────────────────────────┐ own functions
 *     sealed   imports that stay │ answers as many ─┘ own functions │ the other answers
 */
export interface WasiPlan {
	/** The imports that stay, `hotstep.log` always among them. */
	readonly imports: readonly { module: string; name: string; type: number }[];
	/** The type of `hotstep.log` is added to the module's when it has none like it. */
	readonly addsLogType: boolean;
	readonly before: readonly Shim[];
	readonly after: readonly Shim[];
	/** The new number of each import. */
	readonly redirect: readonly number[];
	readonly log: number;
	/** The number of the module's own `hs_describe`. */
	readonly describe: number;
}

/** Null for a module that imports nothing of WASI. */
export function planWasi(source: ByteSource, shape: ModuleShape): WasiPlan | null {
	const { imports, types, functions, exports } = shape;
	const answers = imports.map(({ module, name }) => answerTo(`${module}.${name}`)?.answer ?? null);
	if (answers.every((answer) => answer === null)) return null;
	for (const { kind, index, offset, name } of exports) {
		if (kind !== 0 || index >= imports.length) continue;
		source.refuse("ERR_MODULE_IMPORT", `"${name}" is an import, exported again`, offset);
	}
	for (const index of shape.addressTaken) {
		const taken = imports[index];
		if (!taken) continue;
		const detail = `the address of "${taken.module}" "${taken.name}" is taken: call it instead`;
		source.refuse("ERR_MODULE_IMPORT", detail, 0);
	}
	const kept = imports.filter((_, i) => answers[i] === null);
	const known = types.findIndex(isLogType);
	const logType = known < 0 ? types.length : known;
	const log = kept.findIndex(({ name }) => name === "log");
	if (log < 0) kept.push({ module: "hotstep", name: "log", type: logType });
	const shims: Shim[] = imports.flatMap(({ name, type }, i) => {
		const answer = answers[i];
		return answer === null || answer === undefined ? [] : [{ name: `wasi:${name}`, type, answer }];
	});
	const described = exports.find(({ name }) => name === "hs_describe")?.index ?? 0;
	const describeType = functions[described - imports.length] ?? 0;
	shims.push({ name: "wasi:describe", type: describeType, answer: "describe" });
	const room = imports.length - kept.length;
	const numberOf = (shim: number): number =>
		shim < room ? kept.length + shim : imports.length + functions.length + shim - room;
	let nextKept = 0;
	let nextShim = 0;
	return {
		imports: kept,
		addsLogType: known < 0 && log < 0,
		before: shims.slice(0, room),
		after: shims.slice(room),
		redirect: answers.map((answer) => (answer === null ? nextKept++ : numberOf(nextShim++))),
		log: log < 0 ? kept.length - 1 : log,
		describe: described,
	};
}
