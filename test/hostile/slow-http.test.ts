import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type Room } from "../../client/index.ts";
import { SERVER_LIMITS } from "../../server/limits.ts";
import { PlainSockets } from "../../server/socket/plain-sockets.ts";
import { moduleFile } from "../fixtures/build-module.ts";
import { type LiveServer, listen } from "../support/live-server.ts";
import { loadFixture } from "../support/load-fixture.ts";
import { repositoryRoot } from "../support/repository-root.ts";

const sockets: Socket[] = [];
async function dial(port: number, say: string): Promise<Socket> {
	const socket = connectTcp(port, "127.0.0.1");
	sockets.push(socket);
	socket.on("error", () => {});
	await once(socket, "connect");
	socket.write(say);
	return socket;
}
afterEach(() => {
	for (const socket of sockets.splice(0)) socket.destroy();
});

describe("sockets that are no WebSockets", () => {
	it("are so many at most: the oldest makes room", async () => {
		const http = createServer((_, response) => response.end("here"));
		const plain = new PlainSockets(http, 3);
		await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
		const { port } = http.address() as AddressInfo;
		const slow: Socket[] = [];
		for (let i = 0; i < 5; i++) slow.push(await dial(port, "GET / HTTP/1.1\r\n"));
		await expect
			.poll(() => slow.map(({ closed }) => closed))
			.toEqual([true, true, false, false, false]);
		expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("here");
		expect(plain.size).toBeLessThanOrEqual(3);
		http.closeAllConnections();
		http.close();
	});

	it("are ended when their head does not come", async () => {
		const live: LiveServer = await listen({ games: [await loadFixture("dots")] });
		try {
			const socket = await dial(live.port, "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ");
			const drip = setInterval(() => socket.write("a"), 500);
			const startMs = performance.now();
			socket.resume();
			await once(socket, "close");
			clearInterval(drip);
			const tookMs = performance.now() - startMs;
			expect(tookMs).toBeGreaterThan(SERVER_LIMITS.httpHeadMs - 1_500);
		} finally {
			await live.server.close();
		}
	}, 30_000);
});

describe.runIf(process.platform === "linux")("a server that has few descriptors", () => {
	it("refuses clients by name, and goes on to tell its health", async () => {
		const cli = path.join(repositoryRoot(), "dist/server/cli.js");
		const game = await moduleFile("dots");
		const command = `ulimit -n 64; exec "${process.execPath}" "${cli}" start "${game}" --no-page --port 0`;
		const child = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
		let log = "";
		child.stderr.on("data", (chunk) => {
			log += chunk;
		});
		const [output] = await once(child.stdout, "data");
		const url = /http:\/\/\S+/.exec(String(output))?.[0] ?? "";
		const results: (Room | string)[] = [];
		for (let i = 0; i < 60; i++) {
			const options = { game: "dots", reconnect: false };
			results.push(
				await connect(url.replace("http", "ws"), options).catch(({ name }: Error) => name),
			);
		}
		const rooms = results.filter((result) => typeof result !== "string");
		const names = new Set(results.filter((result) => typeof result === "string"));
		expect(rooms.length).toBeGreaterThan(3);
		expect([...names]).toEqual(["ERR_SERVER_FULL"]);
		for (let i = 0; i < 3; i++) {
			const health = await fetch(`${url}/healthz`, { headers: { connection: "close" } });
			expect(health.status).toBe(200);
		}
		expect(log).toContain("descriptors allow fewer clients");
		for (const room of rooms) room.leave();
		child.kill("SIGTERM");
		await once(child, "exit");
	}, 60_000);
});
