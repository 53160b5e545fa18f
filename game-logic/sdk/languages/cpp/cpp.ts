import { c } from "../c/c.ts";
import { compileC } from "../c/compile-c.ts";
import type { Language } from "../language.ts";
import { emitCppHeader } from "./emit-header.ts";

/** C++, compiled by clang or Zig, over what C has. */
export const cpp: Language = {
	name: "cpp",
	main: "main.cpp",
	emit: async (plan) => ({ ...(await c.emit(plan)), "layout.hpp": emitCppHeader(plan) }),
	compile: (folder, plan, options) => compileC(folder, plan.pages, options, true),
};
