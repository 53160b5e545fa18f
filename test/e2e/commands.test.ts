import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runToEnd } from "../support/start-server.ts";

describe("hotstep", () => {
	it.each([
		["nonsense"],
		["constructor"],
		["new"],
		["new", "a", "b"],
		["new", "--nope"],
		["new", "Not A Name"],
		["start", "--nope"],
		["start", "--port", "99999"],
		["dev"],
		["dev", "--nope"],
		["dev", "no-such-folder"],
		["dev", "game-logic/arena", "game-logic/swarm"],
		["dev", "game-logic/arena", "--nope"],
		["build", "--nope"],
		["build", "no-such-folder"],
		["build", "game-logic/arena", "game-logic/swarm"],
		["swap"],
		["swap", "--nope"],
		["swap", "arena", "a.wasm", "b.wasm", "--token", "12345678"],
		["check"],
		["check", "a.wasm", "b.wasm"],
		["check", "--nope"],
		["replay"],
		["replay", "a", "b"],
		["replay", "--nope"],
		["log"],
		["log", "a", "b"],
		["log", "--nope"],
		["drain"],
		["drain", "one"],
		["drain", "1", "2"],
		["drain", "1"],
		["drain", "--nope"],
		["bots", "arena"],
		["bots", "--nope"],
	])("%s %s %s is answered by ERR_CONFIG and what is wrong, and does nothing", async (...args) => {
		const { code, stdout, stderr } = await runToEnd(args.filter((arg) => arg !== undefined));
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/^hotstep: ERR_CONFIG: ./);
		expect(stderr).not.toMatch(/^ +at /m);
	});

	it("says its version, and of each command what it does", async () => {
		const { version } = JSON.parse(
			await readFile(new URL("../../package.json", import.meta.url), "utf8"),
		);
		expect(await runToEnd(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
		const { stdout } = await runToEnd(["--help"]);
		const commands = [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, name]) => name as string);
		expect(commands.length).toBeGreaterThan(7);
		for (const command of commands) {
			const help = await runToEnd([command, "--help"]);
			expect([help.code, help.stderr]).toEqual([0, ""]);
			expect(help.stdout).toMatch(new RegExp(`^hotstep ${command}\\b`));
		}
	});

	it("makes a game that builds, and says how to serve it", async () => {
		const folder = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-new-")), "my-game");
		const made = await runToEnd(["new", folder]);
		expect(made).toMatchObject({ code: 0, stderr: "" });
		expect(made.stdout).toContain(`node dist/server/cli.js dev ${folder}`);
		expect((await runToEnd(["new", folder])).stderr).toContain("there is something at");
		const built = await runToEnd(["build", folder]);
		expect(built).toMatchObject({ code: 0, stderr: "" });
		expect(built.stdout).toMatch(/^my-game v1: \S+, \d+ bytes/);
	});
});
