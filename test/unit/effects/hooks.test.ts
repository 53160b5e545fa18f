import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { EFFECT_LIMITS } from "../../../server/effects/effect-limits.ts";
import { HookCalls } from "../../../server/effects/hook-calls.ts";
import { HookThread } from "../../../server/effects/hook-thread.ts";
import { inlineHooks } from "../../../server/effects/inline-hooks.ts";
import { silentLog } from "../../../server/log.ts";

let calls: HookCalls | null = null;
afterEach(async () => {
	await calls?.close();
	calls = null;
});

async function load(source: string): Promise<HookCalls> {
	const file = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-hooks-")), "game.hooks.mjs");
	await writeFile(file, source);
	calls = new HookCalls(await HookThread.start(file, silentLog));
	return calls;
}

describe("a file of hooks", () => {
	it("is asked in a thread of its own, and only for what it has", async () => {
		const hooks = await load(
			`import { isMainThread } from "node:worker_threads";
			export const hooks = { async request({ name }) { return { name, isMainThread }; } };`,
		);
		expect([hooks.has("request"), hooks.has("result")]).toEqual([true, false]);
		expect(await hooks.call("request", { name: "profile" })).toEqual({
			...{ name: "profile", isMainThread: false },
		});
	});

	it.each([
		["throws", "throw new Error('no database')", "request: no database"],
		["throws no error", "throw 7", "request: 7"],
		["answers too much", "return 'x'.repeat(100_000)", "request: an answer of 100002 bytes"],
		["answers what is no JSON", "return 1n", "request: Do not know how to serialize a BigInt"],
	])("fails by name when it %s", async (_, body, message) => {
		const hooks = await load(`export const hooks = { request() { ${body} } };`);
		await expect(hooks.call("request", {})).rejects.toMatchObject({
			name: "ERR_HOOK_FAILED",
			message,
		});
		expect(hooks.figures.failures.get("ERR_HOOK_FAILED")).toBe(1);
	});

	it("is ended when it never returns, and begins again", async () => {
		const hooks = await load(
			`export const hooks = { request({ stuck }) { while (stuck); return "here"; } };`,
		);
		const stuck = hooks.call("request", { stuck: true });
		const behind = hooks.call("request", { stuck: false });
		// this thread goes on meanwhile
		let turns = 0;
		const turn = setInterval(() => turns++, 1);
		await expect(stuck).rejects.toMatchObject({ name: "ERR_HOOK_TIMEOUT" });
		await expect(behind).rejects.toMatchObject({
			name: expect.stringMatching(/ERR_HOOK_(TIMEOUT|CRASHED)/),
		});
		clearInterval(turn);
		expect(turns).toBeGreaterThan(100);
		let answer: unknown = null;
		while (answer === null) answer = await hooks.call("request", {}).catch(() => null);
		expect(answer).toBe("here");
	}, 30_000);

	it("is told of as a crash when it ends its process' thread", async () => {
		const hooks = await load(`export const hooks = { request() { process.exit(1); } };`);
		await expect(hooks.call("request", {})).rejects.toMatchObject({ name: "ERR_HOOK_CRASHED" });
	});

	it.each([
		["does not exist", null],
		["cannot be read", "export const hooks = {"],
		["fails at once", "throw new Error('no')"],
	])("stops the start when it %s", async (_, source) => {
		const start = source === null ? HookThread.start("/nowhere.mjs", silentLog) : load(source);
		await expect(start).rejects.toThrow();
	});
});

describe("calls of hooks", () => {
	it("wait for one another, and fail by name when too many wait", async () => {
		let running = 0;
		let most = 0;
		let release = (): void => {};
		const gate = new Promise<void>((resolve) => {
			release = resolve;
		});
		calls = new HookCalls(
			inlineHooks({
				async request() {
					most = Math.max(most, ++running);
					await gate;
					running--;
					return {};
				},
			}),
		);
		const all = Array.from({ length: EFFECT_LIMITS.callsWaiting + 10 }, () =>
			(calls as HookCalls).call("request", {}).then(
				() => "done",
				({ name }: Error) => name,
			),
		);
		await new Promise((resolve) => setImmediate(resolve));
		release();
		const ends = await Promise.all(all);
		expect(most).toBe(EFFECT_LIMITS.calls);
		expect(ends.filter((end) => end === "ERR_HOOK_BUSY")).toHaveLength(10);
		expect(ends.filter((end) => end === "done")).toHaveLength(EFFECT_LIMITS.callsWaiting);
	});
});
