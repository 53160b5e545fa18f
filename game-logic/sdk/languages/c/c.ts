import type { Language } from "../language.ts";
import { sdkFile } from "../sdk-file.ts";
import { compileC } from "./compile-c.ts";
import { emitEntry } from "./emit-entry.ts";
import { emitHeader } from "./emit-header.ts";

/** C, compiled by clang or Zig. */
export const c: Language = {
	name: "c",
	main: "main.c",
	async emit(plan) {
		return {
			"layout.h": emitHeader(plan),
			"entry.c": emitEntry(plan),
			"hotstep.h": await sdkFile("c", "hotstep.h"),
			"runtime.c": await sdkFile("c", "runtime.c"),
		};
	},
	compile: (folder, plan, options) => compileC(folder, plan.pages, options, false),
};
