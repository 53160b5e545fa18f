import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "../../../client/index.ts";
import type { Log, LogLevel } from "../../../server/log.ts";
import { createLog } from "../../../server/ops/json-log.ts";
import { type LiveServer, listen, openSocket } from "../../support/live-server.ts";
import { runCli } from "../../support/start-server.ts";
import { loadVariant, replace } from "../../support/variant.ts";

interface Line {
	readonly level: LogLevel;
	readonly message: string;
	readonly fields: Readonly<Record<string, unknown>>;
}

describe("the log", () => {
	let live: LiveServer | null = null;
	afterEach(() => live?.server.close());

	it("is one JSON object a line, from a level up", () => {
		const lines: string[] = [];
		const log = createLog("warn", { line: (text) => lines.push(text) });
		log("info", "not this");
		log("warn", "this", { room: "r", tick: 3, name: 'a "name"\n' });
		expect(lines).toHaveLength(1);
		const { time, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
		expect(rest).toEqual({
			level: "warn",
			message: "this",
			room: "r",
			tick: 3,
			name: 'a "name"\n',
		});
		expect(new Date(String(time)).toISOString()).toBe(time);
	});

	it("takes its level from HOTSTEP_LOG", async () => {
		const start = async (level: string): Promise<string> => {
			const child = runCli(["start", "--port", "0", "--workers", "0", "dist/games/arena.wasm"], {
				...process.env,
				HOTSTEP_LOG: level,
			});
			let stderr = "";
			child.stderr?.on("data", (part) => {
				stderr += part;
			});
			const [said] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
			const { ws } = await openSocket(/http:\S+/.exec(String(said))?.[0] ?? "");
			ws.send("text is not allowed");
			await once(ws, "close");
			child.kill("SIGTERM");
			await once(child, "close");
			return stderr;
		};
		expect(await start("error")).toBe("");
		const lines = (await start("info"))
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line) as Record<string, unknown>);
		expect(lines).toMatchObject([
			{ message: "started", pid: expect.any(Number), games: [{ name: "arena" }] },
			{ level: "info", message: "dropped", name: "ERR_TEXT_FRAME", address: "127.0.0.1" },
			{ message: "stopping", signal: "SIGTERM", rooms: 0 },
			{ message: "stopped" },
		]);
	}, 30_000);

	it("writes whatever its fields hold, under names that stay its own", async () => {
		let line = "";
		const log = createLog("info", {
			line(text) {
				line = text;
			},
		});
		log("info", "told", { message: "not this", level: 7, seed: 2n ** 60n });
		const seed = String(2n ** 60n);
		expect(JSON.parse(line)).toMatchObject({ level: "info", message: "told", seed });
	});

	it("names room, tick and player", async () => {
		const lines: Line[] = [];
		const log: Log = (level, message, fields = {}) => lines.push({ level, message, fields });
		const game = await loadVariant({
			main: replace(
				"export function tick(): void {",
				"export function tick(): void {\n\tif (input.dx[0] == 66) unreachable();",
			),
		});
		live = await listen({ games: [game], log });
		const room = await connect(live.url.replace("http", "ws"), { game: "dots", name: "Ann" });
		(room.input as Record<string, unknown>).dx = 66;
		const find = (message: string) => lines.find((line) => line.message === message);
		await expect
			.poll(() => find("tick failed")?.fields)
			.toMatchObject({
				room: room.id,
				tick: expect.any(Number),
				kind: "trap",
				outcome: { kind: "retried", withoutPlayer: 0 },
			});
		expect(find("joined")).toMatchObject({
			level: "info",
			fields: { room: room.id, player: 0, tick: expect.any(Number), address: "127.0.0.1" },
		});
		const { ws } = await openSocket(live.url);
		ws.send("text is not allowed");
		await expect.poll(() => find("dropped")?.fields).toMatchObject({ name: "ERR_TEXT_FRAME" });
		room.leave();
		await expect
			.poll(() => find("left"))
			.toMatchObject({
				level: "info",
				fields: { room: room.id, player: 0, address: "127.0.0.1", forGood: true },
			});
	});
});
