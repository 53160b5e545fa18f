import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { EFFECT_LIMITS } from "./effect-limits.ts";
import { HOOK_NAMES, type Hooks } from "./hooks.ts";
import type { FromHooks, ToHooks } from "./thread-messages.ts";

// the thread in which a file of hooks runs

const say = (message: FromHooks): void => parentPort?.postMessage(message);

async function call(hooks: Hooks, { id, hook, argument }: Extract<ToHooks, { type: "call" }>) {
	try {
		const json = JSON.stringify(await hooks[hook]?.(argument as never));
		const isTooLong = (json?.length ?? 0) > EFFECT_LIMITS.answerBytes;
		if (isTooLong) say({ type: "threw", id, detail: `an answer of ${json.length} bytes` });
		else say({ type: "gave", id, json });
	} catch (thrown) {
		const detail = thrown instanceof Error ? thrown.message : String(thrown);
		say({ type: "threw", id, detail: detail.slice(0, 500) });
	}
}

const { file } = workerData as { file: string };
import(pathToFileURL(file).href).then(
	(module: { hooks?: Hooks; default?: Hooks }) => {
		const hooks = module.hooks ?? module.default ?? {};
		parentPort?.on("message", (message: ToHooks) => {
			if (message.type === "ping") say({ type: "pong" });
			else void call(hooks, message);
		});
		say({ type: "ready", hooks: HOOK_NAMES.filter((name) => typeof hooks[name] === "function") });
	},
	({ message }: Error) => say({ type: "cannot", detail: message }),
);
