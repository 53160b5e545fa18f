import { once } from "node:events";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import type dots from "../fixtures/dots/schema.ts";
import { runCli, startServer } from "../support/start-server.ts";

let child: ReturnType<typeof runCli> | null = null;
let room: Room<typeof dots> | null = null;
afterEach(async () => {
	room?.leave();
	if (child && child.exitCode === null) {
		child.kill("SIGTERM");
		await once(child, "exit");
	}
});

/** Runs `hotstep dev` on a copy of the dots game and gives its output as it grows. */
async function startDev() {
	const folder = await mkdtemp(path.join(tmpdir(), "hotstep-dev-test-"));
	await cp(path.resolve(import.meta.dirname, "../fixtures/dots"), folder, { recursive: true });
	const dev = runCli(["dev", folder, "--port", "0", "--log", "error", "--no-page"]);
	child = dev;
	const output = { text: "" };
	dev.stdout?.on("data", (chunk) => {
		output.text += chunk;
	});
	dev.stderr?.on("data", (chunk) => {
		output.text += chunk;
	});
	await expect.poll(() => output.text, { timeout: 20_000 }).toMatch(/serves dots on http/);
	const url = /http:\/\/\S+/.exec(output.text)?.[0] ?? "";
	const edit = async (from: string, to: string, name = "main.ts"): Promise<void> => {
		const file = path.join(folder, name);
		const source = await readFile(file, "utf8");
		if (!source.includes(from)) throw new Error(`${name} has no "${from}"`);
		await writeFile(file, source.replace(from, to));
	};
	return { url, output, edit };
}

describe("hotstep dev", () => {
	it.each([
		["input", "dy: i8 }", "dy: i8, fire: bool }"],
		["rates", "tickRate: 60", "tickRate: 30"],
		["seats", "maxPlayers: 16", "maxPlayers: 8"],
		["a column's type", "player: u8()", "player: u16()"],
	])(
		"replaces the rooms for a change of %s where it must, and who was there is back",
		async (_, from, to) => {
			const { url, output, edit } = await startDev();
			const joined = await connect<typeof dots>(url.replace("http", "ws"), { game: "dots" });
			room = joined;
			const { id, moduleHash } = joined;
			await edit("f32, i8, u8 }", "bool, f32, i8, u16, u8 }", "schema.ts");
			await edit(from, to, "schema.ts");
			await expect
				.poll(() => [joined.status, joined.moduleHash === moduleHash], { timeout: 20_000 })
				.toEqual(["playing", false]);
			expect(joined.id).toBe(id);
			expect(output.text).not.toContain("pin");
		},
		60_000,
	);

	it("puts a saved change into the running game, state kept; shows what does not compile", async () => {
		const { url, output, edit } = await startDev();
		const joined = await connect<typeof dots>(url.replace("http", "ws"), {
			game: "dots",
			interpolate: false,
		});
		room = joined;
		joined.input.dx = 0;
		await expect.poll(() => joined.stats.tick).toBeGreaterThan(30);
		joined.update();
		const x = joined.state.dot.x[0];

		const swaps: string[] = [];
		joined.onSwap(({ moduleHash }) => swaps.push(moduleHash));
		await edit("dot.y[i] +=", "dot.y[i] += 1; dot.y[i] +=");
		await expect.poll(() => swaps.length, { timeout: 20_000 }).toBe(1);
		const took = Number(/after (\d+) ms/.exec(output.text)?.[1]);
		console.log(`save to swap: ${took} ms`);
		await expect
			.poll(() => {
				joined.update();
				return joined.state.dot.y[0];
			})
			.toBeGreaterThan(5);
		expect(joined.state.dot.x[0]).toBe(x);

		const notices: (string | null)[] = [];
		joined.onNotice((text) => notices.push(text));
		await edit("dot.spawn()", "dot.spawn() + nonsense");
		await expect.poll(() => notices.length, { timeout: 20_000 }).toBe(1);
		expect(notices[0]).toMatch(
			/ERR_COMPILE[\s\S]*Cannot find name 'nonsense'[\s\S]*main\.ts\(\d+,\d+\)/,
		);
		expect(output.text).toContain("Cannot find name 'nonsense'");
		const tick = joined.stats.tick;
		await expect.poll(() => joined.stats.tick).toBeGreaterThan(tick + 30);

		await edit("dot.spawn() + nonsense", "dot.spawn()");
		await expect.poll(() => notices.at(-1), { timeout: 20_000 }).toBeNull();
		expect(joined.status).toBe("playing");
	}, 90_000);

	it("says what is wrong with a folder that holds no game", async () => {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-dev-test-"));
		const empty = runCli(["dev", folder, "--port", "0"]);
		let text = "";
		empty.stderr?.on("data", (chunk) => {
			text += chunk;
		});
		const [code] = await once(empty, "close");
		expect(code).toBe(1);
		expect(text).toContain("ERR_CONFIG: there is no schema.ts");
	});
});

describe("hotstep new", () => {
	it("makes a game that can be played at once, page and all", async () => {
		const folder = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-new-test-")), "coin-run");
		const made = runCli(["new", folder]);
		expect(await once(made, "exit")).toEqual([0, null]);
		const dev = runCli(["dev", folder, "--port", "0", "--log", "error"]);
		child = dev;
		let text = "";
		dev.stdout?.on("data", (chunk) => {
			text += chunk;
		});
		await expect.poll(() => text, { timeout: 30_000 }).toMatch(/serves coin-run on http/);
		const url = /http:\/\/\S+/.exec(text)?.[0] ?? "";
		expect(await (await fetch(url)).text()).toContain("<title>coin-run</title>");
		expect((await fetch(`${url}/main.js`)).headers.get("content-type")).toContain("javascript");
		const joined = await connect(url.replace("http", "ws"), { game: "coin-run" });
		room = joined as never;
		await expect.poll(() => joined.stats.tick).toBeGreaterThan(5);
	});

	it("builds for deployment with its page", async () => {
		const folder = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-new-test-")), "coin-run");
		expect(await once(runCli(["new", folder]), "exit")).toEqual([0, null]);
		expect(await once(runCli(["build", folder]), "exit")).toEqual([0, null]);
		const out = path.join(folder, "generated/game");
		const served = await startServer([`${out}.wasm`, "--page", `${out}-page`]);
		try {
			expect(await (await fetch(served.url)).text()).toContain("<title>coin-run</title>");
			expect((await fetch(`${served.url}/main.js`)).status).toBe(200);
		} finally {
			await served.stop();
		}
	}, 30_000);

	it.each([["Bad Name"], [tmpdir()]])("refuses %s", async (name) => {
		const made = runCli(["new", name]);
		let text = "";
		made.stderr?.on("data", (chunk) => {
			text += chunk;
		});
		expect(await once(made, "exit")).toEqual([1, null]);
		expect(text).toContain("ERR_CONFIG");
	});
});
