import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "../../client/index.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { runCli, runToEnd, type StartedServer, startServer } from "../support/start-server.ts";
import { buildVariant } from "../support/variant.ts";

let server: StartedServer | null = null;
afterEach(async () => {
	await server?.stop();
	server = null;
});

async function startDots(): Promise<StartedServer> {
	server = await startServer([await moduleFile("dots"), "--no-page"]);
	return server;
}

/** Rules whose log lines all differ, so that none is held back. */
function chattyGame(): Promise<string> {
	return buildVariant({
		main: (source) =>
			source
				.replace("import { ctx,", "import { ctx, log,")
				.replace(
					"export function tick(): void {",
					'let said = 0;\nexport function tick(): void {\n\tfor (let n = 0; n < 16; n++) log((said++).toString() + "-".repeat(150));',
				),
	});
}

describe("hotstep start", () => {
	it("tells its health, its rooms, and serves modules by their hash", async () => {
		const { url } = await startDots();
		const room = await connect(url.replace("http", "ws"), { game: "dots", name: "Ann" });
		expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: "ok", rooms: 1 });
		const rooms = await (await fetch(`${url}/rooms`)).json();
		expect(rooms).toMatchObject([
			{ game: "dots", players: 1, maxPlayers: 16, hash: room.moduleHash },
		]);
		const module = await fetch(`${url}/modules/${room.moduleHash}.wasm`);
		expect(module.headers.get("cache-control")).toContain("immutable");
		expect(WebAssembly.validate(await module.arrayBuffer())).toBe(true);
		room.leave();
	});

	it("closes with 1001 and ERR_SERVER_SHUTDOWN on SIGTERM, and exits 0", async () => {
		const { url, process: child } = await startDots();
		const room = await connect(url.replace("http", "ws"), {
			game: "dots",
			name: "Ann",
			reconnect: false,
		});
		const closed = new Promise((resolve) => room.onStatus(resolve));
		child.kill("SIGTERM");
		expect(await closed).toBe("closed");
		expect(room.ending).toEqual({ name: "ERR_SERVER_SHUTDOWN", code: 1001 });
		const code = child.exitCode ?? (await once(child, "exit"))[0];
		expect(code).toBe(0);
	});

	it.each([
		["goes away", true],
		["stops to read", false],
	])(
		"plays on, answers and stops when whoever reads its log %s",
		async (_, goesAway) => {
			const child = runCli(["start", await chattyGame(), "--no-page", "--port", "0"]);
			child.stderr?.pause();
			if (goesAway) child.stderr?.destroy();
			const [output] = await once(child.stdout as NodeJS.EventEmitter, "data");
			const url = /http:\/\/\S+/.exec(String(output))?.[0] ?? "";
			const room = await connect(url.replace("http", "ws"), { game: "dots", name: "Ann" });
			// 30 ticks write 480 lines of more than 200 bytes: more than a pipe holds
			const tick = room.stats.tick;
			await expect.poll(() => room.stats.tick, { timeout: 10_000 }).toBeGreaterThan(tick + 50);
			expect((await fetch(`${url}/healthz`)).status).toBe(200);
			const metrics = await (await fetch(`${url}/metrics`)).text();
			const counts = metrics.matchAll(/^hotstep_log_lines_lost_total\{.*\} (\d+)$/gm);
			const lost = [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
			// what is not read waits, up to a mebibyte; what nobody will ever read is lost
			if (goesAway) expect(lost).toBeGreaterThan(100);
			else expect(lost).toBe(0);
			expect([room.status, room.reconnects]).toEqual(["playing", 0]);
			room.leave();
			child.kill("SIGTERM");
			const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
			expect(code).toBe(0);
		},
		60_000,
	);

	it("disposes of a room that stays empty, and keeps one through a short absence", async () => {
		const { createServer } = await import("../../server/index.ts");
		const own = await createServer({
			games: [await moduleFile("dots")],
			rooms: { emptyRoomMs: 1200 },
		});
		const { url } = await own.listen(0);
		const ws = url.replace("http", "ws");
		const first = await connect(ws, { game: "dots" });
		const { id } = first;
		first.leave();
		const second = await connect(ws, { game: "dots" });
		expect(second.id).toBe(id);
		second.leave();
		await expect.poll(() => own.rooms().length, { timeout: 10_000 }).toBe(0);
		await own.close();
	});

	it.each([
		["missing", null, "ERR_MODULE_MISSING"],
		["not wasm", Buffer.from("hello, I am a text file"), "ERR_MODULE_NOT_WASM"],
		["cut off", Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 99]), "ERR_MODULE_MALFORMED"],
		["empty", Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), "ERR_MODULE_MEMORY"],
	])("does not start with a module that is %s, and says why", async (_, bytes, name) => {
		const file = path.join(await mkdtemp(path.join(tmpdir(), "hotstep-")), "bad.wasm");
		if (bytes) await writeFile(file, bytes);
		const { code, stderr } = await runToEnd(["start", file, "--port", "0"]);
		expect(code).toBe(1);
		expect(stderr).toContain(`hotstep: ${name}: `);
	});

	it("does not start with two modules of one game, or with a folder, and says what to do", async () => {
		const file = await moduleFile("dots");
		const twice = await runToEnd(["start", file, file, "--port", "0"]);
		expect(twice.stderr).toContain(
			'hotstep: ERR_CONFIG: two of the modules are a game named "dots"',
		);
		const folder = await runToEnd(["start", path.dirname(file), "--port", "0"]);
		expect(folder.stderr).toMatch(/hotstep: ERR_MODULE_MISSING: .*: a folder; hotstep build makes/);
	});

	it("says which Node it needs", async () => {
		const fake = 'Object.defineProperty(process,"versions",{value:{node:"20.18.3"}})';
		const env = {
			...process.env,
			NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fake)}`,
		};
		const child = runCli(["start", "--port", "0"], env);
		let text = "";
		child.stderr?.on("data", (chunk) => {
			text += chunk;
		});
		expect((await once(child, "close"))[0]).toBe(1);
		expect(text).toBe("hotstep: ERR_CONFIG: Node 20.19 or newer is needed, this is 20.18.3\n");
	});

	it("says so when the address is taken, or the command is unknown", async () => {
		const { url } = await startDots();
		const taken = await runToEnd(["start", await moduleFile("dots"), "--port", new URL(url).port]);
		expect(taken).toMatchObject({ code: 1 });
		expect(taken.stderr).toContain("ERR_ADDRESS_IN_USE");
		const dev = await runToEnd(["dev", "game-logic/swarm", "--port", new URL(url).port]);
		expect(dev.stderr).toContain("ERR_ADDRESS_IN_USE");
		const elsewhere = await runToEnd(["start", await moduleFile("dots"), "--host", "203.0.113.7"]);
		expect(elsewhere.stderr).toContain("ERR_ADDRESS_UNAVAILABLE");
		expect(elsewhere.stderr).toContain("see --host");
		expect((await runToEnd(["start", "-h"])).stdout).toContain("--admin-token-file FILE");
		const unknown = await runToEnd(["frobnicate"]);
		expect(unknown.code).toBe(1);
		expect(unknown.stderr).toContain('ERR_CONFIG: there is no command "frobnicate"');
	});
});
