import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { type LanguageName, orbsIn } from "../support/build-language.ts";
import { runCli } from "../support/start-server.ts";

/** How a player's speed and a mistake are written, and how a compiler tells of it. */
const CASES: Readonly<
	Record<string, { main: string; speed: [string, string]; mistake: [string, string]; told: RegExp }>
> = {
	c: {
		main: "main.c",
		speed: ["SPEED = 220", "SPEED = 0"],
		mistake: ["runner_spawn()", "runner_spawn(nonsense)"],
		told: /ERR_COMPILE[\s\S]*main\.c:\d+:\d+: error/,
	},
	cpp: {
		main: "main.cpp",
		speed: ["SPEED = 220", "SPEED = 0"],
		mistake: ["runner::spawn()", "runner::spawn(nonsense)"],
		told: /ERR_COMPILE[\s\S]*main\.cpp:\d+:\d+: error/,
	},
	rust: {
		main: "main.rs",
		speed: ["f32 = 220.0", "f32 = 0.0"],
		mistake: ["runner::spawn()", "runner::spawn(nonsense)"],
		told: /ERR_COMPILE[\s\S]*main\.rs:\d+:\d+/,
	},
	go: {
		main: "main.go",
		speed: ["float32 = 220", "float32 = 0"],
		mistake: ["runner.Spawn()", "runner.Spawn(nonsense)"],
		told: /ERR_COMPILE[\s\S]*main\.go:\d+:\d+/,
	},
	zig: {
		main: "main.zig",
		speed: ["f32 = 220", "f32 = 0"],
		mistake: ["runner.spawn()", "runner.spawn(nonsense)"],
		told: /ERR_COMPILE[\s\S]*main\.zig:\d+:\d+: error/,
	},
};

let child: ReturnType<typeof runCli> | null = null;
let room: Room | null = null;
afterEach(async () => {
	room?.leave();
	if (child && child.exitCode === null) {
		child.kill("SIGTERM");
		await once(child, "exit");
	}
});

describe.each(Object.keys(CASES) as LanguageName[])("a game in %s", (language) => {
	it("is made, played, changed while it is played, and says what does not compile", async () => {
		if (!(await orbsIn(language))) return;
		const { main, speed, mistake, told } = CASES[language] as (typeof CASES)[string];
		const parent = await mkdtemp(path.join(tmpdir(), "hotstep-languages-"));
		const folder = path.join(parent, "coin-run");
		expect(await once(runCli(["new", folder, "--lang", language]), "exit")).toEqual([0, null]);
		const dev = runCli(["dev", folder, "--port", "0", "--log", "error"]);
		child = dev;
		let text = "";
		for (const stream of [dev.stdout, dev.stderr]) stream?.on("data", (chunk) => (text += chunk));
		await expect.poll(() => text, { timeout: 60_000 }).toMatch(/serves coin-run on http/);
		const url = /http:\/\/\S+/.exec(text)?.[0] ?? "";
		expect(await (await fetch(url)).text()).toContain("<title>coin-run</title>");
		const joined = await connect(url.replace("http", "ws"), {
			game: "coin-run",
			interpolate: false,
		});
		room = joined as never;
		const x = (): number => {
			joined.update();
			return joined.state.runner?.x[0] as number;
		};
		const input = joined.input as { right: boolean };
		input.right = true;
		await expect.poll(x, { timeout: 20_000 }).toBeGreaterThan(420);

		const edit = async ([from, to]: [string, string]): Promise<void> => {
			const file = path.join(folder, main);
			const source = await readFile(file, "utf8");
			expect(source).toContain(from);
			await writeFile(file, source.replace(from, to));
		};
		const swaps: string[] = [];
		joined.onSwap(({ moduleHash }) => swaps.push(moduleHash));
		const notices: (string | null)[] = [];
		joined.onNotice((notice) => notices.push(notice));
		await edit(speed);
		await expect.poll(() => swaps.length, { timeout: 60_000 }).toBe(1);
		const later = async (): Promise<number> => {
			const { tick } = joined.stats;
			await expect.poll(() => joined.stats.tick, { timeout: 20_000 }).toBeGreaterThan(tick + 40);
			return x();
		};
		const stopped = await later();
		expect(stopped).toBeGreaterThan(420);
		expect(await later()).toBe(stopped);

		await edit(mistake);
		await expect.poll(() => notices.at(-1), { timeout: 60_000 }).toMatch(told);
		expect(text).toMatch(told);
		await edit([mistake[1], mistake[0]]);
		await expect.poll(() => notices.at(-1), { timeout: 60_000 }).toBeNull();
		expect(joined.status).toBe("playing");
		await rm(parent, { recursive: true, force: true });
	}, 240_000);
});
