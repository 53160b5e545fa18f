import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openServiceManager } from "../../../server/cli/service-manager.ts";

/** A `systemd-notify` that writes down what it is told, one line a call. */
async function fakeSystemd(more: NodeJS.ProcessEnv = {}) {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-notify-"));
	const file = path.join(folder, "told");
	const program = path.join(folder, "systemd-notify");
	await writeFile(file, "");
	await writeFile(program, `#!/bin/sh\necho "$@" >> ${file}\n`);
	await chmod(program, 0o755);
	const PATH = `${folder}:${process.env.PATH}`;
	const told = async (): Promise<string[]> =>
		(await readFile(file, "utf8")).split("\n").slice(0, -1);
	return { told, env: { PATH, NOTIFY_SOCKET: "@hotstep", ...more } };
}

describe.skipIf(process.platform === "win32")("what systemd hears", () => {
	it("comes in the order in which it was said", async () => {
		const { env, told } = await fakeSystemd();
		const manager = openServiceManager(env, () => {});
		manager.ready();
		manager.ready(77);
		await manager.stopping();
		expect(await told()).toEqual(["READY=1", "MAINPID=77 READY=1", "STOPPING=1"]);
	});

	it("is nothing without a socket for it", async () => {
		const { env, told } = await fakeSystemd({ NOTIFY_SOCKET: "", WATCHDOG_USEC: "2000" });
		const manager = openServiceManager(env, () => {});
		manager.watchdog(() => true);
		manager.ready();
		await manager.stopping();
		expect(await told()).toEqual([]);
	});

	it("is a sign of life only while the server lives", async () => {
		const { env, told } = await fakeSystemd({ WATCHDOG_USEC: "20000" });
		const manager = openServiceManager(env, () => {});
		let isAlive = false;
		let asked = 0;
		manager.watchdog(() => {
			asked++;
			return isAlive;
		});
		await expect.poll(() => asked).toBeGreaterThan(3);
		expect(await told()).toEqual([]);
		isAlive = true;
		await expect.poll(told).toContain("WATCHDOG=1");
		manager.close();
		await manager.stopping();
	});

	it("is said to be missing where the program is not installed", async () => {
		const lines: string[] = [];
		const env = { PATH: "/nowhere", NOTIFY_SOCKET: "/run/systemd/notify" };
		const manager = openServiceManager(env, (level, message) => lines.push(`${level} ${message}`));
		await manager.stopping();
		expect(lines).toEqual(["error systemd is not told"]);
	});
});
