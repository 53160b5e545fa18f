import type { HookRunner } from "./hook-calls.ts";
import type { Hooks } from "./hooks.ts";

/** Hooks as functions of this process: one that never returns stops it, which a file of hooks cannot. */
export function inlineHooks(hooks: Hooks): HookRunner {
	return {
		has: (hook) => typeof hooks[hook] === "function",
		run: async (hook, argument) => hooks[hook]?.(argument as never),
		late() {},
		reload() {},
		async close() {},
	};
}
