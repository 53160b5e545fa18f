import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

/** A Redis of a test's own, on a free port and with an empty folder. */
export class RedisServer {
	readonly port: number;
	private readonly folder: string;
	private child: ChildProcess | null = null;

	private constructor(port: number, folder: string) {
		this.port = port;
		this.folder = folder;
	}

	static async start(given = 0): Promise<RedisServer> {
		const probe = createServer().listen(given, "127.0.0.1");
		await once(probe, "listening");
		const { port } = probe.address() as { port: number };
		await new Promise((resolve) => probe.close(resolve));
		const server = new RedisServer(port, await mkdtemp(path.join(tmpdir(), "hotstep-redis-")));
		await server.run();
		return server;
	}

	get url(): string {
		return `redis://127.0.0.1:${this.port}`;
	}

	/** Starts it again with what it had written. */
	async run(): Promise<void> {
		const options = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder];
		const child = spawn("redis-server", [...options, "--save", "", "--appendonly", "yes"]);
		this.child = child;
		await new Promise<void>((resolve, reject) => {
			child.stdout.on("data", (text: Buffer) => {
				if (text.includes("Ready to accept connections")) resolve();
			});
			child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
		});
	}

	signal(name: NodeJS.Signals): void {
		this.child?.kill(name);
	}

	async kill(): Promise<void> {
		const { child } = this;
		this.child = null;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		child.kill("SIGKILL");
		await ended;
	}

	async close(): Promise<void> {
		await this.kill();
		await rm(this.folder, { recursive: true, force: true });
	}
}
