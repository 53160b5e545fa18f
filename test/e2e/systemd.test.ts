import { once } from "node:events";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { moduleFile } from "../fixtures/build-module.ts";
import { runCli } from "../support/start-server.ts";

it.skipIf(process.platform === "win32")(
	"tells systemd when it serves, who goes on after an upgrade, and when it stops",
	async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-systemd-"));
		const file = path.join(folder, "told");
		const program = path.join(folder, "systemd-notify");
		await writeFile(file, "");
		await writeFile(program, `#!/bin/sh\necho "$@" >> ${file}\n`);
		await chmod(program, 0o755);
		const told = async (): Promise<string> => readFile(file, "utf8");
		const env = {
			...process.env,
			PATH: `${folder}:${process.env.PATH}`,
			NOTIFY_SOCKET: "@hotstep",
			WATCHDOG_USEC: "200000",
		};
		const options = ["--workers", "1", "--no-page", "--port", "0", "--log", "error"];
		const child = runCli(["start", await moduleFile("dots"), ...options], env);
		const ended = once(child, "exit");
		let heir: number | null = null;
		try {
			await once(child.stdout as NodeJS.EventEmitter, "data");
			await expect.poll(told, { timeout: 20_000 }).toMatch(/^READY=1\n(WATCHDOG=1\n)+$/);
			child.kill("SIGUSR2");
			await expect.poll(told, { timeout: 30_000 }).toMatch(/^MAINPID=\d+ READY=1$/m);
			heir = Number(/^MAINPID=(\d+)/m.exec(await told())?.[1]);
			expect(heir).not.toBe(child.pid);
			expect(await ended).toEqual([0, null]);
			expect(await told()).not.toContain("STOPPING");
			process.kill(heir, "SIGTERM");
			await expect.poll(told, { timeout: 20_000 }).toContain("STOPPING=1\n");
		} finally {
			child.kill("SIGKILL");
			if (heir !== null) {
				try {
					process.kill(heir, "SIGTERM");
				} catch {
					// it is gone already
				}
			}
		}
	},
	90_000,
);
