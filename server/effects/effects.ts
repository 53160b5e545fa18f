import type { Log } from "../log.ts";
import type { Effect } from "../room/effect.ts";
import type { Player } from "../room/player.ts";
import type { RoomState } from "../room/room-state.ts";
import type { ShowGate } from "../room/scheduler.ts";
import { EFFECT_LIMITS } from "./effect-limits.ts";
import { HookCalls, type HookFigures } from "./hook-calls.ts";
import { HookThread } from "./hook-thread.ts";
import type { HookName, Hooks } from "./hooks.ts";
import { inlineHooks } from "./inline-hooks.ts";
import { effectKey, Spool, type SpoolFigures } from "./spool.ts";
import { toWebhook, type WebhookOptions } from "./webhook.ts";

interface EffectsOptions {
	/** A file that exports `hooks`, or the hooks themselves. */
	readonly hooks: string | Hooks | null;
	readonly webhook: WebhookOptions | null;
	/** Where results wait beyond the process; null: nowhere. */
	readonly folder: string | null;
	/** Names this life of the worker. */
	readonly me: string;
	readonly log: Log;
}

/** What is written before anything is told. */
type Before = ShowGate | null;

/** For metrics. */
export interface EffectFigures {
	readonly spools: readonly SpoolFigures[];
	readonly hooks: HookFigures | null;
}

/**
 * What rules say to the world outside, on its way there: results into spools, requests to a hook and back. Nothing is
 * told before the tick that said it is in the room log, and no tick waits for anybody.
 */
export class Effects implements ShowGate {
	private readonly log: Log;
	private readonly before: Before;
	private readonly hooks: HookCalls | null;
	private readonly spools: readonly Spool[];
	/** Said in this wake. */
	private fresh: { readonly room: RoomState; readonly effect: Effect }[] = [];

	private constructor(
		{ log, folder, me, webhook }: EffectsOptions,
		hooks: HookCalls | null,
		before: Before,
	) {
		this.log = log;
		this.before = before;
		this.hooks = hooks;
		const spools: Spool[] = [];
		if (webhook) {
			spools.push(new Spool({ target: "webhook", deliver: toWebhook(webhook), folder, me, log }));
		}
		if (hooks?.has("result")) {
			const deliver = async ({ text }: { text: string }): Promise<void> => {
				await hooks.call("result", JSON.parse(text));
			};
			spools.push(new Spool({ target: "hook", deliver, folder, me, log }));
		}
		this.spools = spools;
	}

	/** @throws Error when the hooks cannot be loaded, and what the system says when the folder cannot be used */
	static async open(options: EffectsOptions, before: Before): Promise<Effects> {
		const { hooks, log } = options;
		const runner =
			hooks === null
				? null
				: typeof hooks === "string"
					? await HookThread.start(hooks, log)
					: inlineHooks(hooks);
		return new Effects(options, runner && new HookCalls(runner), before);
	}

	get figures(): EffectFigures {
		const { spools, hooks } = this;
		return { spools: spools.map(({ figures }) => figures), hooks: hooks?.figures ?? null };
	}

	/** The rules have said something in a tick that took effect. */
	said(room: RoomState, effect: Effect): void {
		this.fresh.push({ room, effect });
	}

	/** What was said in this wake is written, and then told. */
	flush(): void {
		this.before?.flush();
		if (this.fresh.length === 0) return;
		const { fresh } = this;
		this.fresh = [];
		this.whenSafe(() => {
			for (const { room, effect } of fresh) {
				if (effect.kind === "request") this.ask(room, effect);
				else for (const spool of this.spools) spool.add(effect);
			}
		});
	}

	whenSafe(run: () => void): void {
		if (this.before === null) run();
		else this.before.whenSafe(run);
	}

	/** A room has opened here; what it had asked elsewhere is asked again. */
	opened(room: RoomState): void {
		for (const request of room.requests.pending) this.ask(room, request);
		this.notify("roomOpened", room);
	}

	/** A player's seat is taken or free. */
	seat(room: RoomState, { number, name }: Player, change: "joined" | "left"): void {
		this.notify(change, room, { player: { number, name } });
	}

	/** Takes over what others have left who are gone (`Spool.adopt`). */
	adopt(
		isGone: (series: string) => boolean,
		logged: readonly { readonly series: string; readonly result: Effect }[],
	): void {
		for (const spool of this.spools) spool.adopt(isGone, logged);
	}

	/** The file of hooks has changed. */
	reload(): void {
		this.hooks?.reload();
	}

	async finish(): Promise<void> {
		this.flush();
		await Promise.all(this.spools.map((spool) => spool.finish(EFFECT_LIMITS.finishMs)));
		await this.hooks?.close();
	}

	private ask(room: RoomState, request: Effect): void {
		const { hooks } = this;
		if (!hooks?.has("request")) {
			room.requests.answer(request, null);
			return;
		}
		hooks.call("request", { key: effectKey(request), ...request }).then(
			// undefined is the answer to a request without fields
			(answer) => room.requests.answer(request, answer ?? {}),
			(error: Error) => {
				this.complain("request", error, { room: room.id, name: request.name });
				room.requests.answer(request, null);
			},
		);
	}

	/** Tells a hook what has happened; nothing depends on it. */
	private notify(hook: HookName, { id, game, epoch, tick }: RoomState, more: object = {}): void {
		if (!this.hooks?.has(hook)) return;
		const about = { room: id, game: game.name, epoch, tick, ...more };
		this.hooks.call(hook, about).catch((error: Error) => this.complain(hook, error, { room: id }));
	}

	private complain(hook: HookName, { name, message }: Error, more: object): void {
		this.log("warn", "hook failed", { hook, error: name, detail: message, ...more });
	}
}
