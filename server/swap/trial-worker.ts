import { parentPort } from "node:worker_threads";
import { compileGame, ModuleError, partsOf } from "../module/game-module.ts";
import { runFreshTrial, runTrial } from "./trial.ts";
import type { WorkerReply, WorkerRequest } from "./verifier.ts";

/**
 * A disposable thread: compiles one candidate and tries it on copies of rooms, so that the rooms notice
 * nothing of it, however long the compiler takes.
 */
let candidate: WebAssembly.Module | null = null;

function answer(request: WorkerRequest): WorkerReply {
	if (request.type === "compile") {
		try {
			const game = compileGame(request.bytes, request.origin, request.sourceMap);
			candidate = game.module;
			return { type: "compiled", parts: partsOf(game) };
		} catch (thrown) {
			if (!(thrown instanceof ModuleError)) throw thrown;
			return { type: "refused", refusal: { error: thrown.name, detail: thrown.message } };
		}
	}
	if (candidate === null) throw new Error("a trial before anything was compiled");
	const now = (): number => performance.now();
	const result =
		request.type === "fresh"
			? runFreshTrial(candidate, request.trial, now)
			: runTrial(request.current, candidate, request.room, now);
	return "error" in result ? { type: "refused", refusal: result } : { type: "tried", result };
}

parentPort?.on("message", (request: WorkerRequest) => {
	parentPort?.postMessage(answer(request));
});
