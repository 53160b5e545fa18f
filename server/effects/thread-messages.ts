import type { HookName } from "./hooks.ts";

/** To the thread of hooks. */
export type ToHooks =
	| {
			readonly type: "call";
			readonly id: number;
			readonly hook: HookName;
			readonly argument: unknown;
	  }
	| { readonly type: "ping" };

/** From it. Values are JSON: what a hook gives need not be one that can be copied. */
export type FromHooks =
	| { readonly type: "ready"; readonly hooks: readonly HookName[] }
	| { readonly type: "cannot"; readonly detail: string }
	| { readonly type: "gave"; readonly id: number; readonly json: string | undefined }
	| { readonly type: "threw"; readonly id: number; readonly detail: string }
	| { readonly type: "pong" };
