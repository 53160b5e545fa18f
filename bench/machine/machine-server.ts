import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { WorkerLine } from "../../protocol/admin-answers.ts";
import { ChildError } from "../load/child.ts";
import { DIST } from "../root.ts";

const TOKEN = "a token of measurements";
const START_MS = 60_000;

/** A room as `/rooms` lists it. */
export interface ListedRoom {
	readonly id: string;
	readonly worker: number;
	readonly players: number;
}

/** `hotstep start` with workers, as an operator runs it: a process group of its own, and one folder for all its lives. */
export class MachineServer {
	private readonly folder: string;
	private readonly workers: number;
	private process: ChildProcess | null = null;
	port = 0;

	private constructor(folder: string, workers: number) {
		this.folder = folder;
		this.workers = workers;
	}

	/** Starts a server of arena. */
	static async start(workers: number): Promise<MachineServer> {
		const folder = await mkdtemp(path.join(tmpdir(), "hotstep-bench-"));
		const server = new MachineServer(folder, workers);
		await server.run();
		return server;
	}

	/** Starts it on the port and with the data that it had. @throws ChildError when it does not come up */
	async run(): Promise<void> {
		const words = [path.join(DIST, "server/cli.js"), "start", path.join(DIST, "games/arena.wasm")];
		const flags = ["--port", String(this.port), "--no-page", "--log", "error", "--no-balance"];
		const own = ["--workers", String(this.workers), "--data", this.folder];
		const child = spawn(process.execPath, [...words, ...flags, ...own], {
			// a kill of its group must not be ours
			detached: true,
			env: { ...process.env, HOTSTEP_ADMIN_TOKEN: TOKEN },
			stdio: ["ignore", "pipe", "ignore"],
		});
		this.process = child;
		this.port = await new Promise<number>((resolve, reject) => {
			const late = setTimeout(() => reject(new ChildError("the server does not start")), START_MS);
			let output = "";
			child.stdout?.on("data", (text) => {
				output += text;
				const port = /http:\/\/\S+:(\d+)/.exec(output)?.[1];
				if (port === undefined) return;
				clearTimeout(late);
				resolve(Number(port));
			});
			child.once("exit", (code) => reject(new ChildError(`the server ended with ${code}`)));
		});
	}

	/** Asks as its operator. @throws ChildError for what it refuses */
	async ask<T>(target: string, method = "GET", body?: string): Promise<T> {
		const response = await fetch(`http://127.0.0.1:${this.port}${target}`, {
			method,
			headers: { authorization: `Bearer ${TOKEN}` },
			...(body === undefined ? {} : { body }),
		});
		const answer = (await response.json()) as T & { error?: string };
		if (answer.error !== undefined) throw new ChildError(`${target}: ${answer.error}`);
		return answer;
	}

	/** Opens so many rooms; gives the ids of all that are open. */
	async openRooms(count: number): Promise<string[]> {
		for (let i = 0; i < count; i++) await this.ask("/admin/games/arena/rooms", "POST");
		return (await this.rooms()).map(({ id }) => id);
	}

	rooms(): Promise<ListedRoom[]> {
		return this.ask("/rooms");
	}

	workerLines(): Promise<WorkerLine[]> {
		return this.ask("/admin/workers");
	}

	/** CPU of all its processes since they began, s. */
	async cpuSeconds(): Promise<number> {
		const headers = { authorization: `Bearer ${TOKEN}` };
		const response = await fetch(`http://127.0.0.1:${this.port}/metrics`, { headers });
		const found = (await response.text()).matchAll(
			/^process_cpu_seconds_total(?:\{[^}]*\})? (\S+)/gm,
		);
		return [...found].reduce((sum, [, value]) => sum + Number(value), 0);
	}

	/** Kills every process of it at once. */
	async killAll(): Promise<void> {
		const { process: child } = this;
		if (!child?.pid) return;
		const ended = once(child, "exit");
		process.kill(-child.pid, "SIGKILL");
		await ended;
	}

	/** Ends it, and whoever took over from it; nothing is left. */
	async stop(): Promise<void> {
		try {
			if (this.process?.pid) process.kill(-this.process.pid, "SIGKILL");
		} catch {
			// they are gone already
		}
		await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}
}
