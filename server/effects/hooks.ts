import type { Effect, PlainFields } from "../room/effect.ts";

/** A room, for hooks. */
interface HookRoom {
	readonly room: string;
	readonly game: string;
	readonly epoch: number;
	readonly tick: number;
}

/** A player who has come in or gone. */
interface HookPlayer extends HookRoom {
	readonly player: { readonly number: number; readonly name: string };
}

/** An effect, with the key under which it is the same. */
type HookEffect = Effect & { readonly key: string };

/**
 * What `hooks.ts` may export as `hooks`: code of one's own around the rules. It runs off the tick, in the worker that
 * has the room. Whatever it does, no tick waits: a call that fails or takes more than five seconds is named in the log.
 */
export interface Hooks {
	/** A room has opened, or goes on here. */
	roomOpened?(room: HookRoom): unknown;
	joined?(player: HookPlayer): unknown;
	left?(player: HookPlayer): unknown;
	/** A result. It is called again, with the same key, until it has returned once. */
	result?(result: HookEffect): unknown;
	/** Gives the fields of the answer. It may be called again with the same key after a crash. */
	request?(request: HookEffect): PlainFields | Promise<PlainFields>;
}

export type HookName = keyof Hooks;

export const HOOK_NAMES: readonly HookName[] = [
	"roomOpened",
	"joined",
	"left",
	"result",
	"request",
];
